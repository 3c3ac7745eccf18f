"""excamera lambda cost: what a video will cost on AWS Lambda, before anything is encoded."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import os
import tempfile
from pathlib import Path
from typing import Final

from excamera import executables
from excamera.access import StoreAccess
from excamera.arguments import whole
from excamera.failures import of_source
from excamera.job import CHUNK_FRAMES, DEFAULT_CHUNK_FRAMES, WORKERS
from excamera.lambda_options import MOST_WORKERS, add_prices, of_lambda, prices_of
from excamera.local import print_out, say
from excamera.ranges import Range
from excamera.report import counted
from excamera_lambda.cost import Work, estimate, shown
from excamera_lambda.errors import LambdaError
from excamera_lambda.function import ARCHITECTURES, MEMORY, STORAGE, Function
from excamera_lambda.limits import Facts
from excamera_lambda.prices import data, prices
from excamera_media.index import Index

DEFAULTS: Final = Function("", "", "")
EPILOG: Final = """\
exit status:
  0  done                                   4  the source's place cannot be read
  2  the command is wrong                   5  internal error
  3  the source is missing, no video,
     or damaged
"""


def add_to(command: argparse.ArgumentParser) -> None:
    """Adds its options."""
    add = command.add_argument
    add("source", metavar="SOURCE", help="a path, file:// or s3://")
    for name, metavar, among, default in (
        ("workers", "W", WORKERS, MOST_WORKERS),
        ("chunk-frames", "N", CHUNK_FRAMES, DEFAULT_CHUNK_FRAMES),
        ("memory", "MB", Range(*MEMORY), DEFAULTS.memory),
        ("storage", "MB", Range(*STORAGE), DEFAULTS.storage),
    ):
        add(
            f"--{name}",
            type=whole(among),
            default=default,
            metavar=metavar,
            help=f"{among} (default: {default})",
        )
    add("--architecture", choices=ARCHITECTURES, default=DEFAULTS.architecture)
    add_prices(command)
    add("--json", action="store_true", help="as JSON")
    command.set_defaults(run=_cost)


def _cost(options: argparse.Namespace) -> int:
    _check(options)
    given = prices_of(options)
    index = asyncio.run(_indexed(options.source))
    facts = Facts("", "", options.memory, DEFAULTS.timeout, options.architecture, options.storage)
    pixels = index.picture.width * index.picture.height
    work = Work(index.frames, pixels, -(-index.frames // options.chunk_frames))
    try:
        asked = prices(facts.architecture, given)
    except LambdaError as error:
        raise of_lambda(error) from error
    usage = estimate(work, options.workers, facts)
    dollars = usage.dollars(asked)
    if options.json:
        print_out(json.dumps(dataclasses.asdict(usage) | {"dollars": dollars}))
        return 0
    of = "as given" if given else f"of {data()['region']}, read {data()['read']}"
    print_out(
        f"{counted(index.frames, 'frame')} of {index.picture.width}×{index.picture.height} in"
        f" {counted(work.chunks, 'chunk')}: about {counted(usage.requests, 'invocation')} and"
        f" {usage.gb_seconds:.0f} GB-s, {shown(dollars)} (prices {of})"
    )
    return 0


def _check(options: argparse.Namespace) -> None:
    """Raises JobError if there is no source."""
    with of_source():
        store, key = StoreAccess().split(options.source)
        store.stat(key)


async def _indexed(source: str) -> Index:
    with tempfile.TemporaryDirectory(prefix="excamera-") as folder:
        made = Path(folder) / "index.json"
        argv = ("excamera-media", "index", source, "-o", str(made))
        await executables.run(argv, say, dict(os.environ))
        return Index.from_json(made.read_text("utf-8"))
