"""One installation for all tests of the folder, and clips with what must come of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chart.charts import has_helm
from tests.cluster.cluster import Cluster
from tests.cluster.fixtures import OWN, api_server, cluster, encodejobs, knative
from tests.cluster.images import needs_image
from tests.controller.node.installation import Installation
from tests.controller.node.samples import Sample

__all__ = ["api_server", "cluster", "encodejobs", "knative"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    marks = (
        needs_image,
        pytest.mark.skipif(not has_helm(), reason="no helm; `make cluster` builds it"),
        pytest.mark.skipif(bool(OWN), reason="MinIO is in the cluster of `make cluster` only"),
        pytest.mark.timeout(420),
    )
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            for mark in marks:
                item.add_marker(mark)


@pytest.fixture(scope="session")
def installed(cluster: Cluster, encodejobs: Cluster) -> Iterator[Installation]:
    """The chart with small requests, in a namespace that enforces pod security `restricted`."""
    name = f"jobs-{uuid.uuid4().hex[:8]}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    cluster.create(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    )
    installation = Installation(cluster, name)
    installation.start_store()
    installation.install()
    yield installation
    installation.kubectl("delete", "ej", "--all", "--timeout=90s", timeout=120)
    installation.uninstall()
    cluster.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def job(installed: Installation, request: pytest.FixtureRequest) -> Iterator[str]:
    """A name for an EncodeJob, which is deleted after the test; nothing of it may be left."""
    name = f"job-{uuid.uuid4().hex[:6]}"
    yield name
    installed.kubectl("delete", "ej", name, "--ignore-not-found", "--timeout=60s", timeout=90)
    assert not [key for key in installed.stored() if f"{name}.webm.excamera" in key]


@pytest.fixture(scope="session")
def long(installed: Installation, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Long enough for things to happen while it is encoded."""
    return Sample.of(installed, tmp_path_factory.mktemp("long"), frames=960)


@pytest.fixture(scope="session")
def brief(installed: Installation, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Two chains, for jobs that nothing happens to."""
    return Sample.of(installed, tmp_path_factory.mktemp("brief"), frames=48)


@pytest.fixture(scope="session")
def source(long: Sample) -> str:
    """The URL of the long clip."""
    return long.source


@pytest.fixture(scope="session")
def expected(long: Sample) -> bytes:
    """What must come of the long clip."""
    return long.expected
