"""The chart brings the kind EncodeJob up to date, and leaves it and all EncodeJobs when it goes.

No pods are needed for that. A person's own cluster is left alone: its kind would be an older one
for a moment.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.chart.charts import CHART, LEAST, RELEASE, has_helm
from tests.chart.mistakes import OUTPUT, SOURCE
from tests.cluster.cluster import Cluster, Object
from tests.cluster.fixtures import OWN

pytestmark = [
    pytest.mark.tier("api"),
    pytest.mark.skipif(not has_helm(), reason="no helm; `make cluster` builds it"),
    pytest.mark.skipif(
        bool(OWN), reason="the kind is exchanged in the cluster of `make cluster` only"
    ),
]

FIELD = "ttlSecondsAfterFinished"
"""Which the older kind did not have."""


def without(text: str, name: str) -> str:
    """YAML text without the property of that name and all that is under it."""
    cut, count = re.subn(rf"^( +){name}:\n(?:\1 +.*\n|\n)+", "", text, flags=re.MULTILINE)
    assert count == 1
    return cut


def kind(cluster: Cluster) -> Object:
    return cluster.get("crd", "encodejobs.excamera.dev", "")


def fields(cluster: Cluster) -> set[str]:
    """Of the spec."""
    (served,) = kind(cluster)["spec"]["versions"]
    return set(served["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"])


def test_the_kind_is_upgraded_with_the_chart_and_outlives_it_with_all_jobs(
    encodejobs: Cluster, namespace: str, tmp_path: Path
) -> None:
    older = shutil.copytree(CHART, tmp_path / "excamera")
    crd = older / "templates" / "crd.yaml"
    crd.write_text(without(crd.read_text(), FIELD))
    where = ("--namespace", namespace, f"--values={LEAST}", f"--set=namespaces={{{namespace}}}")
    small = ("--set=rbac.aggregate=false", "--take-ownership")
    encodejobs.helm("install", RELEASE, str(older), *where, *small)
    assert FIELD not in fields(encodejobs)
    job = {
        "apiVersion": "excamera.dev/v1alpha1",
        "kind": "EncodeJob",
        "metadata": {"name": "earlier", "namespace": namespace},
        "spec": {"source": SOURCE, "output": OUTPUT},
    }
    encodejobs.create(job)
    uid = encodejobs.get("ej", "earlier", namespace)["metadata"]["uid"]

    encodejobs.helm("upgrade", RELEASE, str(CHART), *where, "--set=rbac.aggregate=false")
    assert FIELD in fields(encodejobs)
    encodejobs.patch("ej", "earlier", namespace, {"spec": {FIELD: 60}})

    # The hook that clears away is a pod.
    encodejobs.helm("uninstall", RELEASE, "--namespace", namespace, "--no-hooks")
    assert kind(encodejobs)["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    left = encodejobs.get("ej", "earlier", namespace)
    assert (left["metadata"]["uid"], left["spec"][FIELD]) == (uid, 60)
    listing = ("get", "deployments,services,roles,rolebindings", "--namespace", namespace)
    assert encodejobs.kubectl(*listing, "--output=name") == ""
