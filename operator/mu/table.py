"""A machine as a frozen table of named states. Pure.

The table is all there is to know about a machine: it is stepped (`step.py`), drawn (`graph.py`)
and checked (`checks.py`). Its names are few and known beforehand, so they can label a metric.

A CallState and a WaitState are where a machine rests. All others are passed through in no time.
A machine has one or more tokens, each resting in a state of its own; a Fork makes a token for each
of its branches and the Join takes them together again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from mu.commands import Command
from mu.memory import Memory
from mu.verdict import Terms

DONE: Final = "done"
FAILED: Final = "failed"
TERMINAL: Final = frozenset({DONE, FAILED})

CommandSource = Command | Callable[[Memory], Command]
Predicate = Callable[[Memory], bool]


@dataclass(frozen=True, slots=True)
class CallState:
    """One remote call. `ordinal` numbers the table's calls from 0; see `call_id` in step.py."""

    name: str
    then: str
    command: CommandSource
    ordinal: int
    keep: str = ""
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True)
class WaitState:
    """Rests until a fact has been published."""

    name: str
    then: str
    fact: str


@dataclass(frozen=True, slots=True)
class PublishState:
    """Tells all machines of the run a fact, once and for all."""

    name: str
    then: str
    fact: str


@dataclass(frozen=True, slots=True)
class ChoiceState:
    """Goes on at `then` if the predicate holds, else at `otherwise`."""

    name: str
    then: str
    otherwise: str
    predicate: Predicate
    label: str = ""


@dataclass(frozen=True, slots=True)
class CountState:
    """Goes to `body` for the first `times` visits in a row, then to `then` and begins anew."""

    name: str
    then: str
    body: str
    times: int


@dataclass(frozen=True, slots=True)
class ForkState:
    """A token for each branch; they meet at `join`."""

    name: str
    branches: tuple[str, ...]
    join: str


@dataclass(frozen=True, slots=True)
class JoinState:
    """Waits for `arity` tokens and lets one go on."""

    name: str
    then: str
    arity: int


State = CallState | WaitState | PublishState | ChoiceState | CountState | ForkState | JoinState
RestingState = CallState | WaitState


def successors(state: State) -> tuple[str, ...]:
    """The names of the states that may follow, a failed reply not counted."""
    match state:
        case ChoiceState(then=then, otherwise=otherwise):
            return (then, otherwise)
        case CountState(then=then, body=body):
            return (body, then)
        case ForkState(branches=branches):
            return branches
        case _:
            return (state.then,)


@dataclass(frozen=True)
class Table:
    """Named states and where to start. The names `done` and `failed` are the two ends."""

    start: str
    states: Mapping[str, State]

    def __getitem__(self, name: str) -> State:
        return self.states[name]

    def __iter__(self) -> Iterator[State]:
        return iter(self.states.values())

    def call(self, name: str) -> CallState:
        state = self.states[name]
        assert isinstance(state, CallState), name
        return state

    @cached_property
    def calls(self) -> tuple[CallState, ...]:
        """By ordinal."""
        found = [state for state in self if isinstance(state, CallState)]
        return tuple(sorted(found, key=lambda state: state.ordinal))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names that people see: those of states in which a machine can rest, and the ends."""
        resting = [state.name for state in self if isinstance(state, RestingState)]
        return (*resting, DONE, FAILED)

    @cached_property
    def awaited(self) -> frozenset[str]:
        """All facts that the machine may wait for."""
        return frozenset(state.fact for state in self if isinstance(state, WaitState))

    @cached_property
    def facts(self) -> frozenset[str]:
        """All that the machine may publish."""
        return frozenset(state.fact for state in self if isinstance(state, PublishState))
