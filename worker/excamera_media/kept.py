"""What one run leaves for the next in the same process: a source that it has been reading.

At most one, since a decoder of large pictures is large, and a worker takes chunks that follow each
other. Knows nothing of the media library, so that it can be had without loading that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from excamera_media.reading import Reading


class Kept:
    """A place for one reading. A context manager that closes it."""

    def __init__(self) -> None:
        self._reading: Reading | None = None

    def put(self, reading: Reading) -> None:
        """Instead of the one that was there."""
        self.close()
        self._reading = reading

    def take(self) -> Reading | None:
        """Whoever takes it closes it, or puts it back."""
        taken, self._reading = self._reading, None
        return taken

    def close(self) -> None:
        if (reading := self.take()) is not None:
            reading.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
