"""Log lines say which job and which chunk they are about."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator

import pytest

from excamera_controller import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    before = list(root.handlers), root.level
    yield
    root.handlers, root.level = before[0], before[1]


def written(log_format: str, printed: pytest.CaptureFixture[str]) -> list[str]:
    """Two lines, the first of them about a job and a chunk."""
    logs.set_up(log_format, "info")
    log = logging.getLogger("excamera_controller.test")

    async def run() -> None:
        log.warning("attempt %d is lost", 2, extra={"chunk": "chunk-7"})

    async def about_a_job() -> None:
        with logs.about("videos/clip"):
            task = asyncio.create_task(run())
        await task
        log.info("watching")

    asyncio.run(about_a_job())
    return printed.readouterr().err.splitlines()


def test_json_lines_have_job_and_chunk(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = map(json.loads, written("json", capsys))
    assert (first["job"], first["chunk"]) == ("videos/clip", "chunk-7")
    assert first["message"] == "attempt 2 is lost"
    assert first["level"] == "warning"
    assert "job" not in second


def test_text_lines_begin_with_them(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = written("text", capsys)
    assert first.endswith("WARNING videos/clip chunk-7: attempt 2 is lost")
    assert second.endswith("INFO watching")


def test_others_are_heard_from_only_when_there_is_something_to_worry_about(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What they log here is as they do: kopf on its way up, grpc and asyncio at level debug."""
    logs.set_up("text", "debug")
    running = logging.getLogger("kopf._core.reactor.running")
    running.warning("OS signals are ignored: running not in the main thread.")
    running.warning("the watch is broken")
    logging.getLogger("grpc._cython.cygrpc").debug("Using AsyncIOEngine.POLLER as I/O engine")
    logging.getLogger("asyncio").debug("Using selector: EpollSelector")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("the watch is broken")
