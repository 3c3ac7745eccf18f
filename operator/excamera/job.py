"""What a person asks for: one source video in, one output file out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from excamera.errors import InvalidJob
from excamera.ranges import Range

CHUNK_FRAMES: Final = Range(1, 1000)
CHAIN_LENGTH: Final = Range(1, 100_000)
KEYFRAME_SECONDS: Final = Range(0.1, 3600)
BEST_LEVEL, SMALLEST_LEVEL = 0, 63
CQ_LEVEL: Final = Range(BEST_LEVEL, SMALLEST_LEVEL)
DECIBELS: Final = Range(1, 60)
"""Of SSIM, that may be asked for."""

BACKOFF_LIMIT: Final = Range(0, 1000)
WORKERS: Final = Range(1, 100_000)

DEFAULT_CHUNK_FRAMES = 6
DEFAULT_KEYFRAME_SECONDS = 4.0
DEFAULT_CQ_LEVEL = 20
DEFAULT_BACKOFF_LIMIT = 6
AUTO = "auto"  # what people write for None
OUTPUT_SUFFIXES = (".webm", ".ivf")


@dataclass(frozen=True, slots=True)
class Encoding:
    """ExCamera[N, x] at one cq-level.

    chunk_frames: N; None: chosen from the source (`shape.automatic_chunk_frames`).
    chain_length: x; None: chains are cut so that key frames are `keyframe_seconds` apart.
    keyframe_seconds: None: the default, unless there is a chain length.
    cq_level: libvpx's, 0 (best) to 63 (smallest); None: searched for (`choosing`).
    ssim_decibels: what the mean SSIM should be then.
    """

    chunk_frames: int | None = DEFAULT_CHUNK_FRAMES
    chain_length: int | None = None
    keyframe_seconds: float | None = None
    cq_level: int | None = DEFAULT_CQ_LEVEL
    ssim_decibels: float | None = None
    audio: bool = True
    keep_going: bool = False

    def __post_init__(self) -> None:
        _within("chunk frames (--chunk-frames)", self.chunk_frames, CHUNK_FRAMES)
        _within("chain length (--chain-length)", self.chain_length, CHAIN_LENGTH)
        _within("key-frame distance (--keyframe-seconds)", self.keyframe_seconds, KEYFRAME_SECONDS)
        _within("cq level (--cq-level)", self.cq_level, CQ_LEVEL)
        _within("SSIM in dB (--ssim-db)", self.ssim_decibels, DECIBELS)
        _require(
            self.chain_length is None or self.keyframe_seconds is None,
            "chain length and key-frame distance (--chain-length, --keyframe-seconds) say the same"
            " thing; give one of them",
        )
        _require(
            (self.cq_level is None) is (self.ssim_decibels is not None),
            "cq level and SSIM (--cq-level, --ssim-db): give one of them",
        )

    @property
    def distance_seconds(self) -> float | None:
        """How far apart key frames are to be; None if that is said in chunks."""
        if self.chain_length is not None:
            return None
        return self.keyframe_seconds or DEFAULT_KEYFRAME_SECONDS


@dataclass(frozen=True, slots=True)
class Job:
    """One source in, one output out. URLs are paths, file:// or s3://bucket/key."""

    source: str
    output: str
    encoding: Encoding = field(default_factory=Encoding)
    backoff_limit: int = DEFAULT_BACKOFF_LIMIT
    title: str = ""

    def __post_init__(self) -> None:
        _require(bool(self.source), "there is no source")
        for place in (self.source, self.output):  # they become arguments of programs
            _require(not place.startswith("-"), f"{place!r} looks like an option; write ./{place}")
        _require(
            self.output.lower().endswith(OUTPUT_SUFFIXES),
            f"output {self.output!r} must end in {' or '.join(OUTPUT_SUFFIXES)}",
        )
        _require(
            self.output.rpartition("/")[2].lower() not in OUTPUT_SUFFIXES,
            f"output {self.output!r} has no name before its suffix",
        )
        _within("backoff limit (--backoff-limit)", self.backoff_limit, BACKOFF_LIMIT)


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise InvalidJob(message)


def _within(what: str, value: float | None, among: Range) -> None:
    """Refuses NaN as well."""
    _require(value is None or value in among, f"{what} must be {among}, not {value}")
