"""An uninstallation whose hook cannot run, since its image cannot be pulled: the ways out.

Here nothing runs pods, so no hook ever ends. What the chart's README says about it is done.
"""

from __future__ import annotations

import pytest

from tests.chart.charts import CHART, LEAST, RELEASE, has_helm
from tests.cluster.cluster import Cluster, Refused
from tests.cluster.fixtures import OWN

pytestmark = [
    pytest.mark.tier("api"),
    pytest.mark.skipif(not has_helm(), reason="no helm; `make cluster` builds it"),
    pytest.mark.skipif(bool(OWN), reason="somebody's own cluster may run the hook"),
]

OPERATOR = "excamera-operator"
KINDS = "job,serviceaccount,role,rolebinding,networkpolicy,deployment"


def test_it_can_be_taken_back_and_done_without_the_hook(
    encodejobs: Cluster, namespace: str
) -> None:
    where = ("--namespace", namespace)
    own = f"namespaces={{{namespace}}},rbac.aggregate=false,crd.install=false"
    values = (f"--values={LEAST}", f"--set={own}")
    encodejobs.helm("install", RELEASE, str(CHART), *where, *values)
    # As the hook does first, when it runs.
    encodejobs.kubectl("scale", "--namespace", namespace, f"deploy/{OPERATOR}", "--replicas=0")

    with pytest.raises(Refused, match="timed out"):
        encodejobs.helm("uninstall", RELEASE, *where, "--timeout=5s")
    way_out = encodejobs.get("job", "excamera-uninstall", namespace)["metadata"]["annotations"]
    assert f"helm uninstall {RELEASE} --no-hooks" in way_out["excamera.dev/if-it-fails"]
    with pytest.raises(Refused, match="has no deployed releases"):
        encodejobs.helm("upgrade", RELEASE, str(CHART), *where, *values)

    encodejobs.helm("rollback", RELEASE, "1", *where)
    assert encodejobs.get("deploy", OPERATOR, namespace)["spec"]["replicas"] == 1
    encodejobs.helm("upgrade", RELEASE, str(CHART), *where, *values)

    with pytest.raises(Refused, match="timed out"):
        encodejobs.helm("uninstall", RELEASE, *where, "--timeout=5s")
    encodejobs.helm("uninstall", RELEASE, *where, "--no-hooks")
    of_release = f"--selector=app.kubernetes.io/instance={RELEASE}"
    listing = ("get", KINDS, "--namespace", namespace, of_release, "--output=name")
    assert encodejobs.kubectl(*listing) == "job.batch/excamera-uninstall\n"
