"""The watch: begun anew, and at its end."""

from __future__ import annotations

import asyncio
import threading

import kopf
import pytest

from excamera_controller import handlers
from excamera_controller.api import Object
from excamera_controller.handlers import Watch


async def test_a_watch_that_breaks_off_begins_anew_and_what_it_sees_is_noted_in_our_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries = iter((OSError("forbidden"), None))

    async def operator(*, stop_flag: threading.Event, **_: object) -> None:
        if error := next(tries):
            raise error
        for event, job in (("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a"), (None, "b")):
            watch._hand_over(watch._note_job, {"type": event, "object": {"name": job}})
        stop_flag.wait()

    noted: list[tuple[Object, bool, threading.Thread]] = []
    all_seen = asyncio.Event()

    def note(seen: Object, gone: bool) -> None:
        noted.append((seen, gone, threading.current_thread()))
        if seen == {"name": "b"}:
            all_seen.set()

    monkeypatch.setattr(kopf, "operator", operator)
    monkeypatch.setattr(handlers, "AGAIN_SECONDS", 0.0)
    watch = Watch(("videos",), note, note)
    async with watch:
        await all_seen.wait()
    here = threading.current_thread()
    a, b = {"name": "a"}, {"name": "b"}
    assert noted == [(a, False, here), (a, False, here), (a, True, here), (b, False, here)]


async def test_while_a_watch_ends_the_operator_does_other_things(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Streams of workers must not stand still meanwhile."""
    released, ended = threading.Event(), threading.Event()

    def watches(_: Watch) -> None:
        released.wait()
        ended.set()

    monkeypatch.setattr(Watch, "_run", watches)
    async with Watch((), lambda *_: None, lambda *_: None):
        asyncio.get_running_loop().call_soon(released.set)
    assert ended.is_set()
    released.set()
