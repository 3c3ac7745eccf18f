"""The real Prometheus, started for a test, and its API.

It finds what to scrape in the cluster, as the Prometheus operator would have it do for the chart's
ServiceMonitor, and loads the chart's rules.
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

from tests.cluster.cluster import Object
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
def running(monitor: Object, rules: Object, kubeconfig: Path, folder: Path) -> Iterator[Prometheus]:
    """Prometheus for a ServiceMonitor and a PrometheusRule, with its data in `folder`."""
    (folder / "rules.yaml").write_text(yaml.safe_dump(rules["spec"]))
    configuration = configuration_of(monitor, kubeconfig) | {"rule_files": ["rules.yaml"]}
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


def configuration_of(monitor: Object, kubeconfig: Path) -> Object:
    """What the Prometheus operator makes of a ServiceMonitor, as far as ours goes."""
    metadata, (endpoint,) = monitor["metadata"], monitor["spec"]["endpoints"]
    labels = monitor["spec"]["selector"]["matchLabels"]
    service = "__meta_kubernetes_service_label_{}"
    keep = {service.format(_plain(name)): value for name, value in labels.items()}
    keep["__meta_kubernetes_endpointslice_port_name"] = endpoint["port"]
    copied = {"namespace": "namespace", "service": "service_name", "pod": "pod_name"}
    discovery = {
        "role": "endpointslice",
        "kubeconfig_file": str(kubeconfig),
        "namespaces": {"names": [metadata["namespace"]]},
    }
    job = {
        "job_name": f"serviceMonitor/{metadata['namespace']}/{metadata['name']}/0",
        "scrape_interval": endpoint["interval"],
        "scrape_timeout": endpoint["interval"],
        "metrics_path": endpoint.get("path", "/metrics"),
        "kubernetes_sd_configs": [discovery],
        "relabel_configs": [
            *(
                {"source_labels": [label], "regex": value, "action": "keep"}
                for label, value in keep.items()
            ),
            *(
                {"source_labels": [f"__meta_kubernetes_{source}"], "target_label": label}
                for label, source in copied.items()
            ),
        ],
    }
    interval = {"evaluation_interval": endpoint["interval"]}
    return {"global": interval, "scrape_configs": [job]}


def _plain(label: str) -> str:
    """A label's name as service discovery writes it."""
    return "".join(letter if letter.isalnum() else "_" for letter in label)


def _numbers(values: Sequence[tuple[float, str]]) -> Iterator[tuple[float, float]]:
    for moment, text in values:
        if text not in ("NaN", "+Inf", "-Inf"):
            yield moment, float(text)
