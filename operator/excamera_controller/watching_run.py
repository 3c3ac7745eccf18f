"""An observer of one run: log lines about its chunks, and what became of lost workers."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping

from excamera_controller.logs import about
from mu import observer as seen

_log = logging.getLogger(__name__)


class RunLog:
    """`workers_lost` counts since the run began. job: namespace/name, which is said with each line:
    events happen in the tasks of workers' streams, which are nobody's."""

    def __init__(self, job: str) -> None:
        self._job = job
        self.workers_lost = 0
        self._losses: Counter[str] = Counter()

    @property
    def losses(self) -> dict[str, int]:
        """Workers that were lost and not told of yet, by reason."""
        return dict(self._losses)

    def told(self, losses: Mapping[str, int]) -> None:
        """An event tells of these."""
        self._losses -= Counter(losses)

    def observe(self, event: seen.Observation) -> None:
        """Takes one event into account."""
        with about(self._job):
            self._take(event)

    def _take(self, event: seen.Observation) -> None:
        match event:
            case seen.WorkerJoined(worker, number):
                _log.debug("worker %s is number %d", worker, number)
            case seen.WorkerLeft(worker, _, reason, lost):
                self._left(worker, reason, lost=lost)
            case seen.StateEntered(attempt, worker, _, state):
                _log.debug("%s on %s", state, worker, extra={"chunk": attempt.task})
            case seen.TaskDone(task, attempt):
                _log.debug("done, attempt %d", attempt.number, extra={"chunk": task})
            case seen.AttemptEnded():
                self._ended(event)
            case seen.TaskFailed(task, _, _, state, reason, message):
                _log.error("failed in state %s: %s: %s", state, reason, message, extra=_of(task))
            case _:
                pass

    def _left(self, worker: str, reason: str, *, lost: bool) -> None:
        if not lost or reason == "goodbye":
            return
        self.workers_lost += 1
        self._losses[reason.replace("_", " ")] += 1
        _log.warning("worker %s is lost: %s", worker, reason)

    def _ended(self, event: seen.AttemptEnded) -> None:
        if event.lost:
            _log.warning(
                "attempt %d is lost: %s: %s",
                event.attempt.number,
                event.reason,
                event.message,
                extra=_of(event.attempt.task),
            )


def _of(task: str) -> dict[str, str]:
    return {"chunk": task}
