"""What happens again and again is told once a minute."""

from __future__ import annotations

from typing import Any

import grpc

from mu import server as door
from mu.seldom import REMEMBERED, TOLD_SECONDS, Seldom
from mu.session import Refused


def test_the_same_is_told_again_only_after_a_minute():
    seldom = Seldom()
    assert seldom.due("no such job", 5.0)
    assert not seldom.due("no such job", 5.0)
    assert not seldom.due("no such job", 5.0 + TOLD_SECONDS - 1)
    assert seldom.due("no such job", 5.0 + TOLD_SECONDS)
    assert not seldom.due("no such job", 6.0 + TOLD_SECONDS)


def test_something_else_is_told_at_once():
    seldom = Seldom()
    assert seldom.due("no such job a", 0.0)
    assert seldom.due("no such job b", 0.0)


def test_what_was_told_is_not_remembered_without_bounds():
    seldom = Seldom()
    for number in range(REMEMBERED + 1):
        seldom.due(f"job {number}", 0.0)
    assert seldom.due("job 0", 1.0)
    assert not seldom.due(f"job {REMEMBERED}", 1.0)


class NobodyHere:
    """A server without runs."""

    async def serve(self, stream):
        raise Refused(grpc.StatusCode.UNAVAILABLE, f"job {stream} is not being run here now")


class Stream(str):
    """Of a worker of the job of that name."""

    __slots__ = ()

    def peer(self):
        return "ipv4:10.0.0.1:1"

    async def abort(self, code, message):
        assert code is grpc.StatusCode.UNAVAILABLE


async def test_dials_in_vain_are_written_of_once_for_each_job(caplog):
    nobody: Any = NobodyHere()
    servicer = door._Servicer(nobody)
    streams: list[Any] = [Stream("a"), Stream("b")] * 3
    for stream in streams:
        await servicer.Work(None, stream)
    assert len([one for one in caplog.records if "not being run here" in one.getMessage()]) == 2
