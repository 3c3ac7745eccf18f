"""Which parts are in memory, and which go to disk when it is full. Pure.

A part is *fresh* while it is in memory and nobody has been told to write it to disk. The oldest go
first: states are normally read as soon as they are there, so what has lain longest will be wanted
last. When the disk is full as well, nothing more is chosen, and who wants room has to wait for it.
"""

from __future__ import annotations

from collections import OrderedDict

from excamera_rendezvous import costs
from excamera_rendezvous.message import Part, Place


class Memory:
    """Bytes: `used` of `limit` in memory, of which `leaving` are being written; `on_disk` of
    `disk_limit`, from when a part is chosen to be written."""

    def __init__(self, limit: int, disk_limit: int) -> None:
        self.limit = limit
        self.disk_limit = disk_limit
        self.used = 0
        self.leaving = 0
        self.on_disk = 0
        self._fresh: OrderedDict[Part, None] = OrderedDict()

    def fits(self, size: int) -> bool:
        return self.used + size <= self.limit

    def keep(self, size: int) -> None:
        """What never goes to disk; less than nothing gives it back."""
        self.used += size

    def take(self, part: Part) -> None:
        assert part.piece is not None
        self.used += part.piece.footprint + costs.PART
        self._fresh[part] = None

    def to_spill(self, size: int) -> list[Part]:
        """The parts to write to disk so that `size` more bytes will fit, as far as they may."""
        chosen: list[Part] = []
        while self._fresh and self.used - self.leaving + size > self.limit:
            part = next(iter(self._fresh))
            if self.on_disk + costs.file(part.size) > self.disk_limit:
                break
            assert part.piece is not None
            del self._fresh[part]
            part.spilling = True
            self.leaving += part.piece.footprint
            self.on_disk += costs.file(part.size)
            chosen.append(part)
        return chosen

    def spilled(self, part: Part, place: Place, digest: bytes) -> bool:
        """It is on disk. False: it has been forgotten meanwhile; give the place back."""
        if part.piece is None:
            self.on_disk -= costs.file(part.size)
            return False
        self._leave(part)
        part.place, part.digest = place, digest
        return True

    def spill_failed(self, part: Part) -> None:
        """It stays in memory, and is the first to be tried again."""
        self.on_disk -= costs.file(part.size)
        if part.piece is not None:
            part.spilling = False
            self.leaving -= part.piece.footprint
            self._fresh[part] = None
            self._fresh.move_to_end(part, last=False)

    def release(self, part: Part) -> Place | None:
        """Forget it; the place on disk to give back, if it has one."""
        self.used -= costs.PART
        if part.piece is not None:
            self._leave(part)
            return None
        self.on_disk -= costs.file(part.size)
        return part.place

    def _leave(self, part: Part) -> None:
        assert part.piece is not None
        self.used -= part.piece.footprint
        if part.spilling:
            self.leaving -= part.piece.footprint
        self._fresh.pop(part, None)
        part.piece, part.spilling = None, False
