"""`excamera-worker`: one worker, started by a backend with an invitation."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import math
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from excamera_worker import launch, logs
from excamera_worker.exit_codes import ExitCode
from excamera_worker.invitation import SIZE_LIMIT, InvalidInvitation, Invitation
from excamera_worker.settings import Settings
from excamera_worker.worker import Outcome, Worker, version

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

_EPILOG: Final = """\
The invitation is JSON: coordinator (host:port), job, backend, tls {authority, certificate, key};
optionally worker and seconds. From standard input ("-") no more is read than the one object.

exit status:
  0  told to quit, or left because of SIGTERM or the time limit
  2  the arguments or the invitation make no sense
  4  the coordinator was out of reach for too long
  5  the coordinator refused this worker, or TLS refused the coordinator
"""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        invitation = Invitation.parse(_read(options.invitation))
    except InvalidInvitation as error:
        return _refused(str(error))
    except OSError as error:
        return _refused(f"cannot read the invitation {options.invitation}: {error.strerror}")
    if options.worker:
        invitation = dataclasses.replace(invitation, worker=options.worker)
    if invitation.backend == "local":
        launch.end_with_parent(os.getppid(), signal.SIGTERM)
    context = {"job": invitation.job, "worker": invitation.worker}
    logs.set_up(options.log_format, options.log_level, context)
    outcome = asyncio.run(_run(invitation, _settings(options)))
    if outcome.exit_code is not ExitCode.OK:
        print(f"excamera-worker: {outcome.reason}", file=sys.stderr)
    return outcome.exit_code


def _refused(why: str) -> ExitCode:
    print(f"excamera-worker: {why}", file=sys.stderr)
    return ExitCode.USAGE


async def _run(invitation: Invitation, settings: Settings) -> Outcome:
    worker = Worker(invitation, settings)
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, worker.leave, number.name)
    return await worker.run()


def _read(source: str) -> bytes:
    descriptor = sys.stdin.fileno() if source == "-" else os.open(source, os.O_RDONLY)
    text = b""
    try:
        # A parent may keep its end of the pipe open, so the object's end is the end, not EOF.
        while len(text) <= SIZE_LIMIT and not _is_whole(text):
            block = os.read(descriptor, 65536)
            if not block:
                break
            text += block
        return text
    finally:
        if source != "-":
            os.close(descriptor)


def _is_whole(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _settings(options: argparse.Namespace) -> Settings:
    given = {
        "scratch": options.scratch,
        "time_limit": options.time_limit,
        "reconnect": options.reconnect,
    }
    return dataclasses.replace(
        Settings(), **{name: value for name, value in given.items() if value is not None}
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number of seconds above 0, not {text!r}")
    return seconds


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="excamera-worker",
        allow_abbrev=False,
        description="Dial a coordinator and carry out what it says. Backends start this program.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--invitation", required=True, metavar="FILE", help="whom to dial, and as whom; -: stdin")
    add("--worker", metavar="NAME", help="the name to go by, instead of the invitation's")
    add("--scratch", type=Path, metavar="FOLDER", help="where to put scratch folders (TMPDIR)")
    add("--time-limit", type=_seconds, metavar="SECONDS", help="leave shortly before this")
    add(
        "--reconnect",
        type=_seconds,
        metavar="SECONDS",
        help="how long the coordinator may be out of reach (120)",
    )
    add("--log-format", choices=logs.FORMATS, default="text")
    add("--log-level", choices=logs.LEVELS, default="info")
    add("--version", action="version", version=f"excamera-worker {version() or 'not installed'}")
    return parser
