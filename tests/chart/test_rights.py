"""Rights, asked of a real API server: what operator and uninstalling need and must not have."""

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


UNINSTALLING_NEEDS = [
    "list encodejobs.excamera.dev",
    "patch encodejobs.excamera.dev",
    "patch encodejobs.excamera.dev --subresource=status",
    "list jobs.batch",
    "delete jobs.batch",
    "list pods",
    "delete pods",
    "create events",
    "patch deployments.apps/excamera-operator --subresource=scale",
]
UNINSTALLING_MUST_NOT = [
    "delete encodejobs.excamera.dev",
    "create encodejobs.excamera.dev",
    "create jobs.batch",
    "create pods",
    "get secrets/object-store",
    "get secrets/excamera-authority",
    "list secrets",
    "create secrets",
    "patch deployments.apps/excamera-operator",
    "delete deployments.apps/excamera-operator",
    "patch deployments.apps/other --subresource=scale",
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


def has_just_these_rights(
    server: Cluster, account: str, namespace: str, needed: list[str], forbidden: list[str]
) -> None:
    for request in needed:
        assert may(server, account, namespace, request), request
        assert not may(server, account, "default", request), f"{request} elsewhere"
    for request in forbidden:
        assert not may(server, account, namespace, request), request


def test_the_operator_may_do_what_it_needs_and_no_more(
    encodejobs: Cluster, namespace: str, account: str
) -> None:
    has_just_these_rights(encodejobs, account, namespace, NEEDED, FORBIDDEN)


def test_uninstalling_may_do_what_it_needs_and_no_more(
    encodejobs: Cluster, namespace: str, account: str
) -> None:
    other = account.replace("excamera-operator", "excamera-uninstall")
    needs, must_not = UNINSTALLING_NEEDS, UNINSTALLING_MUST_NOT
    has_just_these_rights(encodejobs, other, namespace, needs, must_not)
