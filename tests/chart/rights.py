"""The rights that the chart gives the operator, on a real API server."""

from __future__ import annotations

from tests.chart.charts import objects, render
from tests.cluster.cluster import Cluster

KINDS = ("Role", "RoleBinding", "ServiceAccount")


def service_account(server: Cluster, namespace: str, *words: str) -> str:
    """Makes the operator's account, with its rights in one namespace; its name."""
    told = ("--set", f"namespaces={{{namespace}}}", "--namespace", namespace, *words)
    server.create(*(each for each in objects(render(*told)) if each["kind"] in KINDS))
    return "excamera-operator"
