"""What a worker may say of itself at first. Pure.

It is asked before anything is made of what it says: a worker that was taken over may say anything,
and whatever the coordinator then does it does in the one event loop of all jobs.
"""

from __future__ import annotations

import math
from typing import Final

import grpc

from excamera_proto import PROTOCOL_VERSION
from excamera_proto import mu_pb2 as pb
from mu.session import Refused
from mu.wire import NAME_LIMIT

JOURNALS_LIMIT: Final = 32
"""Attempts that a worker brings; it is given far fewer (ScheduleSettings.attempts_per_worker)."""

REPLIES_LIMIT: Final = 4096
"""In all journals together."""

PROGRAMS_LIMIT: Final = 32


def checked_hello(hello: pb.Hello, job: str) -> pb.Hello:
    """The same, if a worker with a certificate for `job` may introduce itself so. Refused if not.

    What a worker calls itself ends in log lines and its backend in metrics: both are one short
    line.
    """
    if hello.job != job:
        message = f"the certificate is for job {job}, not for {hello.job[:NAME_LIMIT]!r}"
        raise Refused(grpc.StatusCode.PERMISSION_DENIED, message)
    wrong = _wrong(hello)
    if wrong:
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, wrong)
    return hello


def strangeness(hello: pb.Hello) -> str:
    """Why the worker and this coordinator do not understand each other; empty if they do."""
    if hello.protocol == PROTOCOL_VERSION:
        return ""
    return f"a worker speaks version {hello.protocol} of the protocol, not {PROTOCOL_VERSION}"


def _wrong(hello: pb.Hello) -> str:
    """What is wrong with it; empty if nothing is."""
    for name in (hello.worker, hello.backend):
        if not name or len(name) > NAME_LIMIT or not name.isprintable():
            return "the worker has no proper name"
    if len(hello.instance) > NAME_LIMIT or len(hello.programs) > PROGRAMS_LIMIT:
        return "the worker says too much of itself"
    if hello.HasField("seconds_left") and not math.isfinite(hello.seconds_left):
        return "the worker's time limit is no time"
    if len(hello.journals) > JOURNALS_LIMIT:
        return f"the worker brings more than {JOURNALS_LIMIT} attempts"
    if sum(len(journal.replies) for journal in hello.journals) > REPLIES_LIMIT:
        return f"the worker brings more than {REPLIES_LIMIT} replies"
    return ""
