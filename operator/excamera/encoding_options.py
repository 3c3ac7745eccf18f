"""The options that say how to encode: arguments of `excamera encode` in, an Encoding out."""

from __future__ import annotations

import argparse

from excamera.arguments import decimal, whole
from excamera.errors import InvalidJob
from excamera.job import (
    AUTO,
    CHAIN_LENGTH,
    CHUNK_FRAMES,
    CQ_LEVEL,
    DECIBELS,
    DEFAULT_CHUNK_FRAMES,
    DEFAULT_CQ_LEVEL,
    DEFAULT_KEYFRAME_SECONDS,
    KEYFRAME_SECONDS,
    Encoding,
)


def add_to(command: argparse.ArgumentParser) -> None:
    """Adds the options."""
    add = command.add_argument
    add(
        "--chunk-frames",
        type=whole(CHUNK_FRAMES, AUTO),
        default=DEFAULT_CHUNK_FRAMES,
        metavar="N",
        help=f"frames per chunk, {CHUNK_FRAMES}, or {AUTO}: chosen from the source's length and"
        f" size (default: {DEFAULT_CHUNK_FRAMES})",
    )
    _add_distance(command)
    add(
        "--cq-level",
        type=whole(CQ_LEVEL, AUTO),
        metavar="Q",
        help=f"quantisation, {CQ_LEVEL}: 0 is best, 63 smallest (default: {DEFAULT_CQ_LEVEL});"
        f" or {AUTO}, with --ssim-db",
    )
    add(
        "--ssim-db",
        type=decimal(DECIBELS),
        metavar="D",
        help=f"quality as mean SSIM in decibels, {DECIBELS}, instead of --cq-level: the level that"
        " gives it is searched for first",
    )
    add("--no-audio", action="store_true", help="leave the audio out")
    add("--keep-going", action="store_true", help="conceal damaged frames instead of failing")


def _add_distance(command: argparse.ArgumentParser) -> None:
    chain = command.add_mutually_exclusive_group()
    chain.add_argument(
        "--keyframe-seconds",
        type=decimal(KEYFRAME_SECONDS),
        metavar="S",
        help=f"time from key frame to key frame, {KEYFRAME_SECONDS}, to the nearest chunk"
        f" (default: {DEFAULT_KEYFRAME_SECONDS:g})",
    )
    chain.add_argument(
        "--chain-length",
        type=whole(CHAIN_LENGTH),
        metavar="X",
        help=f"the same in chunks, {CHAIN_LENGTH}, instead of seconds",
    )


def encoding_of(options: argparse.Namespace) -> Encoding:
    """Raises InvalidJob."""
    return Encoding(
        chunk_frames=None if options.chunk_frames == AUTO else options.chunk_frames,
        chain_length=options.chain_length,
        keyframe_seconds=options.keyframe_seconds,
        cq_level=_level(options.cq_level, options.ssim_db),
        ssim_decibels=options.ssim_db,
        audio=not options.no_audio,
        keep_going=options.keep_going,
    )


def _level(level: int | str | None, decibels: float | None) -> int | None:
    """None where it is to be searched for. level: as it was given, if it was."""
    if isinstance(level, int):
        if decibels is not None:
            raise InvalidJob(
                f"--cq-level {level} and --ssim-db {decibels:g}: the one says how to encode, the"
                " other has a level searched for; give one of them"
            )
        return level
    if decibels is not None:
        return None
    if level == AUTO:
        raise InvalidJob(
            f"--cq-level {AUTO} searches for the level that gives a quality; say which, such as"
            " --ssim-db 15"
        )
    return DEFAULT_CQ_LEVEL
