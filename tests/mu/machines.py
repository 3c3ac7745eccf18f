"""Machines and replies for tests: random machines, and a worker that plays one to its end."""

from __future__ import annotations

from itertools import count

from hypothesis import strategies as st

from mu.combinators import (
    Machine,
    exchange,
    if_then_else,
    parallel,
    repeat,
    sequence,
    while_,
)
from mu.commands import REPLY_OF, Command, Echo, Ran, Receive, Reply, Run, Send, Transferred, Value
from mu.step import Issue

COMMANDS: tuple[Command, ...] = (
    Echo("hello"),
    Run(("true",)),
    Send("file", "somebody", "message"),
    Receive("me", "message", "file"),
)
FINE: dict[type[Reply], Reply] = {
    Value: Value("hello"),
    Ran: Ran(0, stdout="out"),
    Transferred: Transferred(3, "abc"),
}


def fine(command: Command) -> Reply:
    """A reply that every machine accepts."""
    return FINE[REPLY_OF[type(command)]]


def calls(effects) -> list[Issue]:
    return [effect for effect in effects if isinstance(effect, Issue)]


@st.composite
def machines(draw, depth: int = 3) -> Machine:
    """Machines that come to an end, with unique names."""
    names = count()

    def leaf() -> Machine:
        name = f"state {next(names)}"
        return exchange(
            name, draw(st.sampled_from(COMMANDS)), keep=draw(st.sampled_from(["", name]))
        )

    def made(depth: int) -> Machine:
        kinds = ["leaf", "sequence", "parallel", "repeat", "if", "while"]
        match draw(st.sampled_from(kinds if depth else ["leaf"])):
            case "sequence":
                return sequence(*(made(depth - 1) for _ in range(draw(st.integers(0, 3)))))
            case "parallel":
                return parallel(*(made(depth - 1) for _ in range(draw(st.integers(0, 3)))))
            case "repeat":
                return repeat(draw(st.integers(0, 3)), sequence(leaf(), made(depth - 1)))
            case "if":
                sound = draw(st.booleans())
                return if_then_else(lambda memory: sound, made(depth - 1), made(depth - 1))
            case "while":
                # Rounds are counted by what was kept, so the loop ends.
                name = f"state {next(names)}"
                body = exchange(name, Echo("once"), keep=name)
                return while_(lambda memory: name not in memory, body)
            case _:
                return leaf()

    return made(depth)
