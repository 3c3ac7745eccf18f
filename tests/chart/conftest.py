"""Fixtures for tests of the chart and of the API; see tests/cluster/fixtures.py."""

from tests.cluster.fixtures import api_server, encodejobs, kinds_of_others, namespace

__all__ = ["api_server", "encodejobs", "kinds_of_others", "namespace"]
