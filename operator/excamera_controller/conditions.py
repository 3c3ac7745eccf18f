"""Conditions, reasons and messages: the API towards programs. All of them are listed here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SUCCEEDED = "Succeeded"
PLANNED = "Planned"
WORKERS_READY = "WorkersReady"
SUSPENDED = "Suspended"


class Truth(StrEnum):
    """A condition's status."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


class Phase(StrEnum):
    """Where the job is, for people."""

    PENDING = "Pending"
    PLANNING = "Planning"
    RUNNING = "Running"
    PUBLISHING = "Publishing"
    SUSPENDED = "Suspended"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


class Reason(StrEnum):
    """Why a condition is what it is, in one word for programs."""

    # On its way.
    WAITING_FOR_OPERATOR = "WaitingForOperator"  # as the kind has it of a job that nobody has seen
    WAITING_FOR_CAPACITY = "WaitingForCapacity"
    WAITING_FOR_WORKERS = "WaitingForWorkers"
    INDEXING = "Indexing"
    FINDING_SCENES = "FindingScenes"
    CHOOSING_QUALITY = "ChoosingQuality"
    CODEC_CHANGED = "CodecChanged"
    ENCODING = "Encoding"
    JOINING = "Joining"
    JOB_SUSPENDED = "JobSuspended"
    JOB_RESUMED = "JobResumed"
    UNSCHEDULABLE = "Unschedulable"
    WORKERS_NOT_STARTING = "WorkersNotStarting"
    WORKERS_LOST = "WorkersLost"
    OUTPUT_SHARED = "OutputShared"
    CLEAN_UP_INCOMPLETE = "CleanUpIncomplete"
    OPERATOR_UNINSTALLED = "OperatorUninstalled"
    # Ended.
    OUTPUT_PUBLISHED = "OutputPublished"
    DEADLINE_EXCEEDED = "DeadlineExceeded"
    BACKOFF_LIMIT_EXCEEDED = "BackoffLimitExceeded"
    INVALID_SPEC = "InvalidSpec"
    SOURCE_MISSING = "SourceMissing"
    SOURCE_INVALID = "SourceInvalid"
    ACCESS_DENIED = "AccessDenied"
    SECRET_MISSING = "SecretMissing"
    STORE_UNREACHABLE = "StoreUnreachable"
    STORE_FAILED = "StoreFailed"
    OUTPUT_NOT_WRITABLE = "OutputNotWritable"
    QUOTA_EXCEEDED = "QuotaExceeded"
    IMAGE_UNPULLABLE = "ImageUnpullable"
    BACKEND_UNAVAILABLE = "BackendUnavailable"
    NO_WORKERS = "NoWorkers"
    PROGRAM_KILLED = "ProgramKilled"
    INTERNAL_ERROR = "InternalError"
    # Other conditions.
    SOURCE_INDEXED = "SourceIndexed"
    WORKERS_CONNECTED = "WorkersConnected"
    NOT_STARTED = "NotStarted"


FAILURES: Final = (
    Reason.DEADLINE_EXCEEDED,
    Reason.BACKOFF_LIMIT_EXCEEDED,
    Reason.INVALID_SPEC,
    Reason.SOURCE_MISSING,
    Reason.SOURCE_INVALID,
    Reason.ACCESS_DENIED,
    Reason.SECRET_MISSING,
    Reason.STORE_UNREACHABLE,
    Reason.STORE_FAILED,
    Reason.OUTPUT_NOT_WRITABLE,
    Reason.QUOTA_EXCEEDED,
    Reason.IMAGE_UNPULLABLE,
    Reason.WORKERS_NOT_STARTING,
    Reason.UNSCHEDULABLE,
    Reason.WAITING_FOR_CAPACITY,
    Reason.BACKEND_UNAVAILABLE,
    Reason.NO_WORKERS,
    Reason.PROGRAM_KILLED,
    Reason.INTERNAL_ERROR,
)
"""Reasons for which jobs fail."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as it should be. When it last changed is worked out against what is stored."""

    type: str
    status: Truth
    reason: Reason
    message: str


def succeeded(status: Truth, reason: Reason, message: str) -> Condition:
    """The summary: Unknown while the job is on its way."""
    return Condition(SUCCEEDED, status, reason, message)
