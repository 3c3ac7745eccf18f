"""Putting a machine back to where it was, from the replies that its attempt has given. Pure.

A worker keeps the journal of the replies of an attempt; a coordinator that has forgotten everything
replays it. Facts are not in the journal. But a reply to a call that lies beyond a wait proves that
the fact had been published, so replay lets waits pass where the journal cannot be understood
otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable

from mu.errors import IllegalEvent
from mu.position import Position, waits
from mu.step import Effect, FactPublished, Issue, Replied, Start, Withdraw, step
from mu.table import Table


def started(table: Table, facts: Iterable[str] = ()) -> tuple[Position, tuple[Effect, ...]]:
    """A machine that has just started, knowing `facts`."""
    return step(table, Position(facts=frozenset(facts)), Start())


def replay(
    table: Table, journal: Iterable[Replied], facts: Iterable[str] = ()
) -> tuple[Position, tuple[Effect, ...]]:
    """The position after `journal`, and the effects that are to be had again.

    Those are the calls that are still outstanding, to be made again under the same numbers (a
    worker takes a call that it knows for what it is), and all facts that were announced. Raises
    IllegalEvent if the journal is not one of this machine.
    """
    position, effects = started(table, facts)
    had = list(effects)
    for replied in journal:
        while not any(token.call == replied.call for token in position.tokens):
            position, effects = _past_waits(table, position, replied)
            had.extend(effects)
        position, effects = step(table, position, replied)
        had.extend(effects)
    outstanding = {token.call for token in position.calls}
    return position, tuple(effect for effect in had if _still_wanted(effect, outstanding))


def _past_waits(
    table: Table, position: Position, replied: Replied
) -> tuple[Position, tuple[Effect, ...]]:
    facts = waits(table, position)
    if not facts:
        raise IllegalEvent(f"the journal answers call {replied.call}, which was never made")
    return step(table, position, FactPublished(facts[0]))


def _still_wanted(effect: Effect, outstanding: set[int | None]) -> bool:
    match effect:
        case Issue(call):
            return call in outstanding
        case Withdraw():
            return False
        case _:
            return True
