"""How far a job is: a pure model, fed with what happens, asked for a snapshot at any time.

Rates and the estimated end go by the seconds in which workers were at it. What an earlier run had
finished counts for them if it is known how long that took, and else only as done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from excamera.plan import Plan
from excamera.tally import PUBLISHED, Tally

LOOKING = "Finding scenes"
"""The phase in which cuts are looked for."""

SHARES = 90, 5, 5
"""Hundredths of the work on a chunk that are done when it is encoded, rebased and published, by
processor time (docs/benchmarks.md)."""


@dataclass(frozen=True, slots=True)
class Choosing:
    """A round of the search for a cq-level: chunks encoded at this one, and finished so far."""

    level: int
    chunks: int
    finished: int


@dataclass(frozen=True, slots=True)
class Looking:
    """The search for cuts: parts of the source, and those that are looked through by now."""

    parts: int
    finished: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Counts of chunks are cumulative: a published one is also rebased and encoded.

    Times are in seconds; `worked` are those in which at least one worker was there. `remaining` is
    None until something has been finished. `machines` counts the attempts that run by the state of
    their machine. `chunk_frames` is N. `frames_done_here` leaves out what an earlier run had
    finished. `choosing` is the round that is under way while a cq-level is searched for; the counts
    are of the output's chunks even then, of which those that are found to be finished come last.
    `looking` is set while cuts are looked for: then chunks and frames are not known yet, and all
    their counts are 0.
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
    choosing: Choosing | None = None
    looking: Looking | None = None

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
    _total: int = 0
    _untimed: int = 0
    _since: float | None = None
    _level: int | None = None
    _searched: int = 0
    _parts: Tally | None = None
    _expected: int = 0
    _output: Tally = field(default_factory=Tally)
    _round: Tally = field(default_factory=Tally)
    _state: dict[str, str] = field(default_factory=dict)

    def looking(
        self, parts: Collection[str], finished: Collection[str], expected: int, now: float
    ) -> None:
        """Cuts are looked for in these parts of the source, tasks by name, of which some are
        finished. So many chunks there would be without any. `planned` is to be called at its
        end."""
        self.phase, self._expected = LOOKING, expected
        self.staffed(self.workers, now)
        self._parts = Tally.begun(dict.fromkeys(parts, 0), finished)

    def planned(self, plan: Plan, duration: float, finished: Collection[str], now: float) -> None:
        """The plan is made; `finished` chunks need not be done again."""
        self._end_round()
        self._parts = None
        self.phase, self.duration = "Encoding", duration
        self.staffed(self.workers, now)
        self._chunk_frames, self._total = plan.chunk_frames, plan.frames
        frames = {chunk.name: chunk.frames for chunk in plan.chunks}
        self._output = Tally.begun(frames, finished)
        timed = self.worked and not self._searched  # what was searched counts as that
        self._untimed = 0 if timed else self._output.frames_done

    def choosing(self, level: int, frames: Mapping[str, int], finished: Collection[str]) -> None:
        """A round of the search for a cq-level begins: these chunks by their tasks' names, of which
        some are finished. To be called after `planned`, which is to be called again at its end."""
        self._end_round()
        self.phase, self._level = "Choosing quality", level
        self._round = Tally.begun(frames, finished)

    def _end_round(self) -> None:
        self._searched += self._round.frames_done_here
        self._round, self._level = Tally(), None

    @property
    def _tally(self) -> Tally:
        """Of what is being done."""
        if self._parts is not None:
            return self._parts
        return self._output if self._level is None else self._round

    def staffed(self, workers: int, now: float) -> None:
        """So many are connected now."""
        if self._since is not None:
            self.worked += now - self._since
        self._since = now if workers else None
        self.workers = workers

    def entered(self, chunk: str, state: str) -> None:
        """An attempt at `chunk` entered a state of its machine."""
        self._state[chunk] = state
        self._tally.entered(chunk, state)

    def done(self, chunk: str) -> None:
        """The chunk is published."""
        self._state.pop(chunk, None)
        self._tally.reach(chunk, PUBLISHED)

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
        return self._output.chunks

    @property
    def tasks_left(self) -> int | None:
        """Chunks to do; None while that is not known. While cuts are looked for, as many as are
        expected, so that their workers may come meanwhile. During a search for a level, those of a
        whole round: what workers it needs are needed to its end."""
        if self._parts is not None:
            return self._expected
        if self._level is not None:
            return self._round.chunks
        return self.output_left if self._output.chunks else None

    @property
    def output_left(self) -> int:
        """Chunks of the output that are not finished; none while there is no plan."""
        return self._output.chunks - self._output.published

    def snapshot(self, now: float) -> Snapshot:
        """How far the job is."""
        worked = self.worked + (now - self._since if self._since is not None else 0.0)
        output, total, done = self._output, self._total, self._output.frames_done
        searched = self._searched + self._round.frames_done_here
        timed = done - self._untimed + searched
        rate = timed / worked if timed and worked > 0 else 0.0
        return Snapshot(
            phase=self.phase,
            chunks=output.chunks,
            chunk_frames=self._chunk_frames,
            encoded=output.encoded,
            rebased=output.rebased,
            published=output.published,
            frames=total,
            frames_done=done,
            frames_done_here=output.frames_done_here + searched,
            workers=self.workers,
            machines=dict(Counter(self._state.values())),
            attempts_lost=self.attempts_lost,
            worked=worked,
            frames_per_second=rate,
            speed=rate * self.duration / total if total else 0.0,
            remaining=(total - done) / rate if rate and self._level is None else None,
            choosing=self._choosing,
            looking=self._looking,
        )

    @property
    def _looking(self) -> Looking | None:
        if self._parts is None:
            return None
        return Looking(self._parts.chunks, self._parts.published)

    @property
    def _choosing(self) -> Choosing | None:
        if self._level is None:
            return None
        return Choosing(self._level, self._round.chunks, self._round.published)
