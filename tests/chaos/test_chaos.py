"""A fixed part of the table of fault injections; `make chaos` runs all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.case import Case
from tests.chaos.perform import Baseline, baseline, perform
from tests.chaos.table import CASES, clip

pytestmark = pytest.mark.tier("local")
SHORT = [case for case in CASES if case.short]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.mktemp("chaos"))


@pytest.fixture(scope="module")
def undisturbed(source: Path) -> Baseline:
    return baseline(source, source.with_name("baseline"))


@pytest.mark.parametrize("case", SHORT, ids=lambda case: case.name)
def test_a_disturbed_job_ends_as_it_must(
    source: Path, undisturbed: Baseline, tmp_path: Path, case: Case
) -> None:
    reason = case.missing()
    assert reason is None, reason
    row = perform(case, source, undisturbed, tmp_path / "job")
    assert not row.wrong, row


def test_every_case_has_a_name_of_its_own() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
    assert len(names) >= 30
