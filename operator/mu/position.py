"""Where a machine stands. Pure values.

A position is all that changes while a machine runs: its tokens and where they rest, how often each
call has been made, what it remembers and which facts it knows. It has an outcome once the machine
has ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mu.commands import Command, Receive, Reply, Send
from mu.memory import Memory
from mu.table import DONE, FAILED, CallState, Table, WaitState


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The machine has come to `done`; `result` is what it was told to keep."""

    result: Mapping[str, Reply]


@dataclass(frozen=True, slots=True)
class Failed:
    """The machine has come to `failed`. `reason` is one of a few words, `message` for people."""

    state: str
    reason: str
    message: str
    permanent: bool


Outcome = Succeeded | Failed


@dataclass(frozen=True, slots=True)
class Token:
    """One branch's place: the state it rests in, its latest reply, its call when it made one.

    repeated: the call is another's repetition, and is not repeated itself.
    """

    state: str
    last: Reply | None = None
    call: int | None = None
    command: Command | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """A value; `step` makes a new one. `counts`: visits of calls, rounds of loops, tokens that
    have arrived at joins, by state."""

    tokens: tuple[Token, ...] = ()
    memory: Memory = field(default_factory=Memory)
    facts: frozenset[str] = frozenset()
    counts: Mapping[str, int] = field(default_factory=dict)
    started: bool = False
    outcome: Outcome | None = None

    @property
    def calls(self) -> Iterator[Token]:
        """The tokens with a call that has not been answered."""
        return (token for token in self.tokens if token.call is not None)

    @property
    def blocked(self) -> bool:
        """Whether the machine waits for another one: a message or a fact is outstanding.

        Programs that run beside it are taken to wait for it too.
        """
        return any(token.call is None or _receives(token) for token in self.tokens)

    def has_sent(self, table: Table) -> bool:
        """Whether some message may have been sent whole: a Send has been called, if only just now.

        One from a pipe is not whole before the messages that are being received.
        """
        receiving = any(map(_receives, self.tokens))
        return any(
            isinstance(state, CallState)
            and self.counts.get(state.name)
            and (callable(state.command) or _sends(state.command, receiving=receiving))
            for state in table
        )


def _receives(token: Token) -> bool:
    return isinstance(token.command, Receive)


def _sends(command: Command, *, receiving: bool) -> bool:
    return isinstance(command, Send) and not (command.pipe and receiving)


def shown_state(position: Position) -> str:
    """The one state that is shown for a position: what a person would say it is doing.

    An outstanding message says most, for all else is waiting for it; then the first branch that has
    a call, then a message that a program has yet to write, then a wait for a fact.
    """
    match position.outcome:
        case Succeeded():
            return DONE
        case Failed():
            return FAILED
        case None if not position.tokens:
            return DONE
        case None:
            return min(position.tokens, key=_silence).state


def _silence(token: Token) -> int:
    match token.command:
        case Receive():
            return 0
        case Send(pipe=True):
            return 2
        case None:
            return 3
        case _:
            return 1


def waits(table: Table, position: Position) -> list[str]:
    """The facts that the machine waits for."""
    states = (table[token.state] for token in position.tokens if token.call is None)
    return [state.fact for state in states if isinstance(state, WaitState)]
