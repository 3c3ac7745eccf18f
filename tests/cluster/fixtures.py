"""Fixtures for tests on a cluster, to be imported by the conftest.py of folders that need them.

With KUBECONFIG in the environment it is the person's own cluster. Otherwise it is that of
`make cluster`: as it is if it is up, else started for these tests and ended after them.
"""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.cluster import RUN, SCRIPTS, Cluster
from tests.tiers import CLUSTER_BIN

ADMIN = RUN / "admin.kubeconfig"
OWN = os.environ.get("KUBECONFIG")
if str(ADMIN) == OWN:  # as the end of `up` suggests
    OWN = None


def script(*words: str) -> None:
    done = subprocess.run(
        [SCRIPTS / words[0], *words[1:]], capture_output=True, text=True, timeout=280
    )
    if done.returncode != 0:
        pytest.fail(f"tests/cluster/{' '.join(words)}: {done.stderr}")


@pytest.fixture(scope="session")
def api_server() -> Iterator[Cluster]:
    """At least an API server and etcd; pods may or may not run."""
    if OWN:
        yield Cluster(Path(OWN))
        return
    cluster = Cluster(ADMIN)
    was_up = cluster.is_up()
    if not was_up:
        script("up", "api")
    yield cluster
    if not was_up:
        script("down")


@pytest.fixture(scope="session")
def cluster(api_server: Cluster) -> Cluster:
    """A cluster that runs pods."""
    if not OWN:
        script("up", "node")
    return api_server


@pytest.fixture(scope="session")
def knative(cluster: Cluster) -> Cluster:
    """A cluster with Knative Serving."""
    if not OWN:
        script("up", "knative")
    elif "services.serving.knative.dev" not in cluster.kubectl("get", "crd", "--output=name"):
        pytest.skip("the cluster at KUBECONFIG has no Knative Serving")
    return cluster


@pytest.fixture(scope="session")
def encodejobs(api_server: Cluster) -> Cluster:
    """An API server that knows the kind EncodeJob."""
    api_server.install_crd()
    return api_server


@pytest.fixture(scope="session")
def kinds_of_others(api_server: Cluster) -> Cluster:
    """An API server that knows all kinds that the chart has objects of, without who serves them.

    In a cluster of the person's own nothing is installed: what is not there is skipped over.
    """
    crds = CLUSTER_BIN.parent / "crds.yaml"
    if not OWN:
        if not crds.exists():
            pytest.skip("no kinds of others; `make cluster` fetches them")
        api_server.kubectl("apply", "--server-side", "-f", str(crds))
        api_server.kubectl("wait", "--for=condition=Established", "-f", str(crds), "--timeout=30s")
    return api_server


@pytest.fixture
def namespace(api_server: Cluster) -> Iterator[str]:
    """A fresh namespace that enforces pod security `restricted`."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    metadata = {"name": name, "labels": labels}
    api_server.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    yield name
    api_server.kubectl("delete", "namespace", name, "--wait=false")
