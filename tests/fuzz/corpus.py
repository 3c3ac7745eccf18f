"""The targets by name, and the inputs that are kept for each."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).parent
TARGETS = tuple(sorted(path.stem for path in (FOLDER / "targets").glob("[a-z]*.py")))

Target = Callable[[bytes], None]


def target(name: str) -> Target:
    """The function that takes one input: it returns, or raises what is then a finding."""
    one: Target = importlib.import_module(f"tests.fuzz.targets.{name}").one
    return one


def inputs(name: str) -> list[Path]:
    """The kept inputs of a target: seeds (`seed-…`) and findings that were mended."""
    return sorted((FOLDER / "corpus" / name).iterdir())
