"""`excamera-media serve`, as a worker has it: one process for the frames of one chunk after the
other."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from excamera_worker import executables
from excamera_worker.residents import Residents
from excamera_worker.settings import Settings
from tests.media.conftest import quiet_index
from tests.media.pictures import run_cut, y4m_frames

Source = Callable[[str], Path]


@pytest.fixture
async def residents() -> AsyncIterator[Residents]:
    made = Residents(Settings())
    yield made
    await made.close()


async def frames(
    residents: Residents, source: Path, folder: Path, first: int, count: int, *more: str
) -> int:
    """Has a worker's program write frames.y4m and frames.json into the folder; its exit status."""
    argv = ["excamera-media", "frames", str(source), "--index", str(folder / "index.json")]
    argv += ["--first", str(first), "--count", str(count), *more]
    argv += ["-o", "frames.y4m", "--stats", "frames.json"]
    path = executables.find(argv, Settings())
    running = residents.start([path, *argv[1:]], folder, {"TMPDIR": str(folder)})
    ended = await running.wait()
    for pipe in running.outputs:
        pipe.close()
    return ended.exit_status


def told(folder: Path) -> Any:
    return json.loads((folder / "frames.json").read_text())


async def test_it_stays_and_reads_on_where_it_stopped(
    residents: Residents, source: Source, tmp_path: Path
) -> None:
    path = source("hevc-mp4")
    index = quiet_index(path)
    (tmp_path / "index.json").write_text(index.to_json())
    assert index.timeline.position(index.keys[0]) == 0
    for first, count in ((0, 4), (3, 5)):
        assert await frames(residents, path, tmp_path, first, count) == 0
        written = y4m_frames((tmp_path / "frames.y4m").read_bytes())
        assert written == run_cut(path, index, first, count)[0]
        assert told(tmp_path)["decoded"] == count
    assert run_cut(path, index, 3, 5)[1].decoded > 5, "from the key it is further"


async def test_after_a_run_that_fails_another_process_begins_anew(
    residents: Residents, source: Source, tmp_path: Path
) -> None:
    path = source("hevc-mp4")
    (tmp_path / "index.json").write_text(quiet_index(path).to_json())
    assert await frames(residents, path, tmp_path, 0, 4) == 0
    assert await frames(residents, path, tmp_path, 3, 4, "--frob") == 2
    assert await frames(residents, path, tmp_path, 3, 4) == 0
    assert told(tmp_path)["decoded"] > 4, "by another process, since the first has failed"


def test_without_a_worker_it_says_what_it_is_for() -> None:
    done = subprocess.run(
        ["excamera-media", "serve"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.strip() == (
        "excamera-media: serve: its standard input is not a socket; workers start it"
    )
