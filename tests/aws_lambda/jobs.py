"""Whole jobs on emulated Lambda: the command `excamera run`, told where the service is."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from excamera_store import S3Settings, split_url
from tests.aws_lambda.service import ACCESS_KEY, REGION, SECRET_KEY, Service
from tests.local.command import EXCAMERA, encoded
from tests.store.servers import BUCKET

SOURCE = f"s3://{BUCKET}/lambda/clip.mp4"
CHUNK_FRAMES, CHAIN_LENGTH = 4, 3
HERE = "127.0.0.1:0"


@dataclass
class Bucket:
    """Where the jobs' objects lie, and the clip as a file."""

    settings: S3Settings
    clip: Path

    @property
    def variables(self) -> dict[str, str]:
        """The rights of whoever runs the job, and where the store is. Workers have none."""
        return {
            "AWS_ENDPOINT_URL": self.settings.endpoint or "",
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": REGION,
        }

    def read(self, url: str) -> bytes:
        store, key = split_url(url, self.settings)
        return store.read(key)

    def finished(self, output: str) -> int:
        """How many chunks of a job that has not ended are."""
        store, folder = split_url(f"{output}.excamera", self.settings)
        return sum(one.key.endswith("quality.json") for one in store.list(folder))

    def expected(self, chunk_frames: int = CHUNK_FRAMES) -> bytes:
        """What `excamera encode` makes of the clip on this machine."""
        output = self.clip.with_suffix(f".{chunk_frames}.webm")
        if not output.exists():
            shape = ("--chunk-frames", chunk_frames, "--chain-length", CHAIN_LENGTH)
            encoded(self.clip, output, *shape)
        return output.read_bytes()


def manifest(output: str, workers: int, chunk_frames: int = CHUNK_FRAMES) -> dict[str, Any]:
    """An EncodeJob of the clip."""
    return {
        "apiVersion": "excamera.dev/v1alpha1",
        "kind": "EncodeJob",
        "metadata": {"name": "on-lambda"},
        "spec": {
            "source": {"uri": SOURCE},
            "output": {"uri": output},
            "encoding": {"chunkFrames": chunk_frames, "chainLength": CHAIN_LENGTH},
            "workers": {"backend": "Lambda", "max": workers},
        },
    }


@dataclass
class Ended:
    """The command when it has ended."""

    status: int
    report: dict[str, Any]
    said: str


class Command:
    """The command while it runs."""

    def __init__(self, process: asyncio.subprocess.Process, spec: bytes) -> None:
        self._process = process
        self._speaking = asyncio.ensure_future(process.communicate(spec))

    @property
    def has_ended(self) -> bool:
        return self._speaking.done()

    def interrupt(self) -> None:
        """As Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)

    async def ended(self) -> Ended:
        """Waits for that."""
        out, said = await self._speaking
        assert self._process.returncode is not None
        return Ended(self._process.returncode, json.loads(out or b"{}"), said.decode())

    def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
            self._speaking.cancel()


@asynccontextmanager
async def running(
    service: Service,
    bucket: Bucket,
    output: str,
    *,
    workers: int,
    chunk_frames: int = CHUNK_FRAMES,
) -> AsyncIterator[Command]:
    """`excamera run` with backend Lambda."""
    process = await asyncio.create_subprocess_exec(
        *(str(EXCAMERA), "run", "--filename", "-", "--json"),
        *("--lambda-function", service.function.name),
        *("--coordinator-address", HERE, "--rendezvous-address", HERE),
        env=os.environ | bucket.variables | service.variables,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    command = Command(process, json.dumps(manifest(output, workers, chunk_frames)).encode())
    try:
        yield command
    finally:
        command.kill()


async def run(
    service: Service,
    bucket: Bucket,
    output: str,
    *,
    workers: int,
    chunk_frames: int = CHUNK_FRAMES,
) -> Ended:
    """The same to its end."""
    async with running(
        service, bucket, output, workers=workers, chunk_frames=chunk_frames
    ) as command:
        return await command.ended()
