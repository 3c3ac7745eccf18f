"""From combinators to a table of named states. Pure.

Each combinator is compiled given the name of the state that follows it, back to front, so every
`then` is known when its state is made. Exchanges and waits bring their own names; the states that
are passed through get theirs from what they are and a number.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from mu.checks import check
from mu.combinators import (
    Exchange,
    IfThenElse,
    Machine,
    MachineSource,
    Parallel,
    Publish,
    Repeat,
    Sequence,
    WaitFor,
    While,
)
from mu.errors import InvalidMachine
from mu.table import (
    DONE,
    TERMINAL,
    CallState,
    ChoiceState,
    CountState,
    ForkState,
    JoinState,
    PublishState,
    State,
    Table,
    WaitState,
)


def compiled(source: MachineSource) -> Table:
    """The machine's table, checked. InvalidMachine says what is wrong with it."""
    machine = source if isinstance(source, Machine) else source()
    compiler = _Compiler()
    start = compiler.entry(machine, DONE)
    table = Table(start, MappingProxyType(_numbered(compiler.states)))
    check(table)
    return table


def _numbered(states: dict[str, State]) -> dict[str, State]:
    """In the order of reading, with the calls numbered in that order."""
    ordinal = 0
    numbered: dict[str, State] = {}
    for name, state in reversed(states.items()):
        if isinstance(state, CallState):
            state = replace(state, ordinal=ordinal)
            ordinal += 1
        numbered[name] = state
    return numbered


@dataclass
class _Compiler:
    states: dict[str, State] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def entry(self, machine: Machine, then: str) -> str:
        """Adds the machine's states; the name of the first one, or `then` if there is none."""
        match machine:
            case Exchange(name, command, keep, terms):
                return self._add(CallState(name, then, command, -1, keep, terms))
            case Sequence(machines):
                for part in reversed(machines):
                    then = self.entry(part, then)
                return then
            case IfThenElse():
                return self._choice(machine, then)
            case Repeat():
                return self._repeat(machine, then)
            case While():
                return self._while(machine, then)
            case Parallel(branches):
                return self._fork(branches, then)
            case WaitFor(fact, name):
                return self._add(WaitState(name, then, fact))
            case Publish(fact):
                return self._add(PublishState(self._name("publish"), then, fact))

    def _choice(self, machine: IfThenElse, then: str) -> str:
        name = self._name("if")
        otherwise = self.entry(machine.otherwise, then)
        first = self.entry(machine.then, then)
        return self._add(ChoiceState(name, first, otherwise, machine.predicate, machine.label))

    def _repeat(self, machine: Repeat, then: str) -> str:
        if machine.times < 0:
            raise InvalidMachine(f"a machine cannot be repeated {machine.times} times")
        if machine.times == 0:
            return then
        name = self._name("repeat")
        body = self.entry(machine.body, name)
        return self._add(CountState(name, then, body, machine.times))

    def _while(self, machine: While, then: str) -> str:
        name = self._name("while")
        body = self.entry(machine.body, name)
        return self._add(ChoiceState(name, body, then, machine.predicate, machine.label))

    def _fork(self, branches: tuple[Machine, ...], then: str) -> str:
        if not branches:
            return then
        number = self._name("")
        join = self._add(JoinState(f"join{number}", then, len(branches)))
        entries = [self.entry(branch, join) for branch in reversed(branches)]
        return self._add(ForkState(f"fork{number}", tuple(reversed(entries)), join))

    def _name(self, what: str) -> str:
        self.counts[what] += 1
        return f"{what} {self.counts[what]}"

    def _add(self, state: State) -> str:
        if state.name in TERMINAL or not state.name:
            raise InvalidMachine(f"a state cannot be named {state.name!r}")
        if state.name in self.states:
            raise InvalidMachine(f"two states are named {state.name!r}")
        self.states[state.name] = state
        return state.name
