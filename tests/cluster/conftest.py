"""See fixtures.py."""

from tests.cluster.fixtures import api_server, cluster, encodejobs, knative, namespace

__all__ = ["api_server", "cluster", "encodejobs", "knative", "namespace"]
