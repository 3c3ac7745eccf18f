"""Prometheus metrics of the operator: its own, and those of mu under the same prefix.

What is a state of things (jobs by phase, chunks by state) is read from them at the moment of the
scrape; what happens is counted as it happens. No label grows with jobs or chunks.
"""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from excamera.progress import Snapshot
from excamera_controller.backends import pod_signs
from excamera_controller.conditions import FAILURES, Phase, Reason
from mu import metrics as mu_metrics

PREFIX = "excamera"
BACKENDS = ("pod", "knative", "lambda")
LOSSES = (*pod_signs.ENDS, "exited", "refused")
"""Why workers are lost: pods' reasons, and those of requests to Knative and Lambda."""
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


@dataclass(frozen=True, slots=True)
class JobFigures:
    """One job at the moment of a scrape. `wanted`: workers that it may have now."""

    phase: Phase
    backend: str
    snapshot: Snapshot | None = None
    wanted: int = 0
    stalled: bool = False


class Metrics:
    """All collectors, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._mu = mu_metrics.Metrics(self.registry, PREFIX, backends=BACKENDS, losses=LOSSES)
        self.of_run: Callable[[], mu_metrics.RunMetrics] = self._mu.of_run
        self.reconcile_seconds = Histogram(
            f"{PREFIX}_reconcile_duration_seconds",
            "Duration of one pass over one job.",
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.reconcile_errors = Counter(
            f"{PREFIX}_reconcile_errors", "Passes that failed.", registry=self.registry
        )
        self.last_success = Gauge(
            f"{PREFIX}_reconcile_last_success_timestamp_seconds",
            "When the last pass over each job was a good one, in Unix time.",
            registry=self.registry,
        )
        self.jobs_finished = Counter(
            f"{PREFIX}_jobs_finished",
            "Jobs that have ended, by the reason of the condition Succeeded.",
            ["result", "reason"],
            registry=self.registry,
        )
        self.job_finished("succeeded", Reason.OUTPUT_PUBLISHED, 0)
        for reason in FAILURES:
            self.job_finished("failed", reason, 0)
        self.frames_finished = Counter(
            f"{PREFIX}_frames_finished",
            "Frames in chunks that were finished.",
            registry=self.registry,
        )
        build = Gauge(
            f"{PREFIX}_build_info",
            "1, with the version as a label.",
            ["component", "version"],
            registry=self.registry,
        )
        build.labels("operator", version("excamera")).set(1)

    def job_finished(self, result: str, reason: Reason, count: int = 1) -> None:
        """A job has ended; 0 makes the series known, so that its first rise can be seen."""
        self.jobs_finished.labels(result, reason.value).inc(count)

    def read_jobs(self, jobs: Callable[[], Iterable[JobFigures]]) -> None:
        """Where to find the jobs at each scrape. To be called once."""
        self.registry.register(_Jobs(jobs))

    def text(self) -> bytes:
        """What a scrape gets."""
        return generate_latest(self.registry)


class _Jobs(Collector):
    def __init__(self, jobs: Callable[[], Iterable[JobFigures]]) -> None:
        self._jobs = jobs

    def collect(self) -> Iterator[Metric]:
        jobs = list(self._jobs())
        phases = Counts(job.phase.value for job in jobs)
        yield _gauge("jobs", "Jobs by phase.", "phase", {p.value: phases[p.value] for p in Phase})
        yield _gauge("chunks", "Chunks of jobs that run, by state.", "state", _chunks(jobs))
        wanted: Counts[str] = Counts()
        for job in jobs:
            wanted[job.backend] += job.wanted
        yield _gauge("workers_wanted", "Workers that jobs may have.", "backend", dict(wanted))
        stalled = GaugeMetricFamily(
            f"{PREFIX}_jobs_stalled", "Jobs that run and have finished no chunk for five minutes."
        )
        stalled.add_metric([], sum(job.stalled for job in jobs))
        yield stalled


def _chunks(jobs: Iterable[JobFigures]) -> dict[str, int]:
    """Each chunk in one state: the furthest that it has reached."""
    counts = dict.fromkeys(("pending", "encoded", "rebased", "published"), 0)
    for job in jobs:
        if job.snapshot is not None:
            now = job.snapshot
            counts["pending"] += now.chunks - now.encoded
            counts["encoded"] += now.encoded - now.rebased
            counts["rebased"] += now.rebased - now.published
            counts["published"] += now.published
    return counts


def _gauge(name: str, text: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", text, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family
