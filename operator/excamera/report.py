"""What a finished job has to say for itself. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Report:
    """Times are in seconds, `bitrate` in bits a second, `ssim` is the linear mean over frames.

    `stages` holds the seconds that attempts spent in each state of their machine, over all workers.
    """

    output: str
    frames: int
    key_frames: int
    chunks: int
    chunks_reused: int
    duration: float
    bytes: int
    ssim: float
    seconds: float
    workers: int
    attempts_lost: int
    stages: Mapping[str, float]
    concealed: tuple[int, ...]
    warnings: tuple[str, ...]

    @property
    def bitrate(self) -> float:
        """Bits a second over the whole output, audio included."""
        return 8 * self.bytes / self.duration if self.duration else 0.0

    @property
    def ssim_decibels(self) -> float:
        """-10 log10(1 - SSIM), of the mean over the linear values (NSDI'17 section 5)."""
        return decibels(self.ssim)

    @property
    def speed(self) -> float:
        """Seconds of video encoded in a second."""
        return self.duration / self.seconds if self.seconds else 0.0

    def to_json(self) -> str:
        """One JSON object on one line."""
        derived = {
            "bitrate": self.bitrate,
            "ssim_db": self.ssim_decibels if math.isfinite(self.ssim_decibels) else None,
            "speed": self.speed,
        }
        return json.dumps(asdict(self) | derived)

    def lines(self) -> tuple[str, ...]:
        """The report for people."""
        stages = sorted(self.stages.items(), key=lambda item: -item[1])
        total = sum(self.stages.values()) or 1.0
        lines = [
            f"{self.output}",
            f"  {self.frames} frames, {clock(self.duration)}, {size(self.bytes)},"
            f" {self.bitrate / 1e6:.2f} Mbit/s, SSIM {self.ssim_decibels:.2f} dB",
            f"  {self.key_frames} key frames in {self.chunks} chunks"
            + (f" ({self.chunks_reused} finished earlier)" if self.chunks_reused else ""),
            f"  {clock(self.seconds)} with {self.workers} workers,"
            f" {self.speed:.2f} x real time, {self.attempts_lost} attempts lost",
            "  workers' time: "
            + ", ".join(f"{state} {100 * spent / total:.0f} %" for state, spent in stages),
        ]
        if self.concealed:
            lines.append(f"  damaged frames concealed: {_listed(self.concealed)}")
        return (*lines, *(f"  note: {warning}" for warning in self.warnings))


def decibels(ssim: float) -> float:
    """SSIM in dB; infinite for identical pictures."""
    return -10 * math.log10(1 - ssim) if ssim < 1 else math.inf


def clock(seconds: float) -> str:
    """Seconds as people read a duration: 4.2 s, 3:05, 1:02:03."""
    if seconds < 60:
        return f"{seconds:.1f} s"
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
