"""Fixtures for tests of the chart and of the API; see tests/cluster/fixtures.py."""

from tests.cluster.fixtures import api_server, encodejobs, namespace

__all__ = ["api_server", "encodejobs", "namespace"]
