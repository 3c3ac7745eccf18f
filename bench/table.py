"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def markdown(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A headed table."""
    lines = [f"### {title}", "", _row(head), _row(["---"] * len(head))]
    return "\n".join([*lines, *map(_row, rows), ""])


def percent(value: float) -> str:
    """A signed percentage."""
    return f"{value:+.1f} %"


def times(value: float) -> str:
    """A ratio."""
    return f"{value:.2f} ×"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
