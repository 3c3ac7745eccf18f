"""Execution environments: AWS's emulator around awslambdaric and the real handler.

One environment runs one invocation at a time and is used again and again, as Lambda does. The
function's time-out is the emulator's own: it ends the process, and the next invocation has another.
What only Lambda can do to an environment is done with signals.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.chaos import processes
from tests.store.servers import free_port
from tests.tiers import EMULATOR

HANDLER = "excamera_worker.aws_lambda.handler"
PATH = "/2015-03-31/functions/function/invocations"


@dataclass(frozen=True)
class Function:
    """What `excamera lambda deploy` would have set. memory in MB, timeout in seconds."""

    name: str = "excamera-worker"
    memory: int = 2048
    timeout: int = 300
    reserved: int | None = None


class EnvironmentLost(Exception):
    """It ended before its invocation did."""


class Environment:
    """One emulator, without rights to anything; its output goes to `log`."""

    def __init__(self, function: Function, log: Path) -> None:
        self._function, self._log = function, log
        self._killed = False
        self._start()

    def _start(self) -> None:
        function = self._function
        port, runtime = free_port(), free_port()
        self._url = f"http://127.0.0.1:{port}{PATH}"
        own = {
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
            "PATH": os.environ["PATH"],
            "HOME": "/tmp",
        }
        argv = [str(EMULATOR), "--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
        argv += ["--runtime-api-address", f"127.0.0.1:{runtime}"]
        argv += [sys.executable, "-m", "awslambdaric", HANDLER]
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                argv, env=own, stdout=output, stderr=output, start_new_session=True
            )

    async def invoke(self, session: aiohttp.ClientSession, event: bytes) -> tuple[int, bytes]:
        """Status and answer, once the handler has ended. Raises EnvironmentLost."""
        while not self._killed:
            if self._process.poll() is not None:
                self._start()  # somebody else has taken one of its ports meanwhile
            try:
                async with session.post(self._url, data=event) as response:
                    return response.status, await response.read()
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.05)  # it has not begun to listen yet
            except aiohttp.ClientError:
                break
        raise EnvironmentLost

    def freeze_at_work(self) -> bool:
        """Stops handler and program in the middle of an attempt. False: there is none just now."""
        at_work = [pid for pid in self._programs if _can_be_stopped(pid)]
        processes.send(at_work, signal.SIGSTOP)
        if not any(map(processes.is_stopped, at_work)):  # it ended before it could be stopped
            return False
        processes.send(self._handlers, signal.SIGSTOP)
        return True

    def thaw(self) -> None:
        """What was stopped goes on."""
        handlers = self._handlers
        children = [child for handler in handlers for child in processes.children(handler)]
        processes.send([*children, *handlers], signal.SIGCONT)

    def kill(self) -> None:
        """Nothing of it remains."""
        self._killed = True
        processes.send([*self._programs, *self._handlers, self._process.pid], signal.SIGKILL)
        self._process.wait()

    @property
    def _handlers(self) -> list[int]:
        return processes.children(self._process.pid)

    @property
    def _programs(self) -> list[int]:
        return [pid for handler in self._handlers for pid in processes.programs(handler)]

    def stop(self) -> None:
        """The emulator ends its runtime when it is told to end."""
        self._process.terminate()
        self._process.wait()


def _can_be_stopped(pid: int) -> bool:
    return processes.dies_with_its_worker(pid) and not processes.tells_its_version(pid)
