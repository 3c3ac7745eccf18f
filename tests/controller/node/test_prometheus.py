"""The real Prometheus beside a job that loses a worker: it finds what the chart tells it to, and
every query of the dashboard and of the alerts finds something.
"""

from __future__ import annotations

import time
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.cluster.cluster import Object, run
from tests.controller.node.installation import Installation, until
from tests.observability import prometheus
from tests.observability.dashboard import Query, alerts, queries, watched
from tests.observability.prometheus import Prometheus, Series, monitoring

pytestmark = [pytest.mark.tier("node"), prometheus.needs_prometheus]

# Metrics that stay at zero while all is well, and what may come and go between two scrapes.
QUIET = ("excamera_jobs_stalled", "excamera_reconcile_errors_total", "excamera_rendezvous_spill")
FLEETING = ('phase="Pending"', "excamera_rendezvous_waiting_readers")


@dataclass(frozen=True, slots=True)
class Observed:
    """Prometheus after a job, which began and ended at these times."""

    prometheus: Prometheus
    namespace: str
    job: str
    began: float
    ended: float

    def values(self, expression: str) -> list[Series]:
        return self.prometheus.range(expression, self.began, self.ended)


@pytest.fixture(scope="module")
def observed(
    installed: Installation, source: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Observed]:
    made, name = monitoring(installed.namespace), f"watched-{uuid.uuid4().hex[:6]}"
    targets = prometheus.targets_of(made["ServiceMonitor"], installed.cluster)
    folder = tmp_path_factory.mktemp("prometheus")
    with prometheus.running(targets, made["PrometheusRule"], folder) as server:
        until(lambda: len(healthy(server)) == 2, 60, lambda: server.get("targets"))
        began = time.time()
        installed.apply(name, source)
        installed.published(name, 1)
        lose_an_attempt(installed, name)
        installed.succeeded(name)
        finished = 'excamera_jobs_finished_total{reason="OutputPublished"} offset 3s > 0'
        until(lambda: server.get("query", query=finished)["result"], 30)
        yield Observed(server, installed.namespace, name, began, time.time())
    installed.delete(name)


def healthy(server: Prometheus) -> list[Object]:
    return [one for one in server.get("targets")["activeTargets"] if one["health"] == "up"]


def lose_an_attempt(installed: Installation, job: str) -> None:
    """Kills workers until one is caught at work."""

    def lost() -> bool:
        for worker in installed.workers()[:1]:
            installed.kubectl("delete", worker, "--grace-period=0", "--force")
        time.sleep(2)
        return installed.status(job)["progress"]["attemptsLost"] > 0

    until(lost, 60, lambda: installed.story(job))


def test_what_the_servicemonitor_chooses_is_scraped(observed: Observed) -> None:
    pods = {one["labels"]["pod"].rsplit("-", 2)[0] for one in healthy(observed.prometheus)}
    assert pods == {"excamera-operator", "excamera-rendezvous-0"}


@pytest.mark.parametrize("query", queries().values(), ids=queries())
def test_a_query_of_the_dashboard_has_data(observed: Observed, query: Query) -> None:
    expression = query.of(observed.namespace)
    numbers = [value for one in observed.values(expression) for _, value in one.points]
    assert numbers, expression
    if any(metric in expression for metric in QUIET):
        assert max(numbers) == 0, expression
    elif not any(mark in expression for mark in FLEETING):
        assert max(numbers) > 0, expression


def test_the_dashboards_namespaces_are_those_of_installations(observed: Observed) -> None:
    chosen = {"match[]": "excamera_build_info"}
    assert observed.prometheus.get("label/namespace/values", **chosen) == [observed.namespace]


@pytest.mark.parametrize("alert", alerts())
def test_what_an_alert_looks_at_is_there(observed: Observed, alert: str) -> None:
    for expression in watched(alerts()[alert]["expr"]):
        assert any(series.points for series in observed.values(expression)), expression


def test_prometheus_has_the_alerts_and_none_fires(observed: Observed) -> None:
    (group,) = observed.prometheus.get("rules")["groups"]
    assert {rule["name"] for rule in group["rules"]} == set(alerts())
    assert {rule["health"] for rule in group["rules"]} == {"ok"}
    assert "firing" not in {rule["state"] for rule in group["rules"]}


def test_promtool_finds_no_fault_with_what_is_scraped(observed: Observed) -> None:
    for text in pages(observed):
        assert run("promtool", "check", "metrics", stdin=text) == ""


def test_no_series_is_of_one_job_or_worker(observed: Observed) -> None:
    for text in pages(observed):
        assert observed.job not in text
        assert "chunk-" not in text


def pages(observed: Observed) -> Iterator[str]:
    """The metrics of every target as they are now."""
    for target in healthy(observed.prometheus):
        with urllib.request.urlopen(target["scrapeUrl"], timeout=10) as page:
            yield page.read().decode()
