"""Log lines say which job and which chunk they are about."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest

from excamera_controller import logs


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    root = logging.getLogger()
    before = list(root.handlers), root.level

    def lines(log_format: str) -> list[str]:
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
        return capsys.readouterr().err.splitlines()

    yield lines
    root.handlers, root.level = before[0], before[1]


def test_json_lines_have_job_and_chunk(written) -> None:
    first, second = map(json.loads, written("json"))
    assert (first["job"], first["chunk"]) == ("videos/clip", "chunk-7")
    assert first["message"] == "attempt 2 is lost"
    assert first["level"] == "warning"
    assert "job" not in second


def test_text_lines_begin_with_them(written) -> None:
    first, second = written("text")
    assert first.endswith("WARNING videos/clip chunk-7: attempt 2 is lost")
    assert second.endswith("INFO watching")
