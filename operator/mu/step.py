"""How a machine moves: `step(table, position, event) -> (position, effects)`. Pure.

A call is identified by a number that depends only on its state and on how often that state has been
entered, never on the order in which branches happened to move. So the same replies lead to the same
position with the same outstanding calls, however they were interleaved; `replay` rests on this.

An event that the machine cannot take raises IllegalEvent and changes nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from mu.commands import Command, Reply, answers
from mu.errors import IllegalEvent
from mu.memory import Memory
from mu.position import Failed, Position, Succeeded, Token
from mu.table import (
    DONE,
    FAILED,
    CallState,
    ChoiceState,
    CountState,
    ForkState,
    JoinState,
    PublishState,
    Table,
    WaitState,
    successors,
)
from mu.verdict import Verdict, explanation, reason


@dataclass(frozen=True, slots=True)
class Start:
    """The first event."""


@dataclass(frozen=True, slots=True)
class Replied:
    """The call `call` was answered."""

    call: int
    reply: Reply


@dataclass(frozen=True, slots=True)
class FactPublished:
    """Some machine published `fact`; machines take note before they wait, too."""

    fact: str


Event = Start | Replied | FactPublished


@dataclass(frozen=True, slots=True)
class Issue:
    """Make the call."""

    call: int
    state: str
    command: Command


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The call's answer is no longer of use; cancel it."""

    call: int


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell all machines the fact, this one included."""

    fact: str


Effect = Issue | Withdraw | Announce


def step(table: Table, position: Position, event: Event) -> tuple[Position, tuple[Effect, ...]]:
    """The position after `event`, and what is to be done in the world."""
    if position.outcome is not None:
        raise IllegalEvent(f"the machine has ended and cannot take {event}")
    if isinstance(event, Start) == position.started:
        raise IllegalEvent(f"a machine starts once, before anything else, not with {event}")
    move = _Move(table, position)
    match event:
        case Start():
            move.position = replace(position, started=True)
            move.go([Token(table.start)])
        case Replied(call, reply):
            move.replied(call, reply)
        case FactPublished(fact):
            move.learned(fact)
    return move.position, tuple(move.effects)


def call_id(table: Table, state: CallState, visit: int) -> int:
    """The number of the call that `state` makes on its visit `visit`, counted from 0."""
    return visit * len(table.calls) + state.ordinal


class _Move:
    """One step while it is being made."""

    def __init__(self, table: Table, position: Position) -> None:
        self.table = table
        self.position = position
        self.effects: list[Effect] = []

    def replied(self, call: int, reply: Reply) -> None:
        token = next((token for token in self.position.tokens if token.call == call), None)
        if token is None or token.command is None:
            raise IllegalEvent(f"there is no call {call} outstanding to take {reply}")
        if not answers(reply, token.command):
            raise IllegalEvent(f"{type(reply).__name__} does not answer {token.command}")
        state = self.table.call(token.state)
        verdict = state.terms.verdict(token.command, reply)
        if verdict is Verdict.REPEAT and not token.repeated:
            self._remove(token)
            self._issue(state, replace(token, repeated=True), token.command)
            return
        if verdict is not Verdict.ACCEPT:
            permanent = verdict is not Verdict.RETRY
            self._fail(Failed(state.name, reason(reply), explanation(reply), permanent), token)
            return
        self._remove(token)
        self.position = replace(self.position, memory=self._memory().keeping(state.keep, reply))
        self.go([Token(state.then, reply)])

    def learned(self, fact: str) -> None:
        self.position = replace(self.position, facts=self.position.facts | {fact})
        self.go(self._woken(fact))

    def _woken(self, fact: str) -> list[Token]:
        """Takes up the tokens that waited for `fact`, moved one state on."""
        ready = [token for token in self.position.tokens if self._awaits(token, fact)]
        for token in ready:
            self._remove(token)
        return [replace(token, state=successors(self.table[token.state])[0]) for token in ready]

    def _awaits(self, token: Token, fact: str) -> bool:
        state = self.table[token.state]
        return isinstance(state, WaitState) and state.fact == fact

    def go(self, tokens: list[Token]) -> None:
        """Moves tokens on until each rests, has joined others or has come to an end.

        One that comes to `failed` ends the machine, and those behind it move no more.
        """
        moving = deque(tokens)
        while moving and self.position.outcome is None:
            moving.extend(self._enter(moving.popleft()))
        if not self.position.tokens and self.position.outcome is None:
            self._end(Succeeded(dict(self.position.memory.kept)))

    def _enter(self, token: Token) -> list[Token]:
        """One state further; the tokens that do not rest yet."""
        if token.state == DONE:
            return []
        if token.state == FAILED:
            self._fail(Failed(FAILED, "unexpected", "the machine gave up", permanent=False))
            return []
        match self.table[token.state]:
            case CallState() as state:
                self._call(state, token)
                return []
            case WaitState(then=then, fact=fact):
                if fact in self.position.facts:
                    return [replace(token, state=then)]
                self._rest(token)
                return []
            case PublishState(then=then, fact=fact):
                self.effects.append(Announce(fact))
                self.position = replace(self.position, facts=self.position.facts | {fact})
                return [replace(token, state=then), *self._woken(fact)]
            case ChoiceState() as choice:
                holds = choice.predicate(self._memory(token))
                return [replace(token, state=choice.then if holds else choice.otherwise)]
            case CountState() as count:
                return [replace(token, state=self._round(count))]
            case ForkState(branches=branches):
                return [Token(branch) for branch in branches]
            case JoinState() as join:
                return self._join(join)

    def _call(self, state: CallState, token: Token) -> None:
        source = state.command
        command = source(self._memory(token)) if callable(source) else source
        self._issue(state, Token(state.name, token.last), command)

    def _issue(self, state: CallState, token: Token, command: Command) -> None:
        call = call_id(self.table, state, self._count(state.name))
        self._rest(replace(token, call=call, command=command))
        self.effects.append(Issue(call, state.name, command))

    def _round(self, state: CountState) -> str:
        if self._count(state.name) < state.times:
            return state.body
        self._reset(state.name)
        return state.then

    def _join(self, state: JoinState) -> list[Token]:
        if self._count(state.name) + 1 < state.arity:
            return []
        self._reset(state.name)
        return [Token(state.then)]

    def _fail(self, failed: Failed, answered: Token | None = None) -> None:
        others = (token for token in self.position.calls if token is not answered)
        self.effects.extend(Withdraw(token.call) for token in others if token.call is not None)
        self._end(failed)

    def _end(self, outcome: Succeeded | Failed) -> None:
        self.position = replace(self.position, tokens=(), outcome=outcome)

    def _memory(self, token: Token | None = None) -> Memory:
        return self.position.memory.seen_from(token.last if token else None)

    def _rest(self, token: Token) -> None:
        self.position = replace(self.position, tokens=(*self.position.tokens, token))

    def _remove(self, token: Token) -> None:
        left = tuple(other for other in self.position.tokens if other is not token)
        self.position = replace(self.position, tokens=left)

    def _count(self, name: str) -> int:
        """How often this was asked of `name` before."""
        before = self.position.counts.get(name, 0)
        self.position = replace(self.position, counts={**self.position.counts, name: before + 1})
        return before

    def _reset(self, name: str) -> None:
        counts = {**self.position.counts, name: 0}
        self.position = replace(self.position, counts=counts)
