"""What a person asks for: one source video in, one output file out."""

from __future__ import annotations

from dataclasses import dataclass, field

from excamera.errors import InvalidJob

DEFAULT_CHUNK_FRAMES = 6
DEFAULT_CHAIN_LENGTH = 16
DEFAULT_CQ_LEVEL = 20
DEFAULT_BACKOFF_LIMIT = 6
OUTPUT_SUFFIXES = (".webm", ".ivf")


@dataclass(frozen=True, slots=True)
class Encoding:
    """ExCamera[chunk_frames, chain_length] at a constant quality.

    `cq_level` is libvpx's: 0 (best) to 63 (smallest).
    """

    chunk_frames: int = DEFAULT_CHUNK_FRAMES
    chain_length: int = DEFAULT_CHAIN_LENGTH
    cq_level: int = DEFAULT_CQ_LEVEL
    audio: bool = True
    keep_going: bool = False

    def __post_init__(self) -> None:
        _require(1 <= self.chunk_frames <= 1000, "chunk frames (--chunk-frames) must be 1 to 1000")
        _require(
            1 <= self.chain_length <= 100_000, "chain length (--chain-length) must be 1 to 100000"
        )
        _require(0 <= self.cq_level <= 63, "cq level (--cq-level) must be 0 to 63")


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
        _require(self.backoff_limit >= 0, "backoff limit (--backoff-limit) must not be negative")


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise InvalidJob(message)
