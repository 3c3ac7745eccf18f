"""The `excamera` command: arguments in, an exit status out.

excamera encode SOURCE -o OUTPUT     one video, on this machine
excamera run -f encodejob.yaml       the same, from the manifest that a cluster takes
excamera graph                       the machine of a chunk, drawn
excamera lambda deploy|status|…      the workers' function on AWS Lambda
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from excamera import encode_command, graph_command, lambda_command, run_command
from excamera.arguments import Parser
from excamera.errors import INTERRUPTED, JobError
from excamera.failures import for_command_line
from excamera.local_options import EXIT_STATUSES


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
        complain(
            f"internal error: {type(error).__name__}: {error}; please report it, with what"
            " EXCAMERA_TRACEBACK=1 makes the same command say"
        )
        return JobError.exit_status


def complain(message: str) -> None:
    """One line on standard error, if there is still somebody who reads it."""
    try:
        print(f"excamera: {message}", file=sys.stderr, flush=True)
    except OSError:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - for the rest of the process


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = Parser(
        prog="excamera",
        description="Encodes video with many tiny workers: ExCamera on mu.",
        epilog=EXIT_STATUSES,
    )
    top.add_argument("--version", action="version", version=f"excamera {version('excamera')}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    encode_command.add_to(commands)
    run_command.add_to(commands)
    graph_command.add_to(commands)
    lambda_command.add_to(commands)
    return top
