"""`excamera_worker.aws_lambda.handler`: a worker for as long as a Lambda invocation lasts.

The payload is the invitation. awslambdaric, Lambda's runtime client, calls the handler in its main
thread, once after the other in the same process: each call has an event loop, a worker and a
scratch folder of its own, and leaves nothing for the next: where a transfer does not end with its
worker, the process ends, and Lambda makes another. What an earlier invocation that Lambda ended by
force left in /tmp, the next removes (see `scratch`).

The invitation names the worker. A delivery that comes twice makes two of one name, and the
coordinator tells the second to quit.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from excamera_worker import logs, threads
from excamera_worker.exit_codes import ExitCode
from excamera_worker.invitation import Invitation
from excamera_worker.settings import Settings
from excamera_worker.worker import Outcome, Worker, summary

SCRATCH = Path("/tmp")
"""The only folder of a Lambda environment that can be written to."""

TRANSFER_SECONDS: Final = 3.0
"""How long transfers may take to end that nobody waits for any more."""

_log = logging.getLogger(__name__)


class Context(Protocol):
    """What is used of Lambda's context object."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int: ...


class WorkerRefused(Exception):
    """Makes the invocation count as failed: the same again would fail again."""


def handler(event: Mapping[str, Any], context: Context) -> dict[str, object]:
    """How the worker ended. InvalidInvitation or WorkerRefused where it could not work at all;
    SystemExit where something of it goes on, which must not be frozen and thawed with the next."""
    invitation = Invitation.read(
        {"backend": "lambda", **event, "seconds": context.get_remaining_time_in_millis() / 1000}
    )
    names = {"job": invitation.job, "worker": invitation.worker, "request": context.aws_request_id}
    logs.set_up(os.environ.get("EXCAMERA_LOG_FORMAT", "json"), "info", names)
    outcome = asyncio.run(_run(invitation))
    if not threads.all_ended(TRANSFER_SECONDS):
        _log.warning("a transfer does not end; this environment is given up")
        sys.exit(1)
    if outcome.exit_code is ExitCode.REFUSED:
        raise WorkerRefused(outcome.reason)
    return summary(invitation, outcome)


async def _run(invitation: Invitation) -> Outcome:
    return await Worker(invitation, Settings(scratch=SCRATCH)).run()
