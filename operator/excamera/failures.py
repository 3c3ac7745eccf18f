"""What a store or a failed run means for a job: other parts' errors in this package's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager

from excamera.errors import (
    BadSource,
    ChunkFailed,
    InvalidJob,
    JobError,
    ProgramKilled,
    StorageFailed,
    of_executable,
)
from excamera.finding import LOOKING, TELLING
from excamera.pipeline import READING_SOURCE
from excamera.plan import Chunk, chunk_of
from excamera.report import counted
from excamera.stretches import Stretch
from excamera_store import (
    InvalidName,
    NoCredentials,
    ObjectMissing,
    StoreError,
    UnsupportedScheme,
)
from mu import NoWorkers, TaskFailed

# Why an exchange failed (mu.FailureKind) when the fault is the store's.
STORE_REASONS = frozenset({"denied", "unreachable", "disk_full"})
# A worker that cannot find where to publish what it has in its hands misses the bucket or folder.
PUBLISHING = frozenset({"uploading", "reporting", "finishing", TELLING})
# Where a program that ends by itself tells of the source.
READING = frozenset({READING_SOURCE, LOOKING})
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


@contextmanager
def naming_frames(parts: Callable[[], Collection[Chunk | Stretch]]) -> Iterator[None]:
    """Adds to a chunk's failure which frames of the source it is made of, or to a stretch's. parts:
    those that are known by then."""
    try:
        yield
    except ChunkFailed as failed:
        frames = {one.name: one for one in parts()}.get(chunk_of(failed.chunk))
        if frames is None:
            raise
        first, last = frames.first_frame, frames.first_frame + frames.frames - 1
        message = f"{failed}; its frames are {first} to {last}"
        raise ChunkFailed(message, failed.chunk) from failed


def for_command_line(error: JobError) -> str:
    """The message, as whoever typed a command should read it."""
    if isinstance(error.__cause__, NoCredentials):
        return f"{error}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
    if isinstance(error, ProgramKilled):
        return f"{error}; run the same command again to go on"
    return str(error)


def _of_task(failed: TaskFailed) -> JobError:
    ended = EXIT_STATUS.fullmatch(failed.message)
    if failed.state in READING and ended is not None:
        return of_executable("excamera-media", int(ended["status"]), ended["said"] or "")
    no_place = failed.reason == "not_found" and failed.state in PUBLISHING
    if failed.reason in STORE_REASONS or no_place:
        return StorageFailed(f"{failed.task}, {failed.state}: {failed.message}")
    return ChunkFailed(
        f"{failed.task} failed {counted(failed.attempts, 'time')}, last in state {failed.state}:"
        f" {failed.message}",
        failed.task,
    )
