"""How far so many chunks are; in counts, as snapshots of large jobs are taken often. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

# States of the machine of a chunk (pipeline.py) after which the slow part, or all but publishing,
# is behind it.
ENCODED = frozenset({"decoding", "measuring", "waiting", "rebasing"})
REBASED = frozenset({"sending", "uploading", "reporting", "finishing"})
PUBLISHED = 3
"""The level of a chunk that is finished; after encoded and rebased."""


@dataclass(slots=True)
class Tally:
    """Counts are cumulative: a published chunk is also rebased and encoded. frames: of each chunk,
    by its task's name. `frames_done_earlier` are of chunks that were finished at the beginning."""

    frames: Mapping[str, int] = field(default_factory=dict)
    frames_done: int = 0
    frames_done_earlier: int = 0
    _reached: dict[str, int] = field(default_factory=dict)
    _at_least: list[int] = field(default_factory=lambda: [0] * 4)  # chunks, by what they reached

    @classmethod
    def begun(cls, frames: Mapping[str, int], finished: Collection[str]) -> Tally:
        """With these finished already."""
        tally = cls(frames)
        for chunk in finished:
            tally.reach(chunk, PUBLISHED)
        tally.frames_done_earlier = tally.frames_done
        return tally

    @property
    def chunks(self) -> int:
        return len(self.frames)

    @property
    def encoded(self) -> int:
        return self._at_least[1]

    @property
    def rebased(self) -> int:
        return self._at_least[2]

    @property
    def published(self) -> int:
        return self._at_least[PUBLISHED]

    @property
    def frames_done_here(self) -> int:
        """Without those that were finished at the beginning."""
        return self.frames_done - self.frames_done_earlier

    def entered(self, chunk: str, state: str) -> None:
        """The machine of the chunk has come to this state."""
        self.reach(chunk, 1 if state in ENCODED else 2 if state in REBASED else 0)

    def reach(self, chunk: str, level: int) -> None:
        before = self._reached.get(chunk, 0)
        if level <= before:
            return
        self._reached[chunk] = level
        for passed in range(before + 1, level + 1):
            self._at_least[passed] += 1
        if level == PUBLISHED:
            self.frames_done += self.frames[chunk]
