"""What all our programs have in common."""

from __future__ import annotations

import subprocess
import tomllib
from importlib.metadata import version

import pytest

from tests.tiers import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PROGRAMS = sorted(PROJECT["scripts"])


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_says_its_version_and_what_it_can_do(program: str) -> None:
    assert said_by(program, "--version").split() == [program, version("excamera")]
    assert said_by(program, "--help").startswith(f"usage: {program}")


@pytest.mark.parametrize("option", ["--vers", "--hel"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_no_program_takes_an_abbreviation_for_an_option(program: str, option: str) -> None:
    """Or what it means might change when an option is added."""
    done = subprocess.run([program, option], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2, done.stdout


def said_by(program: str, option: str) -> str:
    done = subprocess.run([program, option], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout
