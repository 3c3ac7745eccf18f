"""What is logged of a run, and what became of its workers."""

from __future__ import annotations

import logging

import pytest

from excamera_controller.logs import Subject
from excamera_controller.watching_run import RunLog
from mu import observer as seen
from mu.task import Attempt

FIRST = Attempt("chunk-000007", 1)
LOST = seen.AttemptEnded(FIRST, "rebased", "w", "pod", "OOMKilled", "limit 1Gi", counted=True)


def test_the_line_of_a_lost_attempt_names_job_and_chunk_wherever_it_was_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.handler.addFilter(Subject())
    with caplog.at_level(logging.INFO):
        RunLog("videos/clip").observe(LOST)
    (line,) = caplog.records
    assert (line.__dict__["job"], line.__dict__["chunk"]) == ("videos/clip", "chunk-000007")
    assert line.getMessage() == "attempt 1 is lost: OOMKilled: limit 1Gi"


def test_losses_are_told_once_and_leaving_in_peace_is_none() -> None:
    log = RunLog("videos/clip")
    for worker in ("a", "b"):
        log.observe(seen.WorkerLeft(worker, "pod", "OOMKilled", lost=True))
    log.observe(seen.WorkerLeft("c", "pod", "quit", lost=False))
    assert log.losses == {"OOMKilled": 2}
    log.told({"OOMKilled": 1})
    log.observe(seen.WorkerLeft("d", "pod", "OOMKilled", lost=True))
    assert log.losses == {"OOMKilled": 2}
    log.told(log.losses)
    assert (log.losses, log.workers_lost) == ({}, 3)
