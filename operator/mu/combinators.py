"""Combinators: small machines, put together into larger ones. Pure.

    sequence(
        exchange("fetching", Run(("fetch", url), timeout=60), keep="fetched"),
        parallel(
            exchange("waiting", Receive(recipient="b", name="state", file="in", pipe=True)),
            exchange("sending", Send("out", recipient="c", name="state", pipe=True)),
            exchange("working", Run(("work", "in", "out")), permanent_statuses={3}),
        ),
        exchange("keeping", Upload("result", url)),
    )

A machine is a value without any state; `compiled(machine)` gives its table. Names of exchanges and
waits are what people see in progress displays and metrics, and are unique within a machine.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from mu.commands import FailureKind
from mu.table import CommandSource, Predicate
from mu.verdict import Classifier, Expectation, Terms


@dataclass(frozen=True, slots=True)
class Exchange:
    name: str
    command: CommandSource
    keep: str
    terms: Terms


@dataclass(frozen=True, slots=True)
class Sequence:
    machines: tuple[Machine, ...]


@dataclass(frozen=True, slots=True)
class IfThenElse:
    predicate: Predicate
    then: Machine
    otherwise: Machine
    label: str


@dataclass(frozen=True, slots=True)
class Repeat:
    times: int
    body: Machine


@dataclass(frozen=True, slots=True)
class While:
    predicate: Predicate
    body: Machine
    label: str


@dataclass(frozen=True, slots=True)
class Parallel:
    branches: tuple[Machine, ...]


@dataclass(frozen=True, slots=True)
class WaitFor:
    fact: str
    name: str


@dataclass(frozen=True, slots=True)
class Publish:
    fact: str


Machine = Exchange | Sequence | IfThenElse | Repeat | While | Parallel | WaitFor | Publish
MachineSource = Machine | Callable[[], Machine]
"""A machine, or a function that makes one when it is needed, the same each time."""


def exchange(
    name: str,
    command: CommandSource,
    *,
    keep: str = "",
    expect: Expectation | None = None,
    allowed_statuses: Collection[int] = (0,),
    permanent_statuses: Collection[int] = (),
    tolerate: Collection[FailureKind] = (),
    classify: Classifier | None = None,
) -> Machine:
    """One call and its reply; see `verdict.Terms` for when the reply is accepted.

    `command` may be a function of the machine's memory. `keep`: the name under which the reply is
    remembered, and given out with the task's result.
    """
    terms = Terms(
        frozenset(allowed_statuses),
        frozenset(permanent_statuses),
        frozenset(tolerate),
        expect,
        classify,
    )
    return Exchange(name, command, keep, terms)


def sequence(*machines: Machine) -> Machine:
    """One after the other. An empty sequence does nothing."""
    return Sequence(machines)


def if_then_else(
    predicate: Predicate, then: Machine, otherwise: Machine | None = None, *, label: str = ""
) -> Machine:
    """Looks at the memory (`memory.last` is the last reply) to choose. `label` is for drawings."""
    return IfThenElse(predicate, then, otherwise or Sequence(()), label)


def repeat(times: int, body: Machine) -> Machine:
    """`body`, `times` times over; its states keep their names."""
    return Repeat(times, body)


def while_(predicate: Predicate, body: Machine, *, label: str = "") -> Machine:
    """`body` for as long as the predicate holds, looked at before each round."""
    return While(predicate, body, label)


def parallel(*branches: Machine) -> Machine:
    """All at once; goes on when all have finished. The failure of one cancels the others.

    Branches share the memory but must keep replies under different names, and should look only at
    what was kept before them or by themselves: the order between branches is not determined.
    """
    return Parallel(branches)


def wait_for(fact: str, *, name: str = "") -> Machine:
    """Rests until another machine of the same run has published `fact`.

    `name` is the state's, by default made of the fact; give one where facts are many.
    """
    return WaitFor(fact, name or f"waiting for {fact}")


def publish(fact: str) -> Machine:
    """Makes `fact` known to all machines of the run, for good."""
    return Publish(fact)
