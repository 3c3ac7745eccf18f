"""What must hold of a table before anything runs by it. Pure.

- Every name that is mentioned is there, and every state can be reached.
- From every state the machine can come to an end.
- Every loop rests somewhere: one that does not would never return from a step.
- Branches that run at the same time keep their replies under different names; otherwise what is
  kept would depend on who is faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mu.errors import InvalidMachine
from mu.table import (
    DONE,
    TERMINAL,
    CallState,
    CountState,
    ForkState,
    RestingState,
    State,
    Table,
    successors,
)

Successors = Callable[[str], Iterable[str]]


def check(table: Table) -> None:
    """Raises InvalidMachine with the first thing that is wrong."""
    _check_names(table)
    _check_reachable(table)
    _check_ends(table)
    _check_loops(table)
    for state in table:
        if isinstance(state, ForkState):
            _check_branches(table, state)


def _check_names(table: Table) -> None:
    known = table.states.keys() | TERMINAL
    for name, state in table.states.items():
        if name != state.name:
            raise InvalidMachine(f"state {state.name!r} is entered in the table as {name!r}")
        for after in successors(state):
            if after not in known:
                raise InvalidMachine(f"{name!r} leads to {after!r}, which does not exist")
    if table.start not in known:
        raise InvalidMachine(f"the first state, {table.start!r}, does not exist")


def _check_reachable(table: Table) -> None:
    reached = _reached([table.start], _successors_in(table))
    for name in table.states:
        if name not in reached:
            raise InvalidMachine(f"nothing leads to {name!r}")


def _check_ends(table: Table) -> None:
    before: dict[str, list[str]] = {}
    for state in table:
        for after in successors(state):
            before.setdefault(after, []).append(state.name)
    ending = _reached(TERMINAL, lambda name: before.get(name, ()))
    for name in table.states:
        if name not in ending:
            raise InvalidMachine(f"from {name!r} there is no way to {DONE!r}")


def _check_loops(table: Table) -> None:
    """Peels off states from which every way comes to rest; what is left goes round in circles."""
    restless = {state.name for state in table if not isinstance(state, RestingState)}
    while restless:
        peeled = {name for name in restless if _comes_to_rest(table[name], restless)}
        if not peeled:
            raise InvalidMachine(f"a loop through {min(restless)!r} never rests")
        restless -= peeled


def _comes_to_rest(state: State, restless: set[str]) -> bool:
    match state:
        case CountState(body=body):
            return body not in restless  # the way on leads through the body first
        case ForkState(branches=branches):
            return any(name not in restless for name in branches)  # the join waits for them all
        case _:
            return restless.isdisjoint(successors(state))


def _check_branches(table: Table, fork: ForkState) -> None:
    def within(name: str) -> Iterable[str]:
        return () if name == fork.join else _successors_in(table)(name)

    keepers: dict[str, int] = {}
    for index, branch in enumerate(fork.branches):
        for keep in _kept(table, _reached([branch], within) - {fork.join}):
            if keepers.setdefault(keep, index) != index:
                raise InvalidMachine(f"two branches that run at the same time both keep {keep!r}")


def _kept(table: Table, names: Iterable[str]) -> set[str]:
    states = (table.states.get(name) for name in names)
    return {state.keep for state in states if isinstance(state, CallState) and state.keep}


def _successors_in(table: Table) -> Successors:
    return lambda name: successors(table[name]) if name in table.states else ()


def _reached(start: Iterable[str], following: Successors) -> set[str]:
    reached = set(start)
    front = list(reached)
    while front:
        for name in following(front.pop()):
            if name not in reached:
                reached.add(name)
                front.append(name)
    return reached
