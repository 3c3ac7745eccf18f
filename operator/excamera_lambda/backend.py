"""The backend: every worker is an asynchronous invocation of the function.

An invocation that was taken says nothing more: that its worker has ended the coordinator learns
from the worker's stream, and one that never comes is given up after a while (`launch_seconds`).
One that AWS has no room for, or does not answer, is tried again; when that has taken too long it is
as if it had not been tried, and the coordinator may begin anew. AWS may have taken it all the same:
then its worker is as good as any.

The payload is the invitation: addresses, the job's name, and a certificate for this job only.
Each names its worker, so that an event that is delivered twice makes two of one name, of which
the coordinator lets in the first.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from excamera_lambda import aws
from excamera_lambda.errors import LambdaError, Unavailable
from excamera_lambda.launcher import Answer, Launcher
from excamera_lambda.limits import Facts
from excamera_lambda.retry import Retry, Verdict
from excamera_lambda.signing import Signer
from mu.backend import Report, WorkerExit
from mu.errors import BackendError
from mu.invitation import Invitation

PAYLOAD_LIMIT: Final = 1_000_000
"""In bytes, of an asynchronous invocation."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Target:
    """Which function to invoke; no region: by the usual rules of AWS."""

    name: str
    region: str = ""


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What keeps workers from coming. throttled: a limit of AWS was met, which may pass."""

    message: str
    throttled: bool = False


class LambdaBackend:
    """refresh: renews the credentials that invocations are signed with; blocks."""

    name = "lambda"

    def __init__(self, facts: Facts, launcher: Launcher, refresh: Callable[[], None]) -> None:
        self.facts = facts
        self.taken: Callable[[int], None] = lambda _: None
        """Called with how many more invocations were taken, as soon as AWS has said so."""
        self._launcher = launcher
        self._refresh = refresh
        self._report: Report = lambda _: None
        self._open = False
        self._failed: Hindrance | None = None

    @property
    def hindrance(self) -> Hindrance | None:
        """What keeps workers from coming, as far as is known; also while it is tried again."""
        last = self._launcher.last
        if self._failed is None and last is not None and last.verdict is Verdict.AGAIN:
            return self._of(last)
        return self._failed

    @classmethod
    async def connect(cls, target: Target, retry: Retry | None = None) -> Self:
        """A backend for one run. Raises LambdaError if the function cannot be invoked."""

        def look() -> tuple[Facts, Signer]:
            session = aws.session(target.region)
            lambda_ = aws.client(session)
            signer = Signer(session, lambda_, target.name)
            signer.refresh()
            return aws.facts(lambda_, target.name), signer

        facts, signer = await asyncio.to_thread(look)
        return cls(facts, Launcher(signer.sign, retry), signer.refresh)

    def watch(self, report: Report) -> None:
        self._report = report

    async def start(self, count: int, invitation: Invitation) -> None:
        """Returns when all were taken or came to nothing; the latter are reported one by one.

        Raises BackendError if all came to nothing: passing, unless AWS refused them for good.
        """
        if not self._open:
            self._launcher.open()
            self._open = True
        names = [f"lambda-{uuid.uuid4().hex[:16]}" for _ in range(count)]
        payloads = [_payload(invitation.named(name)) for name in names]
        await self._renew()
        answers = await asyncio.gather(*map(self._invoke, payloads))
        self._note([answer for answer in answers if answer.verdict is not Verdict.TAKEN])
        if count and all(answer.verdict is not Verdict.TAKEN for answer in answers):
            passing = any(answer.verdict is Verdict.AGAIN for answer in answers)
            message = self._of(answers[-1]).message
            raise BackendError(message, permanent=not passing, passing=passing)
        for name, answer in zip(names, answers, strict=True):
            if answer.verdict is not Verdict.TAKEN:
                self._report(self._vain(name, answer))

    async def stop(self) -> None:
        """Workers have been told to quit, and nothing more can be done to them."""
        await self.abandon()

    async def abandon(self) -> None:
        """Closes what this process has open. Workers go on."""
        await self._launcher.close()
        self._open = False

    async def _invoke(self, payload: bytes) -> Answer:
        answer = await self._launcher.invoke(payload)
        if answer.verdict is Verdict.TAKEN:
            self.taken(1)
        return answer

    def _vain(self, name: str, answer: Answer) -> WorkerExit:
        passing = answer.verdict is Verdict.AGAIN
        message = self._of(answer).message
        return WorkerExit(name, "refused", message, withdrawn=passing, in_vain=True)

    async def _renew(self) -> None:
        try:
            await asyncio.to_thread(self._refresh)
        except LambdaError as error:
            self._failed = Hindrance(str(error))
            passing = isinstance(error, Unavailable)
            raise BackendError(str(error), permanent=not passing, passing=passing) from error

    def _note(self, failed: list[Answer]) -> None:
        self._failed = self._of(failed[-1]) if failed else None
        if self._failed is not None:
            _log.warning("%d invocations came to nothing: %s", len(failed), self._failed.message)

    def _of(self, answer: Answer) -> Hindrance:
        reason = f" ({answer.reason})" if answer.reason else ""
        message = f"function {self.facts.name}: {answer.message}{reason}"
        return Hindrance(message, throttled=answer.throttled)


def _payload(invitation: Invitation) -> bytes:
    payload = invitation.to_json().encode()
    if len(payload) > PAYLOAD_LIMIT:
        raise BackendError(
            f"an invitation of {len(payload)} bytes is more than Lambda takes ({PAYLOAD_LIMIT})",
            permanent=True,
        )
    return payload
