"""What the worker holds: for each attempt a journal, a scratch folder, values and running calls.

Exactly one reply follows each call, also when it is cancelled, unless its attempt is forgotten
first. Replies are journaled before they are emitted, so that it does not matter whether anybody
was listening.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from excamera_proto import mu_pb2
from excamera_store import Grant, Grants
from excamera_worker.commands import Commands, Result, Surroundings
from excamera_worker.failures import failure_of
from excamera_worker.journal import Attempt, Journal
from excamera_worker.scratch import Folder, Scratch
from excamera_worker.under_way import UnderWay

_log = logging.getLogger(__name__)

Emit = Callable[[mu_pb2.FromWorker], None]


@dataclass(slots=True)
class _Held:
    folder: Folder | None = None
    values: dict[str, str] = field(default_factory=dict)
    under_way: UnderWay = field(default_factory=UnderWay)
    calls: dict[int, asyncio.Task[Result]] = field(default_factory=dict)


class Attempts:
    def __init__(self, scratch: Scratch, commands: Commands, emit: Emit) -> None:
        self._scratch = scratch
        self._commands = commands
        self._emit = emit
        self._journal = Journal()
        self._held: dict[Attempt, _Held] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    def journals(self) -> list[mu_pb2.Journal]:
        return list(self._journal.messages())

    def call(self, call: mu_pb2.Call) -> None:
        """Begin a call. One that comes again is answered again, or goes on if it is running."""
        if self._closed:
            return
        attempt = Attempt.of(call.attempt)
        if reply := self._journal.answered(attempt, call.id):
            self._emit(mu_pb2.FromWorker(reply=reply))
        elif self._journal.begin(attempt, call.id):
            held = self._held.setdefault(attempt, _Held())
            task = asyncio.ensure_future(self._carry_out(attempt, held, call))
            held.calls[call.id] = task
            task.add_done_callback(
                functools.partial(self._ended, attempt, held, call, time.monotonic())
            )

    def cancel(self, cancel: mu_pb2.Cancel) -> None:
        """Stop a call, which is then answered with CANCELLED; nothing if it has ended."""
        held = self._held.get(Attempt.of(cancel.attempt))
        if held and (task := held.calls.get(cancel.id)):
            task.cancel()

    def forget(self, attempt: Attempt) -> None:
        """Drop everything of an attempt: its calls are stopped and not answered any more."""
        self._journal.forget(attempt)
        if held := self._held.pop(attempt, None):
            ending = asyncio.ensure_future(_end(held))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """Forget all and wait until no child is left. Calls that come later are not begun."""
        self._closed = True
        for attempt in list(self._held):
            self.forget(attempt)
        while self._ending:
            await asyncio.wait(self._ending)

    async def _carry_out(self, attempt: Attempt, held: _Held, call: mu_pb2.Call) -> Result:
        if held.folder is None:
            held.folder = self._scratch.folder(attempt)
        progress = functools.partial(self._progress, attempt, call.id)
        grants = Grants(Grant(one.method, one.url, one.signed) for one in call.grants)
        around = Surroundings(held.folder, held.values, progress, held.under_way, grants)
        return await self._commands.carry_out(call.command, around)

    def _ended(
        self,
        attempt: Attempt,
        held: _Held,
        call: mu_pb2.Call,
        began: float,
        task: asyncio.Task[Result],
    ) -> None:
        held.calls.pop(call.id, None)
        reply = _reply(attempt, call.id, time.monotonic() - began, _result(attempt, call, task))
        # A forgotten attempt may be held anew; what ends late belongs to the old one.
        if self._held.get(attempt) is held and self._journal.answer(reply):
            self._emit(mu_pb2.FromWorker(reply=reply))

    def _progress(self, attempt: Attempt, call: int, line: str) -> None:
        progress = mu_pb2.Progress(attempt=attempt.message, id=call, line=line)
        self._emit(mu_pb2.FromWorker(progress=progress))


async def _end(held: _Held) -> None:
    tasks = list(held.calls.values())
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if held.folder:
        with contextlib.suppress(OSError):  # the worker's own folder is removed later, with all
            await asyncio.to_thread(held.folder.remove)


def _result(attempt: Attempt, call: mu_pb2.Call, task: asyncio.Task[Result]) -> Result:
    if task.cancelled():
        return mu_pb2.Failure(kind=mu_pb2.Failure.CANCELLED, message="cancelled")
    error = task.exception()
    if error is None:
        return task.result()
    failure = failure_of(error)
    what = f"{attempt}: call {call.id} ({call.command.WhichOneof('command')})"
    unexpected = error if failure.kind == mu_pb2.Failure.INTERNAL else None
    _log.warning("%s: %s", what, failure.message, exc_info=unexpected)
    return failure


def _reply(attempt: Attempt, call: int, seconds: float, result: Result) -> mu_pb2.Reply:
    reply = mu_pb2.Reply(attempt=attempt.message, id=call, seconds=seconds)
    match result:
        case mu_pb2.Value():
            reply.value.CopyFrom(result)
        case mu_pb2.Transferred():
            reply.transferred.CopyFrom(result)
        case mu_pb2.Ran():
            reply.ran.CopyFrom(result)
        case mu_pb2.Failure():
            reply.failure.CopyFrom(result)
    return reply
