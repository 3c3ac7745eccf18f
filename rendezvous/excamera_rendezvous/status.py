"""The gRPC status that says what was wrong; clients decide by it whether to try again."""

from __future__ import annotations

from typing import Final

from grpc import StatusCode

from excamera_rendezvous import errors
from excamera_rendezvous.errors import RendezvousError

_CODES: Final[dict[type[RendezvousError], StatusCode]] = {
    errors.Conflict: StatusCode.ALREADY_EXISTS,
    errors.JobDropped: StatusCode.NOT_FOUND,
    errors.JobFull: StatusCode.FAILED_PRECONDITION,
    errors.Full: StatusCode.RESOURCE_EXHAUSTED,
    errors.SpillFailed: StatusCode.RESOURCE_EXHAUSTED,
    errors.Malformed: StatusCode.INVALID_ARGUMENT,
    errors.Damaged: StatusCode.DATA_LOSS,
    errors.TakenBack: StatusCode.ABORTED,
    errors.Stalled: StatusCode.DEADLINE_EXCEEDED,
    errors.Stopping: StatusCode.UNAVAILABLE,
    errors.Unidentified: StatusCode.UNAUTHENTICATED,
    errors.NotAllowed: StatusCode.PERMISSION_DENIED,
}


def code_of(error: RendezvousError) -> StatusCode:
    return _CODES[type(error)]
