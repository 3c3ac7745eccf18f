"""How far a job is: a pure model, fed with what happens, asked for a snapshot at any time.

Rates and the estimated end go by the seconds in which workers were at it. What an earlier run had
finished counts for them if it is known how long that took, and else only as done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from excamera.plan import Plan

# States of the machine of a chunk (pipeline.py) after which the slow part, or all but publishing,
# is behind it.
ENCODED = frozenset({"decoding", "measuring", "waiting", "rebasing"})
REBASED = frozenset({"sending", "uploading", "reporting", "finishing"})
PUBLISHED = 3
"""The level of a chunk that is finished; after encoded and rebased."""

SHARES = 90, 5, 5
"""Hundredths of the work on a chunk that are done when it is encoded, rebased and published, by
processor time (docs/benchmarks.md)."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Counts of chunks are cumulative: a published one is also rebased and encoded.

    Times are in seconds; `worked` are those in which at least one worker was there. `remaining` is
    None until something has been finished. `machines` counts the attempts that run by the state of
    their machine. `chunk_frames` is N. `frames_done_here` leaves out what an earlier run had
    finished.
    """

    phase: str
    chunks: int
    chunk_frames: int
    encoded: int
    rebased: int
    published: int
    frames: int
    frames_done: int
    frames_done_here: int
    workers: int
    machines: dict[str, int]
    attempts_lost: int
    worked: float
    frames_per_second: float
    speed: float
    remaining: float | None

    @property
    def percent(self) -> int:
        """Of the work on all chunks, rounded down: 100 only when all are published."""
        passed = (self.encoded, self.rebased, self.published)
        done = sum(share * count for share, count in zip(SHARES, passed, strict=True))
        return done // self.chunks if self.chunks else 0


@dataclass(slots=True)
class Progress:
    """The model. `now` is in seconds from any fixed origin. `worked` are the seconds in which
    workers were at it, those of earlier runs included, up to when the last came or went."""

    worked: float = 0.0
    phase: str = "Planning"
    duration: float = 0.0
    attempts_lost: int = 0
    workers: int = 0
    _chunk_frames: int = 0
    _frames: dict[str, int] = field(default_factory=dict)
    _total: int = 0
    _done: int = 0
    _done_earlier: int = 0
    _untimed: int = 0
    _since: float | None = None
    _reached: dict[str, int] = field(default_factory=dict)
    _at_least: list[int] = field(default_factory=lambda: [0] * 4)  # chunks, by what they reached
    _state: dict[str, str] = field(default_factory=dict)

    def planned(self, plan: Plan, duration: float, finished: Collection[str], now: float) -> None:
        """The plan is made; `finished` chunks need not be done again."""
        self.phase, self.duration = "Encoding", duration
        self._since = now if self.workers else None
        self._chunk_frames = plan.chunk_frames
        self._frames = {chunk.name: chunk.frames for chunk in plan.chunks}
        self._total, self._done = sum(self._frames.values()), 0
        self._reached, self._at_least = {}, [0] * 4
        for chunk in finished:
            self._reach(chunk, PUBLISHED)
        self._done_earlier = self._done
        self._untimed = 0 if self.worked else self._done

    def staffed(self, workers: int, now: float) -> None:
        """So many are connected now."""
        if self._since is not None:
            self.worked += now - self._since
        self._since = now if workers else None
        self.workers = workers

    def entered(self, chunk: str, state: str) -> None:
        """An attempt at `chunk` entered a state of its machine."""
        self._state[chunk] = state
        self._reach(chunk, 1 if state in ENCODED else 2 if state in REBASED else 0)

    def done(self, chunk: str) -> None:
        """The chunk is published."""
        self._state.pop(chunk, None)
        self._reach(chunk, PUBLISHED)

    def lost(self, chunk: str) -> None:
        """An attempt at the chunk was lost."""
        self.attempts_lost += 1
        self._state.pop(chunk, None)

    def joining(self) -> None:
        """All chunks are published; the output is being put together."""
        self.phase = "Joining"

    @property
    def tasks(self) -> int:
        """Chunks; 0 while that is not known."""
        return len(self._frames)

    @property
    def tasks_left(self) -> int | None:
        """Chunks to do; None while that is not known."""
        return len(self._frames) - self._at_least[PUBLISHED] if self._frames else None

    def snapshot(self, now: float) -> Snapshot:
        """How far the job is."""
        worked = self.worked + (now - self._since if self._since is not None else 0.0)
        total, done = self._total, self._done
        timed = done - self._untimed
        rate = timed / worked if timed and worked > 0 else 0.0
        return Snapshot(
            phase=self.phase,
            chunks=len(self._frames),
            chunk_frames=self._chunk_frames,
            encoded=self._at_least[1],
            rebased=self._at_least[2],
            published=self._at_least[PUBLISHED],
            frames=total,
            frames_done=done,
            frames_done_here=done - self._done_earlier,
            workers=self.workers,
            machines=dict(Counter(self._state.values())),
            attempts_lost=self.attempts_lost,
            worked=worked,
            frames_per_second=rate,
            speed=rate * self.duration / total if total else 0.0,
            remaining=(total - done) / rate if rate else None,
        )

    def _reach(self, chunk: str, level: int) -> None:
        """Kept as counts, as snapshots are taken of many large jobs every few seconds."""
        before = self._reached.get(chunk, 0)
        if level <= before:
            return
        self._reached[chunk] = level
        for passed in range(before + 1, level + 1):
            self._at_least[passed] += 1
        if level == PUBLISHED:
            self._done += self._frames[chunk]
