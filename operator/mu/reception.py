"""Takes in the workers of a run: their streams, from the Hello on, and what is sent to them.

A worker has a number from its first Hello on, and one stream at a time: a newer one of the same
process takes the older one's place. A name belongs to the process that came under it first, until
that has left or is given up, be its stream up or down: any other, as of an invocation that was
delivered twice or of whoever has copied an invitation, is sent away. What a worker says once it is
let in is for the run to understand.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Final, Protocol

import grpc

from excamera_proto import mu_pb2 as pb
from mu.errors import WireError
from mu.hello import strangeness
from mu.plain import plain
from mu.reunion import Journal
from mu.session import Refused, Session
from mu.settings import MOST_WORKERS, RunSettings
from mu.wire import journals_from_wire

SAID_LIMIT: Final = 300
"""Characters of what a worker says of its programs that people get to see."""

_log = logging.getLogger(__name__)


class Host(Protocol):
    """Whom workers come to see."""

    def joined(
        self, session: Session, journals: Sequence[Journal], *, number: int, again: bool
    ) -> None:
        """A worker has been welcomed. again: it was here already, and its stream is a new one."""

    def received(self, worker: str, message: pb.FromWorker) -> None:
        """One that was let in says this. Raises WireError if it makes no sense."""

    def hung_up(self, worker: str) -> None:
        """Its stream is gone, and it may come back."""

    def refused(self, worker: str, reason: str) -> None:
        """It was started in vain."""


class Reception:
    """rendezvous: `host:port` of each shard, which workers are told."""

    def __init__(
        self, job: str, settings: RunSettings, rendezvous: Sequence[str], host: Host
    ) -> None:
        self._job = job
        self._settings = settings
        self._rendezvous = rendezvous
        self._host = host
        self._sessions: dict[str, Session] = {}
        self._numbers: dict[str, int] = {}
        self._present: dict[str, str] = {}
        """By name, what tells its process from others; empty if the process did not say."""

        self._refused: set[str] = set()

    def has_welcomed(self, worker: str) -> bool:
        """Whether it has been let in, however long ago."""
        return worker in self._numbers

    def has_refused(self, worker: str) -> bool:
        """Whether it is of another version, or its programs are others than the run's."""
        return worker in self._refused

    def is_present(self, worker: str) -> bool:
        """Whether it has been let in and has not left, even if it is out of reach just now."""
        return worker in self._present

    async def serve(self, session: Session) -> None:
        """One worker's stream, after its Hello. Refused if that makes no sense."""
        if self._is_taken(session.worker, session.hello.instance):
            _log.warning("%s: a second %s is sent away", self._job, session.worker)
            await self.send_off(session, "another worker goes by this name")
            return
        self._check_fit(session)
        if (older := self._sessions.get(session.worker)) is not None:
            older.abandon("the worker has a newer one")
        self._sessions[session.worker] = session
        try:
            self._welcome(session)
            session.introduced()
            await session.hold(
                lambda message: self._received(session, message), self._settings.silence_seconds
            )
        finally:  # grpc cancels this task when the worker breaks off
            self._hung_up(session)

    async def send_off(self, session: Session, reason: str) -> None:
        """Tells a worker to quit that was never let in."""
        session.send(pb.ToWorker(quit=pb.Quit(reason=reason)))
        session.close()
        await session.hold(lambda message: None, self._settings.farewell_seconds)

    def send(self, worker: str, message: pb.ToWorker) -> None:
        """To the worker if it is there; one that comes back later is told all it must know."""
        session = self._sessions.get(worker)
        if session is not None:
            session.send(message)

    def hang_up(self, worker: str) -> None:
        """Ends the worker's stream once it has taken all that was sent."""
        session = self._sessions.get(worker)
        if session is not None:
            session.close()

    def leave(self, worker: str) -> bool:
        """It is done with; whether it was present."""
        self.hang_up(worker)
        self._sessions.pop(worker, None)
        return self._present.pop(worker, None) is not None

    async def close(self, farewell: str) -> None:
        """Ends all streams, and waits for that. farewell: why to quit; empty: workers go on."""
        sessions = list(self._sessions.values())
        self._sessions.clear()
        for session in sessions:
            if farewell:
                session.send(pb.ToWorker(quit=pb.Quit(reason=farewell)))
            session.close()
        waiting = [session.closed for session in sessions]
        if waiting:
            await asyncio.wait(waiting, timeout=self._settings.farewell_seconds)

    def _is_taken(self, worker: str, instance: str) -> bool:
        """Whether another process goes by this name."""
        return self._present.get(worker, "") not in ("", instance)

    def _check_fit(self, session: Session) -> None:
        """One of another version would not understand us; and attempts of different programs may
        differ in what they make, and must not be mixed. Such a worker was started in vain."""
        reason = strangeness(session.hello) or self._other_programs(session.hello)
        if not reason:
            return
        if session.worker not in self._refused:
            self._check_room()
            self._refused.add(session.worker)
            self._host.refused(session.worker, reason)
        raise Refused(grpc.StatusCode.FAILED_PRECONDITION, reason)

    def _other_programs(self, hello: pb.Hello) -> str:
        """Which the worker has and lacks; empty if it has those of the run."""
        missing = [one for one in self._settings.programs if one not in hello.programs]
        if not missing:
            return ""
        has = plain(", ".join(hello.programs), SAID_LIMIT) or "other programs"
        return f"a worker has {has}, not {', '.join(missing)}"

    def _check_room(self) -> None:
        """For one more name that is remembered."""
        if len(self._numbers) + len(self._refused) >= MOST_WORKERS:
            raise Refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "the job has had too many workers")

    def _welcome(self, session: Session) -> None:
        worker, hello = session.worker, session.hello
        try:
            journals = journals_from_wire(hello)
        except WireError as error:
            session.abandon(f"its Hello makes no sense: {error}")
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, str(error)) from error
        if worker not in self._numbers:
            self._check_room()
        number = self._numbers.setdefault(worker, len(self._numbers) + 1)
        welcome = pb.Welcome(
            number=number,
            heartbeat_seconds=self._settings.heartbeat_seconds,
            rendezvous=self._rendezvous,
        )
        session.send(pb.ToWorker(welcome=welcome))
        again = worker in self._present
        self._present[worker] = hello.instance
        self._host.joined(session, journals, number=number, again=again)

    def _received(self, session: Session, message: pb.FromWorker) -> None:
        if self._sessions.get(session.worker) is not session:
            return
        try:
            self._host.received(session.worker, message)
        except WireError as error:
            session.abandon(f"it sends what makes no sense: {error}")

    def _hung_up(self, session: Session) -> None:
        if self._sessions.get(session.worker) is session:
            del self._sessions[session.worker]
            reason = session.closed.result() if session.closed.done() else "it broke off"
            _log.info("%s: the stream of %s is gone: %s", self._job, session.worker, reason)
            self._host.hung_up(session.worker)
