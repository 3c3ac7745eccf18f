"""One worker's life: dial, obey, reconnect while the coordinator is away, leave nothing behind.

Calls outlive connections: while the worker dials again its programs go on, and what they came to
is in the journal that the next Hello hands over. Only when the coordinator has been out of reach
for too long, or somebody says `leave`, are they ended.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from excamera_proto import PROTOCOL_VERSION, channels, mu_pb2
from excamera_proto.identity import COORDINATOR
from excamera_proto.mu_pb2_grpc import CoordinatorStub
from excamera_worker.attempts import Attempts
from excamera_worker.backoff import Backoff
from excamera_worker.commands import Commands
from excamera_worker.exit_codes import ExitCode
from excamera_worker.invitation import Invitation
from excamera_worker.mailboxes import Mailboxes
from excamera_worker.outbox import Outbox
from excamera_worker.programs import programs
from excamera_worker.residents import Residents
from excamera_worker.scratch import Scratch
from excamera_worker.session import End, Ending, Session
from excamera_worker.settings import Settings

_log = logging.getLogger(__name__)

_EXIT_CODE = {End.QUIT: ExitCode.OK, End.REFUSED: ExitCode.REFUSED, End.LOST: ExitCode.LOST}


@dataclass(frozen=True, slots=True)
class Outcome:
    exit_code: ExitCode
    reason: str


class Worker:
    """Runs once. To be made and run in one event loop, in a thread that lives on afterwards."""

    def __init__(self, invitation: Invitation, settings: Settings) -> None:
        self._invitation = invitation
        self._settings = settings
        self._limit = invitation.seconds or settings.time_limit
        self._began = time.monotonic()
        self._instance = uuid.uuid4().hex
        self._leaving: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._mailboxes = Mailboxes(invitation.job, invitation.credential, settings)
        self._outbox: Outbox | None = None
        self._last_seen = self._began

    def leave(self, reason: str) -> None:
        """Say goodbye, end all programs, and let `run` return. Twice is the same as once."""
        if not self._leaving.done():
            self._leaving.set_result(reason)

    async def run(self) -> Outcome:
        """Until the coordinator says quit, is lost, or `leave` is called.

        OSError if there can be no scratch folder.
        """
        with Scratch(self._settings.scratch) as scratch:
            residents = Residents(self._settings)
            commands = Commands(self._settings, self._mailboxes, residents)
            attempts = Attempts(scratch, commands, self._emit)
            serving = asyncio.ensure_future(self._serve(attempts))
            alarm = self._set_alarm()
            try:
                first: set[asyncio.Future[Any]] = {serving, self._leaving}
                await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
                if self._leaving.done() and not serving.done():
                    return await self._say_goodbye(serving, attempts)
                return _outcome(serving.result())
            finally:
                if alarm:
                    alarm.cancel()
                serving.cancel()
                await attempts.close()
                await residents.close()
                await asyncio.gather(serving, return_exceptions=True)
                await self._mailboxes.close()

    async def _serve(self, attempts: Attempts) -> Ending:
        """One connection after the other; returns when there should not be another."""
        backoff = Backoff(self._settings.backoff_first, self._settings.backoff_cap)
        while True:
            dialled = time.monotonic()
            ending = await self._connect(attempts)
            now = time.monotonic()
            if ending.end is not End.LOST or self._leaving.done():
                return ending
            if now - dialled > self._settings.backoff_cap:
                backoff.reset()
            wait = backoff.next()
            if now + wait - self._last_seen > self._settings.reconnect:
                return ending
            _log.warning("%s; dialling again in %.1f s", ending.reason, wait)
            await asyncio.sleep(wait)

    async def _connect(self, attempts: Attempts) -> Ending:
        welcomed = False

        def on_welcome(welcome: mu_pb2.Welcome) -> None:
            nonlocal welcomed
            welcomed = True
            self._mailboxes.move(welcome.rendezvous)
            _log.info("worker number %d of job %s", welcome.number, self._invitation.job)

        address = self._invitation.coordinator
        # Nothing is awaited between these two lines: each reply is in the Hello or in the outbox.
        self._outbox = outbox = Outbox()
        hello = self._hello(attempts)
        try:
            async with channels.channel(
                self._invitation.credential, address, COORDINATOR
            ) as channel:
                session = Session(attempts, outbox, self._seconds_left, on_welcome)
                return await session.hold(CoordinatorStub(channel), hello, self._settings.welcome)
        finally:
            self._outbox = None
            if welcomed:
                self._last_seen = time.monotonic()

    async def _say_goodbye(self, serving: asyncio.Future[Ending], attempts: Attempts) -> Outcome:
        reason = self._leaving.result()
        _log.info("leaving: %s", reason)
        if self._outbox:
            goodbye = mu_pb2.Goodbye(reason=reason)
            self._outbox.end(mu_pb2.FromWorker(goodbye=goodbye))
            await attempts.close()
            await asyncio.wait({serving}, timeout=self._settings.goodbye)
        return Outcome(ExitCode.OK, reason)

    def _hello(self, attempts: Attempts) -> mu_pb2.Hello:
        return mu_pb2.Hello(
            protocol=PROTOCOL_VERSION,
            job=self._invitation.job,
            worker=self._invitation.worker,
            backend=self._invitation.backend,
            version=version(),
            seconds_left=self._seconds_left(),
            journals=attempts.journals(),
            instance=self._instance,
            programs=programs(self._settings),
        )

    def _emit(self, message: mu_pb2.FromWorker) -> None:
        if self._outbox:
            self._outbox.put(message)

    def _seconds_left(self) -> float | None:
        if self._limit is None:
            return None
        return max(0.0, self._began + self._limit - time.monotonic())

    def _set_alarm(self) -> asyncio.TimerHandle | None:
        left = self._seconds_left()
        if left is None:
            return None
        wait = max(0.0, left - self._settings.leave_before_limit)
        return asyncio.get_running_loop().call_later(wait, self.leave, "the time limit is near")


def summary(invitation: Invitation, outcome: Outcome) -> dict[str, object]:
    """For whoever invited the worker by a request that has an answer."""
    return {
        "job": invitation.job,
        "worker": invitation.worker,
        "exit_code": int(outcome.exit_code),
        "reason": outcome.reason,
    }


def version() -> str:
    """Of the excamera distribution; empty if it is not installed as one."""
    try:
        return metadata.version("excamera")
    except metadata.PackageNotFoundError:
        return ""


def _outcome(ending: Ending) -> Outcome:
    return Outcome(_EXIT_CODE[ending.end], ending.reason)
