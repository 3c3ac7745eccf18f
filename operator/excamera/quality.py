"""SSIM in decibels, as numbers and as words. Pure."""

from __future__ import annotations

import math
from typing import Final

PERFECT: Final = 100.0
"""Decibels for pictures that are those of the source, where a number to reckon with is needed."""


def decibels(ssim: float) -> float:
    """-10 log10(1 - SSIM) (NSDI'17 section 5); infinite for identical pictures."""
    return -10 * math.log10(1 - ssim) if ssim < 1 else math.inf


def shown(quality: float) -> str:
    """Decibels for people, who know that it is SSIM."""
    return f"{quality:.2f} dB" if quality < PERFECT else "no difference to be seen"


def named(quality: float) -> str:
    """The same for those who do not."""
    return f"SSIM {shown(quality)}" if quality < PERFECT else shown(quality)
