"""What an AVI file says about itself: is it all there?

Its header counts chunks, and those of frames that were dropped, or packed into another chunk, are
empty: fewer frames than are counted mean nothing. But the sizes of its RIFF lists say how long the
file is, and its index (idx1) says where the chunks are that are not empty. A file that was written
to a pipe has neither, and says so.
"""

import struct
from typing import BinaryIO

from excamera_store import split_url

_CHUNK = struct.Struct("<4sI")
_ENTRY = struct.Struct("<4sIII")
_FLAGS_AT = 44 - 32
"""Of dwFlags in the payload of avih."""
_HAS_INDEX = 0x10
_UNKNOWN = (0, 0xFFFFFFFF)
_SLACK = 8
"""Bytes that writers have been known to count too many: the header of the list itself."""
_MOST_LISTS = 1000


def missing_from_avi(url: str, stream: int, packets: int) -> str:
    """How the file at `url` shows that frames of `stream` are lost; empty if it does not.

    `packets` is how many could be read.
    """
    store, key = split_url(url)
    size = store.stat(key).size
    with store.open(key) as file:
        return missing_part(file, size, stream, packets)


def missing_part(file: BinaryIO, size: int, stream: int, packets: int) -> str:
    """The same for an open file of `size` bytes."""
    end = _declared_end(file, size)
    if end > size + _SLACK:
        return f"the file is cut off: it holds {size:,} of at least {end:,} bytes"
    flags, index = _flags_and_index(file, size)
    if index is None:
        unfinished = end == 0 and flags & _HAS_INDEX
        return "the file is cut off: the index at its end is missing" if unfinished else ""
    listed = _listed(index, stream)
    if packets < listed:
        return f"the file is damaged: only {packets} of its {listed} video frames can be found"
    return ""


def _declared_end(file: BinaryIO, size: int) -> int:
    """Where the last RIFF list ends that begins in the file; 0 if that was never written."""
    end = 0
    for _ in range(_MOST_LISTS):
        name, length = _chunk_at(file, end, size)
        if name != b"RIFF" or length in _UNKNOWN:
            break
        end += _CHUNK.size + length + length % 2
    return end


def _flags_and_index(file: BinaryIO, size: int) -> tuple[int, bytes | None]:
    """The flags of the header, and the contents of idx1 if there is one."""
    flags, at = 0, 12
    for _ in range(_MOST_LISTS):
        name, length = _chunk_at(file, at, size)
        if name == b"idx1":
            return flags, file.read(length)
        if name == b"LIST":
            flags = flags or _header_flags(file)
        if not name or (name == b"LIST" and length in _UNKNOWN):
            break
        at += _CHUNK.size + length + length % 2
    return flags, None


def _header_flags(file: BinaryIO) -> int:
    head = file.read(4 + _CHUNK.size + _FLAGS_AT + 4)
    if head[:8] != b"hdrlavih" or len(head) < 4 + _CHUNK.size + _FLAGS_AT + 4:
        return 0
    return int.from_bytes(head[-4:], "little")


def _chunk_at(file: BinaryIO, at: int, size: int) -> tuple[bytes, int]:
    """Name and length of the chunk at `at`; an empty name if none begins there."""
    if at + _CHUNK.size > size:
        return b"", 0
    file.seek(at)
    head = file.read(_CHUNK.size)
    return _CHUNK.unpack(head) if len(head) == _CHUNK.size else (b"", 0)


def _listed(index: bytes, stream: int) -> int:
    """How many chunks of `stream` are listed and not empty. Repeats are listed again."""
    names = (b"%02ddc" % stream, b"%02ddb" % stream)
    whole = memoryview(index)[: len(index) // _ENTRY.size * _ENTRY.size]
    entries = _ENTRY.iter_unpack(whole)
    return len({offset for name, _, offset, length in entries if name in names and length})
