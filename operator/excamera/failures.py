"""What a store or a failed run means for a job: other parts' errors in this package's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from excamera.errors import (
    BadSource,
    ChunkFailed,
    InvalidJob,
    JobError,
    StorageFailed,
    of_executable,
)
from excamera.pipeline import READING_SOURCE
from excamera_store import InvalidName, ObjectMissing, StoreError, UnsupportedScheme
from mu import NoWorkers, TaskFailed

# Why an exchange failed (mu.FailureKind) when the fault is the store's.
STORE_REASONS = frozenset({"denied", "unreachable", "disk_full"})
# How mu tells of a program that ended by itself (mu.verdict.explanation).
EXIT_STATUS = re.compile(r"exit status (?P<status>\d+)(: (?P<said>.*))?", re.DOTALL)


@contextmanager
def of_store(what: str) -> Iterator[None]:
    """Turns a StoreError into the JobError it stands for; `what` begins its message."""
    try:
        yield
    except (InvalidName, UnsupportedScheme) as error:
        raise InvalidJob(f"{what}: {error}") from error
    except StoreError as error:
        raise StorageFailed(f"{what}: {error}") from error


@contextmanager
def of_source() -> Iterator[None]:
    """The same for the source, of which being absent is the commonest fault."""
    try:
        with of_store("source"):
            yield
    except StorageFailed as error:
        if isinstance(error.__cause__, ObjectMissing):
            raise BadSource(str(error)) from error.__cause__
        raise


def of_output() -> AbstractContextManager[None]:
    """The same for the output."""
    return of_store("output")


@contextmanager
def of_run() -> Iterator[None]:
    """Turns mu's account of a failed run into the JobError that it stands for."""
    try:
        yield
    except TaskFailed as failed:
        raise _of_task(failed) from failed
    except NoWorkers as error:
        raise JobError(f"no worker could do any work: {error}") from error


def _of_task(failed: TaskFailed) -> JobError:
    ended = EXIT_STATUS.fullmatch(failed.message)
    if failed.state == READING_SOURCE and ended is not None:
        return of_executable("excamera-media", int(ended["status"]), ended["said"] or "")
    if failed.reason in STORE_REASONS:
        return StorageFailed(f"{failed.task}, {failed.state}: {failed.message}")
    return ChunkFailed(
        f"{failed.task} failed {failed.attempts} times, last in state {failed.state}:"
        f" {failed.message}"
    )
