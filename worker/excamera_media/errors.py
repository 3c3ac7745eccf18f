"""What can go wrong with media. Messages say what was wrong, where, and what to do.

::

    MediaError
    ├── UsageError         the request makes no sense                         exit code 2
    ├── BadInput           the data is not what it should be                  exit code 3
    │   ├── NotAVideo          no container that we know, or no video track
    │   ├── SourceChanged      it is not the source that was indexed
    │   └── DamagedFrame       one frame cannot be decoded
    └── OutputFailed       a file could not be read or written                exit code 4

Errors of the store (`excamera_store.StoreError`) also end with 4, everything unforeseen with 5.
The codes are those of `xc`.
"""

import re
from typing import ClassVar

TO_CONCEAL = "run with --keep-going, or keepGoing in a manifest,"
"""How whoever started the job asks for it; `excamera-media` itself is told --conceal."""

_QUOTED_BYTE = re.compile(r"(?<!\\)\\udc([89a-f][0-9a-f])")


class MediaError(Exception):
    """Something is wrong, and the message is one line for a person."""

    exit_code: ClassVar[int] = 5


class UsageError(MediaError):
    """The command line, the cut or the manifest makes no sense."""

    exit_code = 2


class BadInput(MediaError):
    """The data is not what it should be; trying again will not help."""

    exit_code = 3


class NotAVideo(BadInput):
    """Not a container that we can open, or one that holds no video."""


class SourceChanged(BadInput):
    """The source was replaced after it was indexed."""

    def __init__(self, url: str) -> None:
        super().__init__(f"{url}: the source has changed since it was indexed; run the job again")


class DamagedFrame(BadInput):
    """A frame is missing or was decoded with errors."""

    def __init__(self, frame: int, seconds: float, reason: str) -> None:
        super().__init__(
            f"frame {frame} ({clock(seconds)}): {reason}; "
            f"repair the source, or {TO_CONCEAL} to conceal it"
        )
        self.frame = frame


class OutputFailed(MediaError):
    """A file could not be read or written; trying again may help."""

    exit_code = 4


def readable(text: str) -> str:
    """`text` for a person: bytes of names that are not UTF-8 as ``\\xff``, also where quoted."""
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return _QUOTED_BYTE.sub(r"\\x\1", text)


def clock(seconds: float) -> str:
    """`seconds` as H:MM:SS.mmm."""
    millis = round(abs(seconds) * 1000)
    sign = "-" if seconds < 0 and millis else ""
    minutes, rest = divmod(millis, 60_000)
    return f"{sign}{minutes // 60}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
