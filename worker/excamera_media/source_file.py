"""The file that the media library reads a source from, wherever that is."""

from __future__ import annotations

import io
from typing import BinaryIO

from excamera_store import split_url


class SourceFile:
    """Remembers where it stands when it is closed, and can be opened anew there: leave to read an
    object is given for one run only, and what was read ahead of it takes memory."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._file: BinaryIO = io.BytesIO()
        self._at = 0

    def open(self) -> None:
        """As the environment has it now. A `StoreError` if it cannot be."""
        self.close()
        store, key = split_url(self._url)
        self._file = store.open(key)
        self._file.seek(self._at)

    def read(self, size: int) -> bytes:
        return self._file.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        """Nothing happens if it is."""
        if not self._file.closed:
            self._at = self._file.tell()
            self._file.close()
