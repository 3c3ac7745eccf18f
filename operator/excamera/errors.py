"""What can go wrong with a job, and the exit status that says so.

    JobError                     5   anything that should not have happened
    ├── InvalidJob               2   the request makes no sense
    ├── BadSource                3   the source is not a video, or is damaged
    ├── StorageFailed            4   a place cannot be read or written
    ├── ProgramKilled            5   a program beside the coordinator was killed
    ├── CloudFailed              4   a service of the cloud refuses or does not answer
    └── ChunkFailed              6   a chunk failed more often than backoffLimit allows

The executables of the worker's image (`xc`, `excamera-media`) use the statuses 0 to 5 alike, so
that `of_executable` can translate.
"""

from __future__ import annotations

import signal

INTERRUPTED = 128 + signal.SIGINT


class JobError(Exception):
    """A job that cannot be done. The message says what, where, and what to do, in one line."""

    exit_status = 5


class InvalidJob(JobError):
    """The request makes no sense."""

    exit_status = 2


class BadSource(JobError):
    """The source is not a video, or it is damaged."""

    exit_status = 3


class StorageFailed(JobError):
    """A file, folder or bucket cannot be read or written."""

    exit_status = 4


class CloudFailed(JobError):
    """A service of the cloud refuses what is asked, or does not answer."""

    exit_status = 4


class ProgramKilled(JobError):
    """A program that was run beside the coordinator was ended by a signal."""


class ChunkFailed(JobError):
    """A chunk, named `chunk`, failed more often than backoffLimit allows."""

    exit_status = 6

    def __init__(self, message: str, chunk: str = "") -> None:
        super().__init__(message)
        self.chunk = chunk


_BY_STATUS: dict[int, type[JobError]] = {
    error.exit_status: error for error in (InvalidJob, BadSource, StorageFailed)
}


def of_executable(name: str, status: int, stderr: str) -> JobError:
    """The error that an executable reported by its exit status and its last line."""
    if status < 0:
        return ProgramKilled(f"{name} was ended by signal {-status}")
    lines = [line for line in stderr.splitlines() if line.strip()]
    message = lines[-1] if lines else f"{name} ended with status {status} and said nothing"
    return _BY_STATUS.get(status, JobError)(message.removeprefix(f"{name}: "))
