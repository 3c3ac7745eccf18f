"""Backend Knative: every request to the workers' Knative Service is one worker.

A request carries the invitation, and is answered when its worker has ended; Knative makes as many
pods as there are requests, and takes them away afterwards. While it does so it may answer 503, 502
or 429, or not at all: such a request is made again, with full jitter, for a bounded time. A worker
knows the request's time limit and hands over before it. What is answered after a worker has
introduced itself to the coordinator says nothing about starting workers.

When the operator ends, its requests break, but workers go on: the entry in the worker's image does
not end them for it, and the next operator is found by them.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import uuid
from typing import Any, Final

import aiohttp

from excamera_controller.conditions import Reason
from excamera_controller.observed import Failure
from mu.backend import Report, WorkerExit
from mu.invitation import Invitation
from mu.observer import Observation, WorkerJoined

BUSY: Final = frozenset({429, 502, 503, 504})
TRYING_SECONDS: Final = 90.0
FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 10.0
TELLING_SECONDS: Final = 20.0
"""How long a start may be tried in vain before people are told: Knative takes a while to scale."""

MARGIN_SECONDS: Final = 10.0
"""How much earlier than Knative's limit a worker's own is."""

CONNECT_SECONDS: Final = 10.0
STOP_SECONDS: Final = 5.0
BROKEN_OFF: Final = 0

_log = logging.getLogger(__name__)


class NoWorker(Exception):
    """The Service did not take the invitation."""


class KnativeBackend:
    """url: of the Service. timeout: of a request, in seconds."""

    name = "knative"

    def __init__(self, url: str, timeout: float) -> None:
        self._url = url
        self._timeout = timeout
        self._report: Report = lambda _: None
        self._session: aiohttp.ClientSession | None = None
        self._requests: set[asyncio.Task[None]] = set()
        self._joined: set[str] = set()  # of those whose requests are open
        self._failing: Failure | None = None
        self._stopping = False

    @property
    def trouble(self) -> Failure | None:
        """What keeps workers from coming, as far as is known."""
        return self._failing

    @property
    def busy(self) -> bool:
        """Whether any request is open."""
        return bool(self._requests)

    def watch(self, report: Report) -> None:
        self._report = report

    def observe(self, event: Observation) -> None:
        """A worker that came shows that the Service starts some."""
        if isinstance(event, WorkerJoined):
            self._joined.add(event.worker)
            self._failing = None

    async def start(self, count: int, invitation: Invitation) -> None:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(
                total=self._timeout + MARGIN_SECONDS, connect=CONNECT_SECONDS
            )
            connector = aiohttp.TCPConnector(limit=0)
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        lasting = invitation.lasting(max(1.0, self._timeout - MARGIN_SECONDS))
        for _ in range(count):
            named = lasting.named(f"knative-{uuid.uuid4().hex[:16]}")
            request = asyncio.ensure_future(self._worker(self._session, named))
            self._requests.add(request)
            request.add_done_callback(self._requests.discard)

    async def stop(self) -> None:
        """Workers have been told to quit; their requests are answered, or given up soon after."""
        self._stopping = True
        if self._requests:
            await asyncio.wait(self._requests, timeout=STOP_SECONDS)
        await self.abandon()

    async def abandon(self) -> None:
        """Lets go of all requests; workers that run go on."""
        for request in self._requests:
            request.cancel()
        if self._session is not None:
            await self._session.close()

    async def _worker(self, session: aiohttp.ClientSession, invitation: Invitation) -> None:
        try:
            said = await self._persistently(session, invitation.worker, invitation.to_json())
        except NoWorker as error:
            message = self._fail(str(error))
            _log.warning("%s", message)
            self._tell(WorkerExit(invitation.worker, "refused", message, in_vain=True))
        else:
            if said is not None:
                self._failing = None
                self._tell(WorkerExit(invitation.worker, "exited", said))
        finally:
            self._joined.discard(invitation.worker)

    def _fail(self, said: str) -> str:
        """Workers are kept away. Returns the message for people."""
        message = f"the Knative Service at {self._url} starts no worker: {said}"
        self._failing = Failure(Reason.BACKEND_UNAVAILABLE, message)
        return message

    def _tell(self, exit: WorkerExit) -> None:
        if not self._stopping:
            self._report(exit)

    async def _persistently(
        self, session: aiohttp.ClientSession, worker: str, body: str
    ) -> str | None:
        """What the worker said at its end; None if the request broke off while it worked.

        Raises NoWorker.
        """
        loop = asyncio.get_running_loop()
        began, tries = loop.time(), 0
        while True:
            status, said = await self._post(session, body)
            if status in (200, BROKEN_OFF):
                return said if status == 200 else None
            if worker in self._joined:
                return None
            wait = random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2**tries))
            lasted = loop.time() - began
            if status not in BUSY or lasted + wait > TRYING_SECONDS:
                raise NoWorker(said)
            if lasted > TELLING_SECONDS:
                self._fail(said)
            tries += 1
            await asyncio.sleep(wait)

    async def _post(self, session: aiohttp.ClientSession, body: str) -> tuple[int, str]:
        """Status and text. No connection counts as 503, unless it had lasted for a while."""
        began = asyncio.get_running_loop().time()
        headers = {"Content-Type": "application/json"}
        try:
            async with session.post(self._url, data=body, headers=headers) as answer:
                text = (await answer.text())[:500]
                return answer.status, _summary(answer.status, text)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            lasted = asyncio.get_running_loop().time() - began
            said = f"{type(error).__name__}: {error}"
            return (BROKEN_OFF if lasted > 2 * CONNECT_SECONDS else 503), said


def _summary(status: int, text: str) -> str:
    try:
        values: Any = json.loads(text)
        return str(values["reason"])
    except (ValueError, KeyError, TypeError):
        return f"status {status}: {' '.join(text.split())}"
