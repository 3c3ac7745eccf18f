"""A seekable file over ranged requests.

A demuxer reads a little at the front, seeks to an index (often at the end), and then reads on in
one or two places. So the object is fetched in blocks of `BLOCK` bytes and the last `KEPT` blocks
are remembered; a reader who goes on where the last request ended gets more at a time, up to `MOST`
blocks, and one who jumps gets a single block.
"""

import io
from collections import OrderedDict
from collections.abc import Callable

BLOCK = 512 * 1024
MOST = 16
KEPT = 64

Fetch = Callable[[int, int], bytes]


class RangedReader(io.RawIOBase):
    """Reads `size` bytes through `fetch(start, end)`, which returns exactly end − start bytes."""

    def __init__(self, size: int, fetch: Fetch, *, block: int = BLOCK) -> None:
        super().__init__()
        self._size = size
        self._fetch = fetch
        self._block = block
        self._position = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._next = -1  # the block after the last request
        self._ahead = 1  # blocks in the next request that goes on from there

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError(f"cannot seek to {start + offset}, before the beginning")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        if self.closed:
            raise ValueError("the file is closed")
        view = memoryview(buffer).cast("B")
        number, offset = divmod(self._position, self._block)
        if self._position >= self._size or not len(view):
            return 0
        piece = memoryview(self._get(number))[offset : offset + len(view)]
        view[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def close(self) -> None:
        self._blocks.clear()
        super().close()

    def _get(self, number: int) -> bytes:
        if number not in self._blocks:
            self._request(number)
        self._blocks.move_to_end(number)
        return self._blocks[number]

    def _request(self, number: int) -> None:
        self._ahead = min(self._ahead * 2, MOST) if number == self._next else 1
        start = number * self._block
        end = min(start + self._ahead * self._block, self._size)
        data = self._fetch(start, end)
        for first in range(0, end - start, self._block):
            self._blocks[number + first // self._block] = data[first : first + self._block]
        self._next = number + self._ahead
        while len(self._blocks) > KEPT:
            self._blocks.popitem(last=False)
