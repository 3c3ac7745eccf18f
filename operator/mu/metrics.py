"""Prometheus metrics of any number of runs, made from what observers are told.

    metrics = Metrics(registry)
    JobRun(job, tasks, backend, Observers(metrics.of_run(), display), …)

No label grows with jobs, tasks or workers: labels are states of machines, stages, backends and
reasons, all of which are few. Those known beforehand are there from the start at 0, because
Prometheus cannot see a counter rise that begins at 1.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from mu import observer as seen
from mu.commands import FailureKind
from mu.observer import Observation

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 600)
IDLE = "idle"
DONE = "done"
LOSSES = (
    *(kind.value for kind in FailureKind),
    *("exit_status", "signal", "unexpected"),  # of a program or reply: verdict.py
    *("deadline", "protocol", "restarted", "silent", "goodbye"),  # of a worker
)
"""Why attempts are lost, on any backend."""


class Metrics:
    """The collectors; one set for each registry. losses: reasons that backends add to LOSSES."""

    def __init__(
        self,
        registry: CollectorRegistry,
        prefix: str = "mu",
        *,
        backends: Iterable[str] = (),
        losses: Iterable[str] = (),
    ) -> None:
        self.workers = Gauge(
            f"{prefix}_workers",
            "Workers that are connected or expected back, by the state of their machine.",
            ["state", "backend"],
            registry=registry,
        )
        self.attempts = Gauge(
            f"{prefix}_attempts_running", "Attempts that run.", ["stage"], registry=registry
        )
        self.tasks = Counter(
            f"{prefix}_tasks", "Tasks that have ended.", ["stage", "outcome"], registry=registry
        )
        self.ended = Counter(
            f"{prefix}_attempts", "Attempts that have ended.", ["reason"], registry=registry
        )
        self.lost = Counter(
            f"{prefix}_attempts_lost",
            "Attempts that were lost or failed and had to be made good.",
            ["reason"],
            registry=registry,
        )
        self.restored = Counter(
            f"{prefix}_tasks_restored",
            "Finished tasks whose messages were sent once more.",
            ["how"],
            registry=registry,
        )
        self.state_seconds = Histogram(
            f"{prefix}_state_seconds",
            "Time that finished attempts spent in each state of their machine.",
            ["state"],
            buckets=SECONDS,
            registry=registry,
        )
        self.launch_seconds = Histogram(
            f"{prefix}_launch_seconds",
            "Time from asking the backend for a worker to its first word.",
            ["backend"],
            buckets=SECONDS,
            registry=registry,
        )
        self.started = Counter(
            f"{prefix}_workers_started",
            "Workers that the backend was asked for.",
            ["backend"],
            registry=registry,
        )
        self.left = Counter(
            f"{prefix}_workers_left",
            "Workers that are gone.",
            ["backend", "reason"],
            registry=registry,
        )
        self._begin_at_zero(backends, (*LOSSES, *losses))

    def _begin_at_zero(self, backends: Iterable[str], losses: Iterable[str]) -> None:
        for backend in backends:
            self.workers.labels(IDLE, backend)
            self.started.labels(backend)
        for reason in losses:
            self.lost.labels(reason)
        self.ended.labels(DONE)

    def of_run(self) -> RunMetrics:
        """An observer for one run."""
        return RunMetrics(self)


class RunMetrics:
    """Knows the workers of one run, to count each in one state only."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._shown: dict[str, tuple[str, str]] = {}

    def observe(self, event: Observation) -> None:
        metrics = self._metrics
        match event:
            case seen.WorkersStarted(backend, count):
                metrics.started.labels(backend).inc(count)
            case seen.WorkerJoined(worker, _, backend, launch_seconds):
                self._show(worker, backend, IDLE)
                if launch_seconds is not None:
                    metrics.launch_seconds.labels(backend).observe(launch_seconds)
            case seen.WorkerLeft(worker, backend, reason):
                self._hide(worker)
                metrics.left.labels(backend, reason).inc()
            case seen.AttemptStarted(stage=stage):
                metrics.attempts.labels(stage).inc()
            case seen.StateEntered(_, worker, backend, state):
                self._show(worker, backend, state)
            case seen.AttemptEnded():
                self._ended(event)
            case seen.TaskDone(stage=stage, seconds=seconds):
                metrics.tasks.labels(stage, "done").inc()
                for state in seconds.keys() - {DONE}:  # nobody spends time there
                    metrics.state_seconds.labels(state).observe(seconds[state])
            case seen.TaskFailed(stage=stage):
                metrics.tasks.labels(stage, "failed").inc()
            case seen.TaskRestored(redone=redone):
                metrics.restored.labels("redone" if redone else "restored").inc()
            case seen.JobEnded():
                for worker in list(self._shown):
                    self._hide(worker)

    def _ended(self, event: seen.AttemptEnded) -> None:
        self._metrics.attempts.labels(event.stage).dec()
        self._metrics.ended.labels(event.reason).inc()
        if event.lost:
            self._metrics.lost.labels(event.reason).inc()
        if event.worker in self._shown:
            self._show(event.worker, event.backend, IDLE)

    def _show(self, worker: str, backend: str, state: str) -> None:
        self._hide(worker)
        self._shown[worker] = (state, backend)
        self._metrics.workers.labels(state, backend).inc()

    def _hide(self, worker: str) -> None:
        shown = self._shown.pop(worker, None)
        if shown is not None:
            self._metrics.workers.labels(*shown).dec()
