"""`excamera run`: a manifest's EncodeJob without a cluster, and with folders for buckets."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import os
import sys
from collections.abc import Collection, Mapping

from excamera import lambda_options, local_options, manifest
from excamera.arguments import Commands
from excamera.errors import InvalidJob, StorageFailed
from excamera.failures import for_command_line
from excamera.job import Job
from excamera.local import encode_locally
from excamera.local_options import EXIT_STATUSES, absolute, real_path
from excamera_store import NoCredentials

SCHEME = "s3://"


def add_to(commands: Commands) -> None:
    """Adds the sub-command."""
    run = commands.add_parser(
        "run",
        help="run an EncodeJob manifest without a cluster",
        description="Runs the EncodeJob of a manifest without a cluster: with workers on this"
        " machine, or where its backend is Lambda, with those of an AWS Lambda function.",
        epilog=EXIT_STATUSES,
    )
    run.add_argument("-f", "--filename", required=True, help="the manifest; - is standard input")
    run.add_argument(
        "--bucket",
        action="append",
        default=[],
        metavar="NAME=FOLDER",
        help="let a folder stand in for a bucket; may be repeated",
    )
    local_options.add_to(run, "what the manifest says, or one per core")
    lambda_options.add_options(run)
    run.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    read = manifest.load(_text_of(options.filename))
    folders = dict(_bucket(argument) for argument in options.bucket)
    _check_folders(folders, _buckets(read.job))
    job = dataclasses.replace(
        read.job,
        source=real_path(_in_folder(read.job.source, folders)),
        output=absolute(_in_folder(read.job.output, folders)),
    )
    settings = local_options.settings_of(options, read.max_workers or None)
    if read.backend == "Lambda":
        from excamera.on_lambda import encode_on_lambda  # loads AWS's libraries

        return asyncio.run(encode_on_lambda(job, settings, lambda_options.settings_of(options)))
    try:
        return asyncio.run(encode_locally(job, settings))
    except StorageFailed as error:
        if not isinstance(error.__cause__, NoCredentials):
            raise
        instead = " ".join(f"--bucket {name}=FOLDER" for name in sorted(_buckets(job)))
        raise StorageFailed(
            f"{for_command_line(error)}, or let a folder stand in for the bucket: {instead}"
        ) from error


def _text_of(filename: str) -> str:
    if filename == "-":
        return sys.stdin.read()
    try:
        with open(filename, encoding="utf-8") as file:
            return file.read()
    except OSError as error:
        raise StorageFailed(f"cannot read the manifest {filename}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidJob(f"the manifest {filename} is not text in UTF-8") from error


def _bucket(argument: str) -> tuple[str, str]:
    name, equals, folder = argument.partition("=")
    if not (name and equals and folder):
        raise InvalidJob(f"--bucket takes NAME=FOLDER, not {argument!r}")
    return name, folder


def _check_folders(folders: Mapping[str, str], buckets: Collection[str]) -> None:
    for name, folder in folders.items():
        if name not in buckets:
            named = ", ".join(sorted(buckets)) or "none"
            raise InvalidJob(f"--bucket {name}: the manifest names no such bucket, but {named}")
        if not os.path.isdir(folder):
            raise StorageFailed(f"--bucket {name}: there is no folder {folder}")


def _buckets(job: Job) -> set[str]:
    """The names of those that the job's objects are in."""
    urls = [url for url in (job.source, job.output) if url.startswith(SCHEME)]
    return {url.removeprefix(SCHEME).partition("/")[0] for url in urls}


def _in_folder(url: str, folders: Mapping[str, str]) -> str:
    """`url` itself, or the file that stands in for it where its bucket is a folder."""
    if not url.startswith(SCHEME):
        return url
    bucket, _, key = url.removeprefix(SCHEME).partition("/")
    return f"{folders[bucket]}/{key}" if bucket in folders else url
