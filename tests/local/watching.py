"""Jobs that are watched from within, and commands that are disturbed from without."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from excamera.local import LocalRunner
from mu import Observation, Observer, Observers
from mu.observer import StateEntered, TaskRestored
from tests.chaos import processes


class Recorder:
    """Which chunks were encoded, and which finished ones had their state restored."""

    def __init__(self) -> None:
        self.encoded: set[str] = set()
        self.restored: set[str] = set()

    def observe(self, event: Observation) -> None:
        if isinstance(event, StateEntered) and event.state == "encoding":
            self.encoded.add(event.attempt.task)
        if isinstance(event, TaskRestored) and not event.redone:
            self.restored.add(event.task)


class Watched:
    """A local runner whose run is recorded."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    async def run(self, job, tasks, done, observer: Observer, sign, further=None) -> None:
        runner = LocalRunner(2, backoff_limit=6)
        await runner.run(job, tasks, done, Observers(observer, self._recorder), sign, further)


@contextmanager
def marked(argv: list[str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Runs a command whose processes can be told by a mark in their environment."""
    mark = uuid.uuid4().hex
    env = os.environ | {processes.MARK: mark}
    argv = [*argv, "--workers", "1"]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, env=env) as running:
        try:
            yield running, mark
        finally:
            running.kill()
