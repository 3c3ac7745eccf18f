"""An S3 server that is overloaded, slow, cut off, or takes back what it gave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.chaos.case import HELD, NONE_LOST, Case, Expectation, Fails, Play, Same, beside
from tests.chaos.places import BucketPlace
from tests.chaos.store_proxy import BreakAfter, Fault, Refuse, Request, Slow, Stall, Truncate
from tests.chaos.world import Ended, Set, World

SLOW_DOWN = Refuse(503, "SlowDown", "Please reduce your request rate.")
NOT_YET = Refuse(403, "AccessDenied", "Request is not valid yet")
BACKOFF_LIMIT = 2
TRIED = 2 * HELD * (BACKOFF_LIMIT + 1)
"""Attempts, at most, until the job fails of a store that is no good any more: all chunks that two
workers hold, each as often as it may be tried. An upload that is refused ends it at once."""

EXPIRED = Refuse(400, "ExpiredToken", "The provided token has expired.")


def by_rule(rule: Callable[[Request], Fault | None]) -> Play:
    """The rule holds from the beginning."""

    async def play(world: World) -> Ended:
        world.place.proxy.on_fault = world.disturbed
        world.place.proxy.rule = rule
        return await world.run()

    return play


def once(fault: Fault, method: str = "", *endings: str) -> Callable[[Request], Fault | None]:
    """The first request of each method, or of the one, for each object, or for those whose name
    ends in one of these."""
    done: set[tuple[str, str]] = set()

    def rule(request: Request) -> Fault | None:
        path = request.path.partition("?")[0]
        which = (request.method, path)
        if which in done or not path.endswith(endings or ""):
            return None
        if method and request.method != method:
            return None
        done.add(which)
        return fault

    return rule


def first_signed(count: int, fault: Fault) -> Callable[[Request], Fault | None]:
    """So many of the requests that workers make, whose leave is in their URL."""
    left = iter(range(count))

    def rule(request: Request) -> Fault | None:
        signed = "X-Amz-Signature=" in request.path
        return fault if signed and next(left, None) is not None else None

    return rule


def after_chunks(fault: Callable[[World], object]) -> Play:
    async def disturb(world: World) -> None:
        await world.finished(3)
        world.disturbed()
        await asyncio.to_thread(fault, world)

    return beside(disturb)


def _expire(world: World) -> None:
    world.place.proxy.rule = lambda _: EXPIRED


def _refuse_output(world: World) -> None:
    name = world.place.output.rpartition("/")[2]

    def rule(request: Request) -> Fault | None:
        mine = request.path.partition("?")[0].endswith(f"/{name}")
        return SLOW_DOWN if mine and request.method in ("PUT", "POST") else None

    world.place.proxy.rule = rule


def _remove(world: World) -> None:
    assert isinstance(world.place, BucketPlace)
    world.place.remove()


def case(
    name: str,
    injected: str,
    when: str,
    play: Play,
    expect: Expectation = NONE_LOST,
    *,
    short: bool = False,
) -> Case:
    scene = Set({"backoff_limit": BACKOFF_LIMIT}, place=BucketPlace)
    return Case(name, injected, when, play, expect, scene, short=short)


CASES = [
    case(
        "store slow down",
        "503 SlowDown to the first request of each kind for each object",
        "always",
        by_rule(once(SLOW_DOWN)),
    ),
    case(
        "store times out",
        "no answer at all (read time-out: 15 s), once for each finished chunk",
        "state uploading",
        by_rule(once(Stall(60.0), "PUT", "chunk-000002.ivf", "chunk-000005.ivf")),
    ),
    case(
        "store slow",
        "source and chunks arrive at 60 kB/s",
        "always",
        by_rule(lambda request: Slow(60_000.0) if request.method == "GET" else None),
    ),
    case(
        "store truncates",
        "the first download of each object breaks off in its middle",
        "always",
        by_rule(once(Truncate(), "GET")),
    ),
    case(
        "store breaks off after writing",
        "the store takes an object and the connection breaks before it says so",
        "every object, once",
        by_rule(once(BreakAfter(), "PUT", ".ivf", ".json", ".webm")),
    ),
    case(
        "clock ahead of the store's",
        "403 “not valid yet” to what is signed for workers, until the clock is set",
        "the first two requests",
        by_rule(first_signed(2, NOT_YET)),
        Same(lost=(1, 2 * HELD)),
    ),
    case(
        "credentials expire",
        "400 ExpiredToken to every request",
        "from the third finished chunk on",
        after_chunks(_expire),
        Fails(4, ("expired", "renew"), lost=(1, TRIED)),
        short=True,
    ),
    case(
        "bucket removed",
        "the bucket is deleted, with all that is in it",
        "when three chunks are done",
        after_chunks(_remove),
        Fails(4, ("bucket",), lost=(1, TRIED)),
    ),
    case(
        "store away at the end",
        "503 SlowDown to every attempt to publish the output",
        "phase join",
        after_chunks(_refuse_output),
        Fails(4, ("out.webm",), lost=(0, 0)),
    ),
]
