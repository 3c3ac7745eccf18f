"""The `excamera` command: arguments in, an exit status out.

excamera encode SOURCE -o OUTPUT     one video, on this machine
excamera run -f encodejob.yaml       the same, from the manifest that a cluster takes
excamera graph                       the machine of a chunk, drawn
excamera lambda deploy|status|…      the workers' function on AWS Lambda
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from urllib.parse import unquote, urlsplit

from excamera import encoding_options, graph_command, lambda_command, lambda_options, manifest
from excamera.errors import INTERRUPTED, InvalidJob, JobError, StorageFailed
from excamera.failures import for_command_line
from excamera.job import DEFAULT_BACKOFF_LIMIT, Job
from excamera.local import LocalSettings, encode_locally

EXIT_STATUSES = """\
exit status:
  0  done                                   4  a place cannot be read or written
  2  the command or manifest is wrong       5  internal error
  3  the source is missing, no video,       6  a chunk failed too often
     or damaged
  130  interrupted; the same command again goes on from the finished chunks
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit status. One line on standard error says why."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except JobError as error:
        complain(for_command_line(error))
        return error.exit_status
    except (KeyboardInterrupt, asyncio.CancelledError):
        complain("interrupted; run the same command again to go on")
        return INTERRUPTED
    except Exception as error:  # the edge of the process: everything becomes one line
        if os.environ.get("EXCAMERA_TRACEBACK"):
            raise
        complain(f"internal error: {type(error).__name__}: {error}")
        return JobError.exit_status


def complain(message: str) -> None:
    """One line on standard error, if there is still somebody who reads it."""
    try:
        print(f"excamera: {message}", file=sys.stderr, flush=True)
    except OSError:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - for the rest of the process


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="excamera",
        description="Encodes video with many tiny workers: ExCamera on mu.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=EXIT_STATUSES,
    )
    top.add_argument("--version", action="version", version=f"excamera {version('excamera')}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _add_encode(commands)
    _add_run(commands)
    graph_command.add_to(commands)
    lambda_command.add_to(commands)
    return top


def _add_encode(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    encode = commands.add_parser(
        "encode",
        help="encode one video on this machine",
        description="Encodes SOURCE (a path, file:// or s3://) into a WebM or IVF file.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=EXIT_STATUSES,
    )
    encode.add_argument("source", metavar="SOURCE")
    encode.add_argument(
        "-o", "--output", required=True, help="a .webm or .ivf file; one that exists is replaced"
    )
    encoding_options.add_to(encode)
    encode.add_argument(
        "--backoff-limit",
        type=int,
        default=DEFAULT_BACKOFF_LIMIT,
        metavar="TRIES",
        help=f"retries before a chunk fails (default: {DEFAULT_BACKOFF_LIMIT})",
    )
    encode.add_argument("--title", default="", help="title to write into the output")
    _add_local_options(encode)
    encode.set_defaults(run=_encode)


def _add_run(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = commands.add_parser(
        "run",
        help="run an EncodeJob manifest without a cluster",
        description="Runs the EncodeJob of a manifest without a cluster: with workers on this"
        " machine, or where its backend is Lambda, with those of an AWS Lambda function.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
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
    _add_local_options(run)
    lambda_options.add_options(run)
    run.set_defaults(run=_run)


def _add_local_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--workers", type=int, metavar="W", help="at most so many (default: one per core)"
    )
    command.add_argument(
        "--store", metavar="URL", help="where unfinished work is kept (default: OUTPUT.excamera)"
    )
    command.add_argument(
        "--output-manifest",
        default="",
        metavar="URL",
        help="list every chunk there as JSON, with its figures and checksum",
    )
    command.add_argument("--json", action="store_true", help="print the final report as JSON")


def _encode(options: argparse.Namespace) -> int:
    job = Job(
        real_path(options.source),
        absolute(options.output),
        encoding_options.encoding_of(options),
        options.backoff_limit,
        options.title,
    )
    return asyncio.run(encode_locally(job, _settings(options, options.workers)))


def _run(options: argparse.Namespace) -> int:
    read = manifest.load(_text_of(options.filename))
    folders = dict(_bucket(argument) for argument in options.bucket)
    job = dataclasses.replace(
        read.job,
        source=real_path(_in_folder(read.job.source, folders)),
        output=absolute(_in_folder(read.job.output, folders)),
    )
    settings = _settings(options, options.workers or read.max_workers or None)
    if read.backend == "Lambda":
        from excamera.on_lambda import encode_on_lambda  # loads AWS's libraries

        return asyncio.run(encode_on_lambda(job, settings, lambda_options.settings_of(options)))
    return asyncio.run(encode_locally(job, settings))


def _settings(options: argparse.Namespace, workers: int | None) -> LocalSettings:
    if workers is not None and workers < 1:
        raise InvalidJob("there must be at least one worker")
    store = options.store and absolute(options.store)
    return LocalSettings(
        workers=workers,
        store=store,
        manifest=absolute(options.output_manifest),
        json=options.json,
    )


def absolute(url: str) -> str:
    """A path from the root, because workers stand in folders of their own; other URLs as they
    are. Links among the folders are followed; the name itself may be one, and is replaced."""
    path = _path_of(url)
    if path is None:
        return url
    folder, name = os.path.split(path)
    return os.path.join(os.path.realpath(folder), name)


def real_path(url: str) -> str:
    """The same with every link followed, so that a file is known by one name only."""
    path = _path_of(url)
    return url if path is None else os.path.realpath(path)


def _path_of(url: str) -> str | None:
    if url.startswith("file:///"):
        return unquote(urlsplit(url).path)
    return None if "://" in url or not url else url


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


def _in_folder(url: str, folders: dict[str, str]) -> str:
    """`url` itself, or the file that stands in for it where its bucket is a folder."""
    if not url.startswith("s3://"):
        return url
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return f"{folders[bucket]}/{key}" if bucket in folders else url
