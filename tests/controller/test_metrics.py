"""The operator's metrics: what is there before anything happens, and what the chart asks for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest

from excamera.progress import Progress
from excamera_controller.conditions import Phase
from excamera_controller.metrics import LOSSES, JobFigures, Metrics
from mu import metrics as mu_metrics
from mu import observer as seen
from mu.task import Attempt
from tests.observability.dashboard import DASHBOARD, RULES, alerts
from tests.tiers import CLUSTER_BIN, ROOT

PATH = os.pathsep.join([str(CLUSTER_BIN), os.environ["PATH"]])
ELSEWHERE = re.compile(r"excamera_rendezvous_.*")
RUNBOOKS = (ROOT / "docs" / "operations.md").read_text()
SUFFIXES = ("_bucket", "_sum", "_count", "_created")


def busy() -> Metrics:
    """After one job has done one of everything."""
    metrics = Metrics()
    snapshot = Progress(0.0).snapshot(1.0)
    metrics.read_jobs(lambda: [JobFigures(Phase.RUNNING, "pod", snapshot, wanted=3)])
    metrics.jobs_finished.labels("succeeded", "OutputPublished").inc()
    metrics.last_success.set(1)
    run = metrics.of_run()
    attempt = Attempt("chunk-0", 1)
    for event in (
        seen.WorkersStarted("pod", 2),
        seen.WorkerJoined("v", 0, "pod", 2.0),
        seen.WorkerLeft("v", "pod", "Evicted", lost=True),
        seen.WorkerJoined("w", 1, "pod", 2.0),
        seen.AttemptStarted(attempt, "first", "w", "pod"),
        seen.StateEntered(attempt, "w", "pod", "encoding"),
        seen.AttemptEnded(attempt, "first", "w", "pod", "OOMKilled", counted=True),
        seen.TaskDone("chunk-0", attempt, "first", {}, {"encoding": 1.0}),
    ):
        run.observe(event)
    return metrics


def names(metrics: Metrics) -> set[str]:
    return set(re.findall(r"^(excamera_\w+)[{ ]", metrics.text().decode(), re.MULTILINE))


def test_every_metric_that_dashboard_and_alerts_ask_for_is_there() -> None:
    asked = DASHBOARD.read_text() + RULES.read_text()
    wanted = {
        name for name in re.findall(r"\bexcamera_\w+", asked) if not ELSEWHERE.fullmatch(name)
    }
    assert wanted <= names(busy())


def test_every_alert_has_a_runbook() -> None:
    headings = re.findall(r"^### (\w+)$", RUNBOOKS, re.MULTILINE)
    assert headings == list(alerts())
    for name, rule in alerts().items():
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{name.lower()}"


def test_runbooks_ask_for_metrics_that_there_are() -> None:
    asked = set(re.findall(r"\bexcamera_\w+", RUNBOOKS))
    assert {each for each in asked if not ELSEWHERE.fullmatch(each)} <= names(busy())


def test_every_reason_for_a_loss_is_explained() -> None:
    section = RUNBOOKS.partition("### ExcameraAttemptsLost")[2].partition("###")[0]
    explained = set(re.findall(r"`(\w+)`", section))
    assert {*mu_metrics.LOSSES, *LOSSES} <= explained


def test_jobs_are_counted_in_every_phase_even_where_there_are_none() -> None:
    text = busy().text().decode()
    assert 'excamera_jobs{phase="Running"} 1.0' in text
    assert 'excamera_jobs{phase="Failed"} 0.0' in text
    assert 'excamera_workers_wanted{backend="pod"} 3.0' in text
    assert 'excamera_build_info{component="operator",version="' in text


def test_the_first_loss_and_the_first_end_of_a_job_can_be_seen_to_happen() -> None:
    text = Metrics().text().decode()
    assert 'excamera_attempts_lost_total{reason="OOMKilled"} 0.0' in text
    assert 'excamera_attempts_lost_total{reason="exit_status"} 0.0' in text
    assert 'excamera_jobs_finished_total{reason="SourceMissing",result="failed"} 0.0' in text
    assert 'excamera_workers{backend="knative",state="idle"} 0.0' in text


def test_no_label_names_a_job_a_chunk_or_a_worker() -> None:
    text = busy().text().decode()
    labels = set(re.findall(r'[{,](\w+)="', text))
    assert labels <= {"phase", "state", "backend", "stage", "outcome", "reason", "result", "how",
                      "component", "version", "le"}  # fmt: skip


@pytest.mark.skipif(not shutil.which("promtool", path=PATH), reason="no promtool")
def test_promtool_has_nothing_to_complain_about() -> None:
    promtool = str(shutil.which("promtool", path=PATH))
    checked = subprocess.run(
        [promtool, "check", "metrics"], input=busy().text(), capture_output=True, timeout=30
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")


def test_names_and_units_are_as_prometheus_has_them() -> None:
    for name in names(busy()):
        plain = name
        for suffix in SUFFIXES:
            plain = plain.removesuffix(suffix)
        assert not re.search(r"(milliseconds|_ms|minutes|kilo|mega)", plain)
    assert "excamera_reconcile_duration_seconds_bucket" in names(busy())
