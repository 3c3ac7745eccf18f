"""The chart's default: jobs of all namespaces are run, with a ClusterRole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cluster.cluster import Cluster
from tests.cluster.fixtures import namespace
from tests.controller.node.installation import PASSWORD, SECRET, USER, Installation
from tests.controller.node.samples import Sample

__all__ = ["namespace"]

pytestmark = pytest.mark.tier("node")


@pytest.fixture
def elsewhere(installed: Installation, namespace: str, cluster: Cluster) -> Iterator[Installation]:
    """Another namespace, with nothing in it but the Secret for the store."""
    installed.install(everywhere=True)
    other = Installation(cluster, namespace)
    cluster.create(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": SECRET, "namespace": namespace},
            "stringData": {
                "AWS_ENDPOINT_URL": installed.endpoint,
                "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": USER,
                "AWS_SECRET_ACCESS_KEY": PASSWORD,
            },
        }
    )
    yield other
    other.kubectl("delete", "ej", "--all", "--timeout=60s", timeout=90)
    installed.install()


def test_a_job_in_another_namespace_has_its_workers_there(
    installed: Installation, elsewhere: Installation, brief: Sample
) -> None:
    elsewhere.apply("away", brief.source)
    elsewhere.succeeded("away")
    assert elsewhere.worker_pods_ever("away")
    assert not installed.worker_pods_ever("away")
    assert installed.content("away.webm") == brief.expected
