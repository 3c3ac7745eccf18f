"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def markdown(
    title: str, head: Sequence[str], rows: Iterable[Sequence[str]], notes: Iterable[str] = ()
) -> str:
    """A headed table, and what is to be said below it."""
    return "\n".join([*lines(title, head, rows), *(f"{note}\n" for note in notes)])


def lines(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A headed table line by line, each as soon as its row is there."""
    yield from (f"### {title}", "", _row(head), _row(["---"] * len(head)))
    yield from map(_row, rows)
    yield ""


def percent(value: float) -> str:
    """A signed percentage."""
    return f"{value:+.1f} %"


def times(value: float) -> str:
    """A ratio."""
    return f"{value:.2f} ×"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
