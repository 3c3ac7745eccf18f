"""The real Prometheus, started for a test, and its API.

It scrapes what the chart's ServiceMonitor chooses in the cluster, and loads the chart's rules.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.charts import CHART, objects, render
from tests.cluster.cluster import Cluster, Object
from tests.store.servers import free_port, wait_until_ready
from tests.tiers import CLUSTER_BIN

PROMETHEUS = shutil.which("prometheus", path=CLUSTER_BIN) or shutil.which("prometheus")
needs_prometheus = pytest.mark.skipif(
    not PROMETHEUS, reason="no prometheus; `make cluster` unpacks it"
)


@dataclass(frozen=True, slots=True)
class Series:
    """Values over time, in seconds since the epoch; those that are not numbers are left out."""

    labels: dict[str, str]
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Prometheus:
    """Its API at `url`."""

    url: str

    def range(self, query: str, start: float, end: float, step: float = 1.0) -> list[Series]:
        """The values of an expression over a time; times and `step` in seconds."""
        found = self.get("query_range", query=query, start=start, end=end, step=step)
        return [Series(each["metric"], tuple(_numbers(each["values"]))) for each in found["result"]]

    def get(self, what: str, **parameters: object) -> Any:
        """The data of an answer. RuntimeError with what Prometheus has to say against it."""
        encoded = urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{what}?{encoded}", timeout=30) as page:
                return json.load(page)["data"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{parameters}: {error.read().decode()}") from error


@contextmanager
def running(targets: Object, rules: Object, folder: Path) -> Iterator[Prometheus]:
    """Prometheus with these targets (see `targets_of`) and a PrometheusRule, and its data in
    `folder`."""
    interval = {"evaluation_interval": targets["scrape_interval"]}
    configuration = {"global": interval, "scrape_configs": [targets], "rule_files": ["rules.yaml"]}
    (folder / "rules.yaml").write_text(yaml.safe_dump(rules["spec"]))
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(configuration))
    port, log = free_port(), folder / "prometheus.log"
    command = (
        str(PROMETHEUS),
        f"--config.file={folder / 'prometheus.yaml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    )
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as child:
        try:
            prometheus = Prometheus(f"http://127.0.0.1:{port}")
            wait_until_ready(child, f"{prometheus.url}/-/ready")
            yield prometheus
        finally:
            child.terminate()


def monitoring(namespace: str) -> dict[str, Object]:
    """What the chart has for the Prometheus operator, by kind, with a scrape every second."""
    values = f"--values={CHART / 'ci' / 'monitoring-values.yaml'}"
    often = "--set=monitoring.serviceMonitor.interval=1s"
    made = objects(render("--namespace", namespace, values, often))
    return {each["kind"]: each for each in made if "monitoring" in each["apiVersion"]}


def targets_of(monitor: Object, cluster: Cluster) -> Object:
    """What the Prometheus operator has Prometheus scrape for a ServiceMonitor, as it is now.

    Debian's Prometheus cannot ask Kubernetes itself.
    """
    (endpoint,) = monitor["spec"]["endpoints"]
    selector = ",".join(f"{k}={v}" for k, v in monitor["spec"]["selector"]["matchLabels"].items())
    listed = cluster.kubectl(
        *("get", "endpointslices", f"--namespace={monitor['metadata']['namespace']}"),
        *(f"--selector={selector}", "--output=json"),
    )
    return {
        "job_name": f"serviceMonitor/{monitor['metadata']['name']}",
        "scrape_interval": endpoint["interval"],
        "scrape_timeout": endpoint["interval"],
        "metrics_path": endpoint.get("path", "/metrics"),
        "static_configs": [
            target
            for slices in json.loads(listed)["items"]
            for target in _targets(slices, endpoint["port"])
        ],
    }


def _targets(slices: Object, port_name: str) -> Iterator[Object]:
    """The addresses of an EndpointSlice; its labels are those of its Service."""
    for port in slices["ports"]:
        if port["name"] == port_name:
            for one in slices["endpoints"]:
                labels = {"namespace": slices["metadata"]["namespace"]}
                labels["pod"] = one["targetRef"]["name"]
                yield {"targets": [f"{one['addresses'][0]}:{port['port']}"], "labels": labels}


def _numbers(values: Sequence[tuple[float, str]]) -> Iterator[tuple[float, float]]:
    for moment, text in values:
        if text not in ("NaN", "+Inf", "-Inf"):
            yield moment, float(text)
