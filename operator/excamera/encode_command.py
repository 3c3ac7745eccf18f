"""`excamera encode`: one video, on this machine."""

from __future__ import annotations

import argparse
import asyncio

from excamera import encoding_options, local_options
from excamera.arguments import Commands, whole
from excamera.job import BACKOFF_LIMIT, DEFAULT_BACKOFF_LIMIT, Job
from excamera.local import encode_locally
from excamera.local_options import EXIT_STATUSES, absolute, real_path

TUNING = """\
Which option trades what, and what the report's fields mean: docs/tuning.md of
the project. What is in a bucket (s3://BUCKET/KEY) needs AWS_ACCESS_KEY_ID and
AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; a store that is not AWS's is named by
AWS_ENDPOINT_URL.
"""


def add_to(commands: Commands) -> None:
    """Adds the sub-command."""
    encode = commands.add_parser(
        "encode",
        help="encode one video on this machine",
        description="Encodes SOURCE into a WebM or IVF file.",
        epilog=f"{TUNING}\n{EXIT_STATUSES}",
    )
    encode.add_argument("source", metavar="SOURCE", help="a video: a path, file:// or s3://")
    encode.add_argument(
        "-o",
        "--output",
        required=True,
        help="a .webm or .ivf file, like SOURCE a path, file:// or s3://; one that exists is"
        " replaced",
    )
    encoding_options.add_to(encode)
    encode.add_argument(
        "--backoff-limit",
        type=whole(BACKOFF_LIMIT),
        default=DEFAULT_BACKOFF_LIMIT,
        metavar="TRIES",
        help=f"retries before a chunk fails, {BACKOFF_LIMIT} (default: {DEFAULT_BACKOFF_LIMIT})",
    )
    encode.add_argument("--title", default="", help="title to write into the output")
    local_options.add_to(encode)
    encode.set_defaults(run=_encode)


def _encode(options: argparse.Namespace) -> int:
    job = Job(
        real_path(options.source),
        absolute(options.output),
        encoding_options.encoding_of(options),
        options.backoff_limit,
        options.title,
    )
    return asyncio.run(encode_locally(job, local_options.settings_of(options)))
