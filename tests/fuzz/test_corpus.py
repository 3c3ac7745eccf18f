"""Every input that is kept, once more: what was found stays mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import make_corpus
from tests.fuzz.corpus import TARGETS, inputs, target

KEPT = [(name, path) for name in TARGETS for path in inputs(name)]


@pytest.mark.parametrize(("name", "path"), KEPT, ids=[f"{n}-{p.name}" for n, p in KEPT])
def test_a_kept_input_is_taken_or_refused(name: str, path: Path) -> None:
    target(name)(path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_has_the_seeds_that_are_made_for_it(name: str) -> None:
    seeds = make_corpus.seeds()[name]
    assert seeds
    kept = {path.name: path.read_bytes() for path in inputs(name)}
    assert {f"seed-{title}": data for title, data in seeds.items()}.items() <= kept.items()


@pytest.mark.parametrize("name", TARGETS)
def test_an_empty_input_is_an_input(name: str) -> None:
    target(name)(b"")
