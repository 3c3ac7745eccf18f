"""Messages between workers and coordinator that come twice, late, or before others."""

from __future__ import annotations

from tests.chaos.case import NONE_LOST, SAME, Case, Same
from tests.chaos.relay import LateAndTwice, Relay, Shuffled, Twice
from tests.chaos.world import Ended, Set, World


async def _relayed(world: World) -> Ended:
    assert world.relay is not None
    world.relay.on_fault = world.disturbed
    return await world.run()


def case(
    name: str, injected: str, relay: type[Relay], lost: Same = SAME, *, short: bool = False
) -> Case:
    """Calls that overtake each other break what gRPC promises, and cost attempts: a program may
    come before the pipe that it reads. They must cost no more than that."""
    scene = Set({"backoff_limit": 20}, relay)
    return Case(name, injected, "always", _relayed, lost, scene, short=short)


CASES = [
    case(
        "messages twice",
        "every message of mu's protocol arrives twice",
        Twice,
        NONE_LOST,
        short=True,
    ),
    case("messages shuffled", "every message takes up to 0.3 s, and overtakes others", Shuffled),
    case(
        "messages twice and shuffled",
        "every message arrives twice, each copy up to 0.3 s late",
        LateAndTwice,
    ),
]
