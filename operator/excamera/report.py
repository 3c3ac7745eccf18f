"""What a finished job has to say for itself. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from excamera.choosing import shortfall
from excamera.layout import Layout
from excamera.quality import decibels, named

SEEN_AS: Final = {"fetching": "fetching (reading and decoding the source)"}
"""States of workers whose name says too little to people."""


@dataclass(frozen=True, slots=True)
class WorstChunk:
    """The one least like the source: `ssim_db` is of the mean over its frames."""

    number: int
    first_frame: int
    frames: int
    ssim_db: float


@dataclass(frozen=True, slots=True)
class Report:
    """Times are in seconds: `seconds` from the beginning of the last run to its end, and what
    earlier ones have worked for, as far as that is known. `bitrate` is in bits a second, `ssim` the
    linear mean over frames.

    `sha256` is the output's, in hexadecimal. `manifest` is the URL of its list of chunks, or empty.
    `stages` holds the seconds that attempts spent in each state of their machine, over all workers.
    `ssim_db_asked` is what the job named instead of a cq-level, or None; so many `rounds` were
    needed then to choose the level. `layout` has what was chosen where the job left it open.
    `frames_untimed` are those that earlier runs had finished, if nobody knows in how many seconds.
    docs/tuning.md has all fields, for people.
    """

    output: str
    frames: int
    key_frames: int
    chunks: int
    chunks_reused: int
    duration: float
    bytes: int
    sha256: str
    ssim: float
    cq_level: int
    seconds: float
    workers: int
    attempts_lost: int
    stages: Mapping[str, float]
    concealed: tuple[int, ...]
    warnings: tuple[str, ...]
    layout: Layout
    worst_chunk: WorstChunk
    manifest: str = ""
    ssim_db_asked: float | None = None
    rounds: int = 0
    frames_untimed: int = 0

    @property
    def bitrate(self) -> float:
        """Bits a second over the whole output, audio included."""
        return 8 * self.bytes / self.duration if self.duration else 0.0

    @property
    def ssim_decibels(self) -> float:
        """Of the mean over the linear values."""
        return decibels(self.ssim)

    @property
    def shortfall(self) -> str:
        """Why the quality is not what was asked for; empty if it is, or if none was."""
        if self.ssim_db_asked is None:
            return ""
        return shortfall(self.ssim_db_asked, self.cq_level, self.ssim_decibels)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is not as it was asked for, or worth knowing."""
        return (*((self.shortfall,) if self.shortfall else ()), *self.warnings)

    @property
    def key_frames_within_chunks(self) -> int:
        """Those that begin no chain: libvpx found a cut there."""
        return self.key_frames - self.layout.chains

    @property
    def speed(self) -> float:
        """Seconds of video encoded in a second, of those frames that `seconds` is of."""
        timed = 1 - self.frames_untimed / self.frames
        return timed * self.duration / self.seconds if self.seconds else 0.0

    def to_json(self) -> str:
        """One JSON object on one line."""
        worst = self.worst_chunk
        derived = {
            "worst_chunk": asdict(worst) | {"ssim_db": _finite(worst.ssim_db)},
            "key_frames_within_chunks": self.key_frames_within_chunks,
            "bitrate": self.bitrate,
            "ssim_db": _finite(self.ssim_decibels),
            "speed": self.speed,
            "shortfall": self.shortfall,
        }
        return json.dumps(asdict(self) | derived)

    def lines(self) -> tuple[str, ...]:
        """The report for people."""
        lines = [
            f"{self.output}",
            f"  {counted(self.frames, 'frame')}, {clock(self.duration)}, {size(self.bytes)},"
            f" {self.bitrate / 1e6:.2f} Mbit/s, {named(self.ssim_decibels)}",
            f"  {self._quality()}",
            f"  {self._chunks()}",
            f"  {self._key_frames()}",
            f"  {clock(self.seconds)} with {counted(self.workers, 'worker')}{self._rate()},"
            f" {counted(self.attempts_lost, 'attempt')} lost",
        ]
        if shares := self._shares():
            lines.append(f"  workers' time: {shares}")
        if self.manifest:
            lines.append(f"  every chunk is listed in {self.manifest}")
        if self.concealed:
            lines.append(f"  damaged frames concealed: {_listed(self.concealed)}")
        return (*lines, *(f"  note: {note}" for note in self.notes))

    def _rate(self) -> str:
        """Nothing where nothing was left to be encoded."""
        return f", {self.speed:.2f} x real time" if self.speed else ""

    def _quality(self) -> str:
        asked, worst = "", self.worst_chunk
        if self.ssim_db_asked is not None:
            rounds = counted(self.rounds, "round")
            asked = f", chosen for SSIM {self.ssim_db_asked:g} dB in {rounds}"
        return (
            f"cq-level {self.cq_level}{asked}; worst chunk: number {worst.number}, from frame"
            f" {worst.first_frame} on, {named(worst.ssim_db)}"
        )

    def _chunks(self) -> str:
        layout = self.layout
        made = f"{counted(self.chunks, 'chunk')} of {counted(layout.chunk_frames, 'frame')}"
        reused = f" ({self.chunks_reused} finished earlier)" if self.chunks_reused else ""
        if layout.chains == 1:
            return f"{made}{reused}, in one chain"
        cuts = ", and at cuts" if layout.chains_at_cuts is not None else ""
        return (
            f"{made}{reused}, {layout.chain_length} to a chain: a key frame every"
            f" {counted(layout.keyframe_frames, 'frame')}, or {layout.keyframe_seconds:.3g} s{cuts}"
        )

    def _key_frames(self) -> str:
        layout, inside = self.layout, self.key_frames_within_chunks
        cuts = f" ({layout.chains_at_cuts} at cuts)" if layout.chains_at_cuts is not None else ""
        if self.key_frames == 1:
            return "1 key frame, at the beginning"
        begin = f"{counted(layout.chains, 'chain')} {'begins' if layout.chains == 1 else 'begin'}"
        within = f", {inside} within chunks" if inside else ""
        return f"{self.key_frames} key frames: {begin} with one{cuts}{within}"

    def _shares(self) -> str:
        """What the workers did with their time, as far as it is a hundredth of it or more."""
        total = sum(self.stages.values())
        stages = sorted(self.stages.items(), key=lambda item: -item[1])
        shares = ((state, round(100 * spent / total)) for state, spent in stages if total)
        seen = (f"{SEEN_AS.get(state, state)} {share} %" for state, share in shares if share)
        return ", ".join(seen)


def counted(count: int, noun: str) -> str:
    """1 frame, 2 frames."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _finite(quality: float) -> float | None:
    return quality if math.isfinite(quality) else None


def clock(seconds: float) -> str:
    """Seconds as people read a duration: 4.2 s, 3:05, 1:02:03."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size(count: int) -> str:
    """Bytes as people read a size."""
    value = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.2f} {unit}"
        value /= 1000
    return f"{value:.2f} TB"


def _listed(frames: tuple[int, ...], most: int = 20) -> str:
    shown = ", ".join(map(str, frames[:most]))
    return shown + (f" and {len(frames) - most} more" if len(frames) > most else "")
