"""Options of the commands that do a job from this machine, and how they read paths."""

from __future__ import annotations

import argparse
import os
from urllib.parse import unquote, urlsplit

from excamera.arguments import whole
from excamera.job import WORKERS
from excamera.local import LocalSettings

EXIT_STATUSES = """\
exit status:
  0  done                                   4  a place cannot be read or written
  2  the command or manifest is wrong       5  internal error
  3  the source is missing, no video,       6  a chunk failed too often
     or damaged
  130  interrupted; the same command again goes on from the finished chunks
"""


def add_to(command: argparse.ArgumentParser, workers: str = "one per core") -> None:
    """Adds the options. workers: how many there are by default."""
    command.add_argument(
        "--workers",
        type=whole(WORKERS),
        metavar="W",
        help=f"at most so many, {WORKERS} (default: {workers})",
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
    command.add_argument(
        "--json", action="store_true", help="print the report as JSON, and no progress"
    )


def settings_of(options: argparse.Namespace, workers: int | None = None) -> LocalSettings:
    """workers: how many there are if the options do not say."""
    return LocalSettings(
        workers=options.workers if options.workers is not None else workers,
        store=options.store and absolute(options.store),
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
