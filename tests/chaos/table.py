"""All cases, the clip that they encode, and the table as Markdown."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.case import Case, Fails
from tests.chaos.cases import coordinators, messages, network, resources, stores, workers
from tests.chaos.perform import Baseline, Row
from tests.local.clips import drawn

FRAMES = 36

CASES: list[Case] = [
    *workers.CASES,
    *coordinators.CASES,
    *network.CASES,
    *messages.CASES,
    *stores.CASES,
    *resources.CASES,
]

HEADER = """\
| # | injected | when | detected after | attempts lost | chunks done again | time added | outcome |
|---:|---|---|---:|---:|---:|---:|---|"""


def clip(folder: Path) -> Path:
    """Nine chunks in two chains."""
    return drawn(folder / "clip.mp4", frames=FRAMES)


def line(number: int, row: Row, against: Baseline) -> str:
    """One row."""
    cells = [
        str(number),
        row.case.injected,
        row.case.when,
        "–" if row.noticed is None else f"{row.noticed:.1f} s",
        str(row.attempts_lost),
        _again(row),
        f"{max(0.0, row.ended.seconds - against.seconds):.1f} s",
        _outcome(row),
    ]
    return f"| {' | '.join(cells)} |"


def _again(row: Row) -> str:
    states = row.states_sent_again
    return f"{row.begun_again} and {states} states" if states else str(row.begun_again)


def _outcome(row: Row) -> str:
    if wrong := row.wrong + row.late:
        return "**wrong**: " + "; ".join(wrong)
    if isinstance(row.case.expect, Fails):
        return f"fails, exit status {row.ended.status}: “{row.ended.message}”"
    return "same bytes"
