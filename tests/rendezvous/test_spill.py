"""Memory is full: parts go to disk, and come back from there."""

import asyncio
import fcntl
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest

from excamera_rendezvous.piece import Piece
from excamera_rendezvous.spill import SpillFolder
from tests.rendezvous.client import mailbox, until

Start = Callable[..., Any]
DATA = random.Random(3).randbytes(3_000_000)
TINY = {"memory_limit": 400_000, "part_limit": 100_000}

HOLD_A_FOLDER = """
import sys, time
from pathlib import Path
from excamera_rendezvous.spill import SpillFolder
folder = SpillFolder(Path(sys.argv[1]))
(folder.path / "0.part").write_bytes(b"secret")
print("ready", flush=True)
time.sleep(600)
"""


async def test_messages_much_larger_than_memory_arrive(start: Start) -> None:
    rendezvous, client = await start(**TINY)
    memory = rendezvous._boxes.memory
    boxes = [mailbox(str(n)) for n in range(5)]
    early = [asyncio.create_task(client.get(box)) for box in boxes]
    await asyncio.gather(*(client.put(DATA[n:], box, part=90_000) for n, box in enumerate(boxes)))
    late = [client.get(box) for box in boxes]
    assert await asyncio.gather(*early, *late) == [DATA[n:] for n in range(5)] * 2
    assert memory.used <= 400_000
    total = sum(len(DATA[n:]) for n in range(5))
    spilled = rendezvous._metrics.spilled._value.get()
    assert total - 400_000 <= spilled < memory.on_disk  # which is in blocks
    written = sum(file.stat().st_size for file in rendezvous._storage._folder.path.iterdir())
    assert spilled <= written <= memory.on_disk


async def test_what_is_on_disk_is_still_compared(start: Start) -> None:
    _, client = await start(**TINY)
    await client.put(DATA, part=90_000)
    assert (await client.put(DATA, part=77_777)).already_there
    for wrong in (b"?" + DATA[1:], DATA[:50_000] + b"?" + DATA[50_001:]):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.put(wrong, part=90_000)
        assert caught.value.code() is grpc.StatusCode.ALREADY_EXISTS


async def test_the_disk_is_given_back_when_the_job_is_dropped(start: Start) -> None:
    rendezvous, client = await start(**TINY)
    await client.put(DATA, part=90_000)
    folder = rendezvous._storage._folder.path
    assert len(os.listdir(folder)) > 20
    await client.drop()
    await rendezvous._storage.in_thread(lambda: None)
    while os.listdir(folder):  # noqa: ASYNC110 - a thread removes them
        await asyncio.sleep(0)
    assert rendezvous._boxes.memory.on_disk == 0


async def test_a_disk_that_takes_no_more_refuses_puts_and_recovers(start: Start) -> None:
    rendezvous, client = await start(**TINY)
    await client.put(DATA[:150_000], mailbox("first"), part=50_000)
    folder = rendezvous._storage._folder.path
    shutil.rmtree(folder)
    with pytest.raises(grpc.aio.AioRpcError, match="--memory-limit") as caught:
        await client.put(DATA, part=90_000)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert await client.get(mailbox("first")) == DATA[:150_000]
    folder.mkdir()
    await client.put(DATA, part=90_000)
    assert await client.get() == DATA
    assert await client.get(mailbox("first")) == DATA[:150_000]


async def test_a_put_waits_for_room_while_memory_and_disk_are_full(start: Start) -> None:
    """And for as long as others let go of something; what is there can be read meanwhile."""
    rendezvous, client = await start(**TINY, disk_limit=1_000_000)
    boxes = rendezvous._boxes
    await client.put(DATA[:1_000_000], mailbox("first"), part=90_000)
    waiting = asyncio.create_task(client.put(DATA[:900_000], mailbox("second"), part=90_000))
    await until(lambda: rendezvous._storage.waiting_writers == 1)
    assert boxes.memory.on_disk <= rendezvous.settings.spill_limit < 1_000_000
    assert await client.get(mailbox("first")) == DATA[:1_000_000]
    again = await client.put(DATA[:1_000_000], mailbox("first"), part=90_000)
    assert again.already_there  # which needs no room
    assert not waiting.done()
    await client.drop(recipient="first")
    assert (await waiting).bytes == 900_000
    assert await client.get(mailbox("second")) == DATA[:900_000]


async def test_a_put_is_refused_when_nobody_makes_room_and_may_be_tried_again(
    start: Start,
) -> None:
    rendezvous, client = await start(**TINY, disk_limit=1_000_000, patience=0.1)
    await client.put(DATA[:1_000_000], mailbox("first", job="job-2"), part=90_000)
    with pytest.raises(grpc.aio.AioRpcError, match="--disk-limit") as caught:
        await client.put(DATA[:900_000], part=90_000)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED  # which workers try again
    assert rendezvous._storage.waiting_writers == 0
    assert await client.get(mailbox("first", job="job-2")) == DATA[:1_000_000]
    await client.drop(job="job-2")
    await client.put(DATA[:900_000], part=90_000)
    assert await client.get() == DATA[:900_000]


async def test_readers_wait_for_messages_however_full_it_is(start: Start) -> None:
    _, client = await start(**TINY, disk_limit=1_000_000, patience=0.1)
    await client.put(DATA[:1_000_000], mailbox("first"), part=90_000)
    reading = asyncio.create_task(client.get(mailbox("second")))
    with pytest.raises(grpc.aio.AioRpcError):
        await client.put(DATA[:900_000], mailbox("second"), part=90_000)
    await client.drop(recipient="first")
    await client.put(DATA[:900_000], mailbox("second"), part=90_000)
    assert await reading == DATA[:900_000]


async def test_the_folder_is_private_and_gone_afterwards(start: Start, tmp_path: Path) -> None:
    rendezvous, client = await start(**TINY)
    await client.put(DATA, part=90_000)
    folder = rendezvous._storage._folder.path
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    await rendezvous.stop()
    assert os.listdir(tmp_path / "spill") == []


def test_what_a_killed_process_left_is_removed_by_the_next_and_nothing_else(
    tmp_path: Path,
) -> None:
    (tmp_path / "excamera-rendezvous-not-a-folder").touch()
    (tmp_path / "somebody else's").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD_A_FOLDER, str(tmp_path)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    SpillFolder(tmp_path).close()
    assert len(os.listdir(tmp_path)) == 3  # the living one's stays

    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    SpillFolder(tmp_path).close()
    assert sorted(os.listdir(tmp_path)) == ["excamera-rendezvous-not-a-folder", "somebody else's"]


@pytest.mark.parametrize("moment", ["before", "while"])
def test_a_folder_that_is_swept_away_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """As by a second rendezvous that starts in the same moment."""
    flock = fcntl.flock
    swept: list[Path] = []

    def sweep(base: Path) -> None:
        swept.extend(base.glob("excamera-rendezvous-*"))
        for path in swept:
            path.rmdir()

    def locked(lock: int, how: int) -> None:
        if moment == "while" and not swept:
            sweep(tmp_path)
        flock(lock, how)

    def made(prefix: str, dir: Path) -> str:
        path = mkdtemp(prefix=prefix, dir=dir)
        if moment == "before" and not swept:
            sweep(tmp_path)
        return path

    mkdtemp = tempfile.mkdtemp
    monkeypatch.setattr(fcntl, "flock", locked)
    monkeypatch.setattr(tempfile, "mkdtemp", made)
    folder = SpillFolder(tmp_path)
    assert len(swept) == 1
    place, _ = folder.write(Piece.of(b"kept"))
    assert folder.read(place) == Piece.of(b"kept").frame
    folder.close()
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small tmpfs needs root")
def test_a_part_that_does_not_fit_leaves_nothing(tmp_path: Path) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, check=False).returncode:
        pytest.skip("may not mount a tmpfs here")
    try:
        folder = SpillFolder(tmp_path)
        with pytest.raises(Exception, match="No space left"):
            folder.write(Piece.of(bytes(100_000)))
        assert os.listdir(folder.path) == []
        place, _ = folder.write(Piece.of(b"fits"))
        assert folder.read(place) == Piece.of(b"fits").frame
        folder.close()
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
