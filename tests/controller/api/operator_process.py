"""The operator as a process beside a real API server, with the rights that the chart gives it."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from excamera_store import S3Settings
from tests.chart.rights import service_account
from tests.cluster.cluster import Cluster
from tests.controller.jobs import Jobs, until
from tests.store.servers import free_port

PROGRAMS = Path(sys.executable).parent
KNATIVE_SERVICE = "excamera-worker"
NO_IMAGE = "dev.local/nosuch:0"
"""Which no node has, nor can pull."""


def kubeconfig(server: Cluster, namespace: str, path: Path) -> Path:
    """A kubeconfig of the operator's service account."""
    account = service_account(server, namespace, "--set", "workers.knative.enabled=true")
    token = server.kubectl("create", "token", account, "--namespace", namespace).strip()
    view = ("config", "view", "--raw", "--minify", "--flatten", "--output=json")
    read = json.loads(server.kubectl(*view))
    (user,) = read["users"]
    user["user"] = {"token": token}
    path.write_text(yaml.safe_dump(read))
    return path


@dataclass
class OperatorProcess(Jobs):
    """Operator and rendezvous on this machine; `folder` holds logs and what they are told."""

    store: S3Settings
    folder: Path
    _ports: dict[str, int] = field(default_factory=dict)
    _operator: subprocess.Popen[bytes] | None = None
    _rendezvous: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        kubeconfig(self.cluster, self.namespace, self.folder / "kubeconfig")
        names = ("coordinator", "rendezvous", "metrics", "health")
        self._ports = {name: free_port() for name in names}

    @property
    def endpoint(self) -> str:
        return self.store.endpoint or ""

    def operator_log(self) -> str:
        return (self.folder / "operator.log").read_text()[-8000:]

    def traces_of(self, name: str) -> list[str]:
        """Without Secrets whose Job is gone: a garbage collector takes those, and an API server
        alone has none."""
        traces = super().traces_of(name)
        jobs = {trace.partition("/")[2] for trace in traces if trace.startswith("job.batch/")}
        return [
            trace
            for trace in traces
            if not trace.startswith("secret/") or trace.partition("/")[2] in jobs
        ]

    def start(self) -> None:
        """Returns when it is ready."""
        coordinator = f"127.0.0.1:{self._ports['coordinator']}"
        with (self.folder / "operator.log").open("ab") as log:
            self._operator = subprocess.Popen(
                [
                    PROGRAMS / "excamera-operator",
                    f"--namespace={self.namespace}",
                    f"--coordinator-listen={coordinator}",
                    f"--coordinator-address={coordinator}",
                    f"--rendezvous-address=127.0.0.1:{self._ports['rendezvous']}",
                    f"--knative-service={KNATIVE_SERVICE}",
                    f"--worker-image={NO_IMAGE}",
                    f"--metrics-port={self._ports['metrics']}",
                    f"--health-port={self._ports['health']}",
                ],
                env={
                    **{name: os.environ[name] for name in os.environ if name[:4] != "AWS_"},
                    "KUBECONFIG": str(self.folder / "kubeconfig"),
                    "POD_NAMESPACE": self.namespace,
                },
                stderr=log,
            )
        until(self._is_ready, 60, self.operator_log)
        if self._rendezvous is None:
            self._start_rendezvous()

    def kill(self) -> None:
        """As the kernel does when memory is short: nothing is said or tidied up."""
        assert self._operator is not None
        self._operator.kill()
        self._operator.wait()

    def stop(self) -> None:
        for process in (self._operator, self._rendezvous):
            if process is not None:
                process.terminate()
                process.wait(30)

    def _is_ready(self) -> bool:
        assert self._operator is not None
        assert self._operator.poll() is None, self.operator_log()
        url = f"http://127.0.0.1:{self._ports['health']}/readyz"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _start_rendezvous(self) -> None:
        """With the certificate that the operator has made for it."""
        data = self.cluster.get("secret", "excamera-rendezvous", self.namespace)["data"]
        for name in ("tls.crt", "tls.key", "ca.crt"):
            (self.folder / name).write_bytes(base64.b64decode(data[name]))
        with (self.folder / "rendezvous.log").open("ab") as log:
            self._rendezvous = subprocess.Popen(
                [
                    PROGRAMS / "excamera-rendezvous",
                    f"--listen=127.0.0.1:{self._ports['rendezvous']}",
                    f"--tls-cert={self.folder / 'tls.crt'}",
                    f"--tls-key={self.folder / 'tls.key'}",
                    f"--tls-ca={self.folder / 'ca.crt'}",
                ],
                stderr=log,
            )
