"""What a store or a failed run means for a job: other parts' errors in this package's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from excamera.errors import BadSource, InvalidJob, StorageFailed
from excamera_store import InvalidName, ObjectMissing, StoreError, UnsupportedScheme


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
