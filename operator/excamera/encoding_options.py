"""The options that say how to encode: arguments of `excamera encode` in, an Encoding out."""

from __future__ import annotations

import argparse

from excamera.arguments import whole
from excamera.job import (
    AUTO,
    DEFAULT_CHUNK_FRAMES,
    DEFAULT_CQ_LEVEL,
    DEFAULT_KEYFRAME_SECONDS,
    Encoding,
)


def add_to(command: argparse.ArgumentParser) -> None:
    """Adds the options."""
    command.add_argument(
        "--chunk-frames",
        type=_whole_or_auto,
        default=DEFAULT_CHUNK_FRAMES,
        metavar="N",
        help=f"frames per chunk, or {AUTO}: chosen from the source's length and size"
        f" (default: {DEFAULT_CHUNK_FRAMES})",
    )
    chain = command.add_mutually_exclusive_group()
    chain.add_argument(
        "--keyframe-seconds",
        type=float,
        metavar="S",
        help=f"time from key frame to key frame (default: {DEFAULT_KEYFRAME_SECONDS:g})",
    )
    chain.add_argument(
        "--chain-length", type=whole, metavar="X", help="the same in chunks, instead of seconds"
    )
    quality = command.add_mutually_exclusive_group()
    quality.add_argument(
        "--cq-level",
        type=whole,
        metavar="Q",
        help=f"quality: 0 is best, 63 smallest (default: {DEFAULT_CQ_LEVEL})",
    )
    quality.add_argument(
        "--ssim-db",
        type=float,
        metavar="D",
        help="quality as mean SSIM in decibels: the cq level that gives it is searched for first",
    )
    command.add_argument("--no-audio", action="store_true", help="leave the audio out")
    command.add_argument(
        "--keep-going", action="store_true", help="conceal damaged frames instead of failing"
    )


def encoding_of(options: argparse.Namespace) -> Encoding:
    """Raises InvalidJob."""
    level = options.cq_level if options.cq_level is not None else DEFAULT_CQ_LEVEL
    return Encoding(
        chunk_frames=options.chunk_frames,
        chain_length=options.chain_length,
        keyframe_seconds=options.keyframe_seconds,
        cq_level=level if options.ssim_db is None else None,
        ssim_decibels=options.ssim_db,
        audio=not options.no_audio,
        keep_going=options.keep_going,
    )


def _whole_or_auto(text: str) -> int | None:
    """None for `auto`."""
    if text == AUTO:
        return None
    try:
        return whole(text)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"{error}, nor {AUTO}") from None
