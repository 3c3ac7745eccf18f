"""Facts between the machines of a run. Pure.

A task that waits for a fact must come behind one that publishes it, or the schedule could give
every worker a task that waits and have none left for the one that is waited for.
"""

from __future__ import annotations

from collections.abc import Mapping

from mu.errors import InvalidTasks
from mu.table import Table
from mu.task import TaskGraph


def check_facts(graph: TaskGraph, tables: Mapping[str, Table]) -> None:
    """Raises InvalidTasks if a task waits for what nobody before it publishes.

    Tasks without a table do neither.
    """
    for name, table in tables.items():
        missing = table.awaited - table.facts
        if missing:
            before = (tables[other] for other in _before(graph, name) if other in tables)
            missing = missing.difference(*(other.facts for other in before))
        if missing:
            raise InvalidTasks(
                f"{name} waits for {min(missing)!r}, which no task that it needs or comes after"
                " publishes"
            )


def _before(graph: TaskGraph, name: str) -> set[str]:
    """All tasks that `name` needs or comes after, directly or through others."""
    found: set[str] = set()
    front = [name]
    while front:
        task = graph[front.pop()]
        for other in (*task.needs, *task.after):
            if other not in found:
                found.add(other)
                front.append(other)
    return found
