"""What machines compile to, how tables are checked and drawn."""

from __future__ import annotations

import shutil
import subprocess
from types import MappingProxyType

import pytest
from hypothesis import given

from mu.checks import check
from mu.combinators import (
    exchange,
    if_then_else,
    parallel,
    publish,
    repeat,
    sequence,
    wait_for,
    while_,
)
from mu.commands import Echo, Receive, Run
from mu.compile import compiled
from mu.errors import InvalidMachine
from mu.graph import dot, mermaid
from mu.table import CallState, Table, WaitState
from tests.mu.machines import machines

RUN = Run(("xc", "rebase", "--quickly"))


def a(name="a", **more):
    return exchange(name, RUN, **more)


@given(machines())
def test_every_machine_compiles_to_a_sound_table(machine):
    table = compiled(machine)
    assert len(set(table.names)) == len(table.names)
    assert [state.ordinal for state in table.calls] == list(range(len(table.calls)))


@given(machines())
def test_every_machine_can_be_drawn(machine):
    table = compiled(machine)
    for drawing in (mermaid(table), dot(table)):
        assert all(name in drawing for name in table.states)


def test_names_that_people_see_are_those_of_calls_and_waits_and_the_two_ends():
    table = compiled(sequence(a(), repeat(3, a("b")), publish("y"), wait_for("x", name="c")))
    assert set(table.names) == {"a", "b", "c", "done", "failed"}
    assert table.facts == {"y"}


@pytest.mark.parametrize(
    ("machine", "message"),
    [
        (sequence(a(), a()), "two states are named 'a'"),
        (a("done"), "cannot be named 'done'"),
        (a(""), "cannot be named ''"),
        (repeat(-1, a()), "repeated -1 times"),
        (while_(bool, publish("x")), "never rests"),
        (repeat(2, if_then_else(bool, a(), sequence())), "never rests"),
        (parallel(a("a", keep="k"), a("b", keep="k")), "both keep 'k'"),
    ],
)
def test_a_machine_that_cannot_be_is_refused(machine, message):
    with pytest.raises(InvalidMachine, match=message):
        compiled(machine)


@pytest.mark.parametrize(
    ("states", "message"),
    [
        ([WaitState("a", "b", "x")], "does not exist"),
        ([WaitState("a", "done", "x"), WaitState("b", "done", "x")], "nothing leads to 'b'"),
        ([WaitState("a", "b", "x"), WaitState("b", "a", "x")], "no way to 'done'"),
    ],
)
def test_a_table_that_leads_nowhere_is_refused(states, message):
    table = Table("a", MappingProxyType({state.name: state for state in states}))
    with pytest.raises(InvalidMachine, match=message):
        check(table)


def test_a_drawing_tells_what_each_state_does():
    machine = sequence(
        exchange("waiting", Receive("me", "state", "in")),
        a("rebasing"),
        if_then_else(bool, exchange("saying", Echo("x")), label='is it "good"?'),
    )
    drawing = mermaid(compiled(machine))
    assert "rebasing<br>run xc rebase" in drawing
    assert "waiting<br>receive state" in drawing
    assert "is it &quot;good&quot;?" in drawing
    assert "-->|no|" in drawing


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")
def test_graphviz_understands_the_drawing():
    text = dot(compiled(parallel(a('quoted "name"'), sequence(a("b"), publish("x\\y")))))
    subprocess.run(["dot", "-Tsvg"], input=text, text=True, check=True, capture_output=True)


def test_calls_are_found_by_name():
    table = compiled(a())
    assert isinstance(table.call("a"), CallState)
