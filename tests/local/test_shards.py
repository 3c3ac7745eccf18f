"""A rendezvous of several shards carries a job, and one of them may begin anew."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from excamera.encode import Encode
from excamera.job import Encoding, Job
from excamera.mailboxes import Mailboxes
from excamera_proto.credentials import OPERATOR, RENDEZVOUS, Authority
from excamera_proto.shards import shard_of
from excamera_rendezvous import Rendezvous, Settings
from mu import Further, Observation, Observer, Observers, ScheduleSettings, Task
from mu.backends.local import LocalBackend
from mu.grants import Sign
from mu.observer import AttemptEnded, TaskDone, TaskRestored
from mu.run import JobRun
from mu.server import Server
from mu.settings import RunSettings
from tests.local.clips import drawn
from tests.local.command import encoded

SHAPE = ("--chunk-frames", "2", "--chain-length", "4")
ENCODING = Encoding(chunk_frames=2, chain_length=4)
CHAINS = [f"chain-{number}" for number in range(4)]
SHARDS = 3


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drawn(tmp_path_factory.mktemp("shards") / "clip.mp4", frames=8 * len(CHAINS))


@pytest.fixture(scope="module")
def with_one_shard(clip: Path) -> bytes:
    encoded(clip, clip.with_name("one.webm"), *SHAPE)
    return clip.with_name("one.webm").read_bytes()


class Shards:
    """Shards in this process; those that the job's chains need, and those that begin anew."""

    def __init__(self, stack: AsyncExitStack, folder: Path, authority: Authority) -> None:
        self.addresses: list[str] = []
        self._stack = stack
        self._folder = folder
        self._authority = authority
        self._running: dict[str, Rendezvous] = {}

    async def start(self, listen: str = "127.0.0.1:0") -> None:
        credential = self._authority.issue(RENDEZVOUS)
        shard = Rendezvous(Settings(listen, credential, spill_dir=self._folder, grace=0.0))
        await self._stack.enter_async_context(shard)
        address = f"127.0.0.1:{shard.port}"
        self._running[address] = shard
        if address not in self.addresses:
            self.addresses.append(address)

    async def begin_anew(self, address: str) -> None:
        """What the shard held is gone."""
        await self._running[address].stop()
        await self.start(address)


class OnShards:
    """Runs a job as an operator does, on local workers; disturbs it after so many chunks."""

    def __init__(self, folder: Path, disturb_after: int | None = None) -> None:
        self.carriers: dict[str, str] = {}
        self.lost = ""
        self.restored: set[str] = set()
        self.reasons: list[str] = []
        self._folder = folder
        self._disturb_after = disturb_after
        self._done = 0
        self._disturbing: asyncio.Task[None] | None = None
        self._shards: Shards | None = None
        self._partitions: dict[str, str] = {}

    async def run(
        self,
        job: str,
        tasks: Collection[Task],
        done: Collection[str],
        observer: Observer,
        sign: Sign,
        further: Further | None = None,
    ) -> None:
        authority = Authority.create("shards")
        async with AsyncExitStack() as stack:
            self._shards = shards = Shards(stack, self._folder, authority)
            for _ in range(SHARDS):
                await shards.start()
            self.carriers = {one: shard_of(job, one, shards.addresses) for one in CHAINS}
            server = Server(authority)
            await server.start()
            stack.push_async_callback(server.stop)
            operator = authority.issue(OPERATOR)
            mailboxes = await stack.enter_async_context(Mailboxes(job, shards.addresses, operator))
            await mailboxes.holding()
            run = JobRun(
                job,
                tasks,
                LocalBackend(),
                Observers(observer, mailboxes, self),
                RunSettings(ScheduleSettings(workers=2, backoff_limit=6)),
                rendezvous=shards.addresses,
                further=further,
                sign=sign,
            )
            async with mailboxes.watched(run.messages_lost, 0.1):
                await server.run(run)

    def observe(self, event: Observation) -> None:
        if isinstance(event, TaskRestored):
            self.restored.add(self._partitions[event.task])
        if isinstance(event, AttemptEnded) and event.lost:
            self.reasons.append(event.reason)
        if isinstance(event, TaskDone) and event.partition in CHAINS:
            self._partitions[event.task] = event.partition
            self._done += 1
            if self._done == self._disturb_after:
                assert self._shards is not None
                self.lost = self.carriers[event.partition]
                self._disturbing = asyncio.ensure_future(self._shards.begin_anew(self.lost))


def encode(clip: Path, folder: Path, runner: OnShards) -> bytes:
    job = Job(str(clip), str(folder / "out.webm"), ENCODING)
    asyncio.run(Encode(job, str(folder / "work"), time.monotonic, log=print).run(runner))
    return (folder / "out.webm").read_bytes()


def test_the_bytes_do_not_depend_on_the_number_of_shards(
    clip: Path, with_one_shard: bytes, tmp_path: Path
) -> None:
    runner = OnShards(tmp_path)
    assert encode(clip, tmp_path, runner) == with_one_shard
    assert not runner.restored
    assert not runner.reasons


def test_a_shard_that_begins_anew_costs_its_own_chains_a_restoration_and_no_byte(
    clip: Path, with_one_shard: bytes, tmp_path: Path
) -> None:
    # The first chunk that is done begins a chain: nobody has read yet what it sent to the second.
    runner = OnShards(tmp_path, disturb_after=1)
    assert encode(clip, tmp_path, runner) == with_one_shard
    its_own = {one for one in CHAINS if runner.carriers[one] == runner.lost}
    assert runner.restored
    assert runner.restored <= its_own
    assert not runner.reasons
