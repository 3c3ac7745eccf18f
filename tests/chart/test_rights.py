"""The operator's rights, asked of a real API server: what it needs, and what it must not have."""

import pytest

from tests.chart.charts import has_helm
from tests.chart.rights import service_account
from tests.cluster.cluster import Cluster, Refused

pytestmark = [
    pytest.mark.tier("api"),
    pytest.mark.skipif(not has_helm(), reason="no helm; `make cluster` builds it"),
]

NEEDED = [
    "get encodejobs.excamera.dev",
    "watch encodejobs.excamera.dev",
    "patch encodejobs.excamera.dev",
    "delete encodejobs.excamera.dev",
    "patch encodejobs.excamera.dev --subresource=status",
    "create jobs.batch",
    "list jobs.batch",
    "delete jobs.batch",
    "watch pods",
    "delete pods",
    "create events",
    "patch events",
    "get secrets/object-store",
    "create secrets",
]
FORBIDDEN = [
    "create encodejobs.excamera.dev",
    "create pods",
    "create pods --subresource=exec",
    "patch jobs.batch",
    "get pods",
    "delete events",
    "list secrets",
    "watch secrets",
    "patch secrets/object-store",
    "delete secrets/invitation",
    "get configmaps",
    "get nodes",
    "list namespaces",
    "create deployments.apps",
    "create roles.rbac.authorization.k8s.io",
    "create serviceaccounts --subresource=token",
]


@pytest.fixture
def account(encodejobs: Cluster, namespace: str) -> str:
    """The operator's service account, with the rights that the chart gives it in one namespace."""
    name = service_account(encodejobs, namespace)
    return f"system:serviceaccount:{namespace}:{name}"


def may(server: Cluster, account: str, namespace: str, request: str) -> bool:
    try:
        answer = server.kubectl(
            "auth", "can-i", *request.split(), "--as", account, "--namespace", namespace
        )
    except Refused as refused:
        answer = str(refused)
    return answer.splitlines()[-1] == "yes"


def test_the_operator_may_do_what_it_needs_and_no_more(
    encodejobs: Cluster, namespace: str, account: str
) -> None:
    for request in NEEDED:
        assert may(encodejobs, account, namespace, request), request
        assert not may(encodejobs, account, "default", request), f"{request} elsewhere"
    for request in FORBIDDEN:
        assert not may(encodejobs, account, namespace, request), request
