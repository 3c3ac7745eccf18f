"""Runs of `stays`, the program of these tests that may carry out one after the other."""

from __future__ import annotations

from excamera_proto.mu_pb2 import Reply, Run
from tests.worker.fake_coordinator import Connection

LONG = 3600.0
_PID = "import os; print(os.getpid())"


def stays(source: str, *more: str, **limits: float | str) -> Run:
    """Does what the source says. It sees `past`, a list as old as the process."""
    argv = ["stays", "-c", source, *more]
    return Run(argv=argv, **{"timeout_seconds": LONG, **limits})  # type: ignore[arg-type]


async def run(connection: Connection, source: str, *more: str, **limits: float | str) -> Reply:
    return await connection.ask(run=stays(source, *more, **limits))


async def pid(connection: Connection, *more: str, **limits: float | str) -> int:
    """Of the process that carries out a run with these arguments."""
    return int((await run(connection, _PID, *more, **limits)).ran.stdout)
