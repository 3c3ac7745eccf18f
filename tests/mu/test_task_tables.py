"""Which tables of a run's tasks are there, and from when on."""

from __future__ import annotations

import pytest

from mu import Echo, Machine, Task, exchange, publish, sequence, wait_for
from mu.errors import InvalidMachine, InvalidTasks
from mu.task import TaskGraph
from mu.task_tables import TaskTables

MACHINE = exchange("working", Echo())


def test_of_tables_that_were_made_only_those_used_last_are_kept():
    made: list[str] = []

    def maker(name: str):
        def make() -> Machine:
            made.append(name)
            return MACHINE

        return make

    tables = TaskTables(TaskGraph(Task(name, maker(name)) for name in "abc"), kept=2)
    for name in "abacab":
        tables.of(name)
    assert made == ["a", "b", "c", "b"]


def test_machines_that_are_given_are_checked_at_once_restore_machines_too():
    twice = sequence(MACHINE, MACHINE)
    for task in (Task("t", twice), Task("t", MACHINE, restore=twice)):
        with pytest.raises(InvalidMachine, match="two states are named"):
            TaskTables(TaskGraph([task]))


def test_functions_and_machines_stand_side_by_side():
    graph = TaskGraph(
        [
            Task("a", sequence(MACHINE, publish("ready"))),
            Task("b", lambda: MACHINE, needs=("a",)),
            Task("c", wait_for("ready"), needs=("b",), restore=lambda: MACHINE),
        ]
    )
    tables = TaskTables(graph)
    assert tables.facts("a") == {"ready"}
    assert tables.facts("b") == frozenset()
    assert (
        tables.of("b").names
        == tables.of("c", restoring=True).names
        == ("working", "done", "failed")
    )


def test_a_fact_is_not_looked_for_in_machines_that_are_made_by_functions():
    tasks = [Task("a", lambda: publish("ready")), Task("b", wait_for("ready"), needs=("a",))]
    with pytest.raises(InvalidTasks, match="b waits for 'ready'"):
        TaskTables(TaskGraph(tasks))


def test_a_hundred_thousand_tasks_cost_no_table():
    def unwanted() -> Machine:
        raise AssertionError("made too early")

    graph = TaskGraph(Task(f"t{n}", unwanted, restore=unwanted) for n in range(100_000))
    TaskTables(graph)
