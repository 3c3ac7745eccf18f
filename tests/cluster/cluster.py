"""A Kubernetes cluster as tests see it: kubectl and helm, with objects as plain dictionaries."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.tiers import CLUSTER_BIN, ROOT

SCRIPTS = ROOT / "tests" / "cluster"
CRD = ROOT / "crds" / "encodejob.yaml"
# The same rule as in settings.sh.
RUN = Path(os.environ.get("CLUSTER_RUN") or "/tmp/excamera-cluster")

Object = dict[str, Any]


class Refused(Exception):
    """kubectl or helm failed; the message is what it said."""


def run(*command: str | Path, stdin: str | None = None, timeout: float = 120) -> str:
    """What `command` prints; Refused if it fails."""
    brought = os.environ.get("KUBEBUILDER_ASSETS", "")
    path = os.pathsep.join(filter(None, [brought, str(CLUSTER_BIN), os.environ["PATH"]]))
    done = subprocess.run(
        [str(word) for word in command],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, "PATH": path},
    )
    if done.returncode != 0:
        raise Refused(f"{done.stdout}{done.stderr}")
    return done.stdout


@dataclass(frozen=True)
class Cluster:
    """One API server, and what lies behind it."""

    kubeconfig: Path

    def kubectl(self, *words: str, stdin: str | None = None, timeout: float = 120) -> str:
        kubeconfig = f"--kubeconfig={self.kubeconfig}"
        return run("kubectl", kubeconfig, *words, stdin=stdin, timeout=timeout)

    def helm(self, *words: str, timeout: float = 300) -> str:
        return run("helm", "--kubeconfig", self.kubeconfig, *words, timeout=timeout)

    def create(self, *objects: Object, dry_run: bool = False) -> None:
        mode = ["--dry-run=server"] if dry_run else []
        self.kubectl("create", *mode, "-f", "-", stdin=yaml.safe_dump_all(objects))

    def apply(self, *objects: Object) -> None:
        self.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(objects))

    def get(self, kind: str, name: str, namespace: str) -> Object:
        found: Object = json.loads(
            self.kubectl("get", kind, name, "--namespace", namespace, "--output=json")
        )
        return found

    def patch(self, kind: str, name: str, namespace: str, patch: Object, *words: str) -> None:
        self.kubectl(
            "patch", kind, name, "--namespace", namespace, *words,
            "--type=merge", f"--patch={json.dumps(patch)}",
        )  # fmt: skip

    def wait(self, what: str, condition: str, namespace: str, seconds: int = 60) -> None:
        self.kubectl(
            "wait", what, f"--for={condition}", "--namespace", namespace,
            f"--timeout={seconds}s", timeout=seconds + 30,
        )  # fmt: skip

    def is_up(self) -> bool:
        try:
            self.kubectl("get", "--raw", "/readyz", timeout=10)
        except (Refused, OSError, subprocess.TimeoutExpired):
            return False
        return True

    def install_crd(self) -> None:
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(CRD))
        self.kubectl("wait", "--for=condition=Established", "-f", str(CRD), "--timeout=30s")
