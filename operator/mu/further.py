"""Work that is known only when other work is done.

A run may be given, beside its first tasks, a function that is asked what else there is to do each
time all tasks so far are done. Workers stay while it finds out. What it answers may depend on
nothing that another coordinator could not find as well: one that takes the run up begins with the
tasks that were being done, and asks on from there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mu.task import Task


@dataclass(frozen=True, slots=True)
class Batch:
    """Tasks of an open run; they may need, or come after, those of earlier batches. done: those of
    them that were finished earlier, whose messages are taken for lost. last: whether it is known
    that nothing comes behind them, so that workers may go when there is nothing left to assign."""

    tasks: tuple[Task, ...]
    done: frozenset[str] = frozenset()
    last: bool = False


Further = Callable[[], Awaitable[Batch | None]]
"""The next batch; None if that was all. What it raises ends the run."""
