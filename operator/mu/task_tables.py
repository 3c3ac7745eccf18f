"""The tables of a run's tasks. A job may have a hundred thousand, of which few run at a time.

Machines that are given as they are, are compiled and checked at once, and their tables kept. Those
given as functions are made, compiled and checked when the task is first assigned, and of their
tables only those used last are kept. What they lead to may depend on nothing but the task: a table
that was dropped is made again.

Facts can only be checked with all machines at hand, so a machine that is made by a function may
use none.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from mu.combinators import Machine
from mu.compile import compiled
from mu.errors import InvalidTasks
from mu.facts import check_facts
from mu.table import Table
from mu.task import Task, TaskGraph

TABLES_KEPT: Final = 1024


class TaskTables:
    """Raises InvalidMachine or InvalidTasks for machines that are there and are no good."""

    def __init__(self, graph: TaskGraph, kept: int = TABLES_KEPT) -> None:
        self._graph = graph
        self._given: dict[tuple[str, bool], Table] = {}
        self._made = lru_cache(maxsize=kept)(self._make)
        self.add(graph.tasks.values())

    def add(self, tasks: Iterable[Task]) -> None:
        """The tables of tasks that are in the graph now."""
        self._given |= {
            (task.name, restoring): compiled(machine)
            for task in tasks
            for restoring, machine in ((False, task.machine), (True, task.restore))
            if isinstance(machine, Machine)
        }
        own = {name: table for (name, restoring), table in self._given.items() if not restoring}
        check_facts(self._graph, own)

    def of(self, task: str, *, restoring: bool = False) -> Table:
        """The table of the task's machine, or of its restore machine.

        Raises InvalidMachine or InvalidTasks, or whatever the function raises that makes it.
        """
        given = self._given.get((task, restoring))
        return self._made(task, restoring) if given is None else given

    def facts(self, task: str) -> frozenset[str]:
        """What the task has published once it is done."""
        table = self._given.get((task, False))
        return frozenset() if table is None else table.facts

    def _make(self, task: str, restoring: bool) -> Table:
        source = self._graph[task].restore if restoring else self._graph[task].machine
        assert source is not None, task
        table = compiled(source)
        if facts := table.facts | table.awaited:
            raise InvalidTasks(
                f"the machine of {task} uses the fact {min(facts)!r}; one that is made by a"
                " function may use none, so give the machine itself"
            )
        return table
