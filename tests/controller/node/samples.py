"""Clips that jobs encode, and what must come of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.controller.node.installation import Installation
from tests.local.clips import drawn
from tests.local.command import encoded


@dataclass(frozen=True, slots=True)
class Sample:
    """A clip's URL in the bucket, and what `excamera encode` makes of it with the settings of
    `Jobs.apply`."""

    source: str
    expected: bytes

    @classmethod
    def of(cls, installed: Installation, folder: Path, frames: int) -> Self:
        clip = drawn(folder / f"moving-{frames}.mp4", frames=frames, size="320x240")
        output = clip.with_suffix(".webm")
        encoded(clip, output, "--chunk-frames", 6, "--chain-length", 4)
        return cls(installed.put(clip), output.read_bytes())
