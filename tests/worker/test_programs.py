"""What a worker's native programs say that they are."""

from __future__ import annotations

from pathlib import Path

from excamera_worker.programs import programs
from excamera_worker.settings import Settings

COUNTING = """#!/bin/sh
echo asked >> {asked}
[ "$(wc -l < {asked})" -gt 1 ] && echo "xc 1 of somewhere"
"""


def test_a_program_that_did_not_say_what_it_is_is_asked_again_and_then_no_more(
    tmp_path: Path,
) -> None:
    asked = tmp_path / "asked"
    program = tmp_path / "xc"
    program.write_text(COUNTING.format(asked=asked))
    program.chmod(0o755)
    settings = Settings(search_path=str(tmp_path))
    said = [programs(settings) for _ in range(4)]
    assert said == [(), *3 * [("xc 1 of somewhere",)]]
    assert asked.read_text().splitlines() == ["asked", "asked"]


def test_a_program_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert programs(Settings(search_path=str(tmp_path))) == ()
