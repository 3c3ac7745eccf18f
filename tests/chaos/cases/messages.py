"""Messages between workers and coordinator that come twice, late, or before others."""

from __future__ import annotations

from tests.chaos.case import NONE_LOST, Case
from tests.chaos.relay import LateAndTwice, Relay, Shuffled, Twice
from tests.chaos.world import Ended, Set, World


async def _relayed(world: World) -> Ended:
    assert world.relay is not None
    world.relay.on_fault = world.disturbed
    return await world.run()


def case(name: str, injected: str, relay: type[Relay], *, short: bool = False) -> Case:
    return Case(name, injected, "always", _relayed, NONE_LOST, Set(relay=relay), short=short)


CASES = [
    case("messages twice", "every message of mu's protocol arrives twice", Twice, short=True),
    case(
        "messages shuffled",
        "every message takes up to 0.3 s, and replies overtake each other",
        Shuffled,
    ),
    case(
        "messages twice and shuffled",
        "every message arrives twice, each copy up to 0.3 s late",
        LateAndTwice,
    ),
]
