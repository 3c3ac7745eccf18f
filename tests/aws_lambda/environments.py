"""Execution environments: AWS's emulator around awslambdaric and the real handler.

One environment runs one invocation at a time and is used again and again, as Lambda does. The
function's time-out is the emulator's own: it ends the process, and the next invocation has another.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import aiohttp

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


class Environment:
    """One emulator, without rights to anything; its output goes to `log`."""

    def __init__(self, function: Function, log: Path) -> None:
        port, runtime = free_port(), free_port()
        self.invocations = 0
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
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                argv, env=own, stdout=output, stderr=output, start_new_session=True
            )

    async def invoke(self, session: aiohttp.ClientSession, event: bytes) -> tuple[int, bytes]:
        """Status and answer, once the handler has ended."""
        self.invocations += 1
        while True:
            try:
                async with session.post(self._url, data=event) as response:
                    return response.status, await response.read()
            except aiohttp.ClientConnectorError:
                if self._process.poll() is not None:
                    raise

    def stop(self) -> None:
        """The emulator ends its runtime when it is told to end."""
        self._process.terminate()
        self._process.wait()
