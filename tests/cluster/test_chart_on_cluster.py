"""Parts of the chart that stand alone, as pods of the real image."""

import base64

import pytest

from excamera_proto.authority import Authority
from excamera_proto.identity import RENDEZVOUS
from tests.chart.charts import has_helm, objects, render
from tests.cluster.cluster import Cluster, Object
from tests.cluster.images import IMAGE, needs_image

pytestmark = [
    pytest.mark.tier("node"),
    pytest.mark.skipif(not has_helm(), reason="no helm; `make cluster` builds it"),
    needs_image,
]


def rendered(namespace: str, *settings: str) -> list[Object]:
    """The chart's objects with the image of this cluster, small enough for one node."""
    repository, _, tag = IMAGE.rpartition(":")
    # Nothing that belongs to the whole cluster.
    alone = ("crd.install=false", "priorityClass.create=false")
    common = [f"image.repository={repository}", f"image.tag={tag}", *alone]
    words = [f"--set={each}" for each in [*common, *settings]]
    return objects(render("--namespace", namespace, *words))


def chosen(manifests: list[Object], component: str, *kinds: str) -> list[Object]:
    label = "app.kubernetes.io/component"
    return [
        each
        for each in manifests
        if each["kind"] in kinds and each["metadata"]["labels"][label] == component
    ]


def tls_secret(name: str, namespace: str) -> Object:
    credential = Authority.create("test").issue(RENDEZVOUS)
    parts = {
        "tls.crt": credential.certificate_pem,
        "tls.key": credential.key_pem,
        "ca.crt": credential.authority_pem,
    }
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "data": {key: base64.b64encode(value).decode() for key, value in parts.items()},
    }


def test_the_rendezvous_waits_for_its_certificate_and_gets_ready(
    cluster: Cluster, namespace: str
) -> None:
    small = "rendezvous.resources.requests.cpu=10m"
    kinds = ("ServiceAccount", "Service", "Deployment", "PodDisruptionBudget", "NetworkPolicy")
    cluster.create(*chosen(rendered(namespace, small), "rendezvous", *kinds))
    name = "excamera-rendezvous-0"
    assert "readyReplicas" not in cluster.get("deployment", name, namespace)["status"]
    cluster.create(tls_secret("excamera-rendezvous", namespace))
    cluster.wait(f"deployment/{name}", "condition=Available", namespace, 150)
    page = f"/api/v1/namespaces/{namespace}/pods/{pod_of(cluster, namespace)}:9090/proxy/metrics"
    metrics = cluster.kubectl("get", "--raw", page)
    assert "excamera_rendezvous_memory_limit_bytes 5.36870912e+08" in metrics


def test_uninstalling_where_there_is_no_operator_ends_by_itself(
    encodejobs: Cluster, cluster: Cluster, namespace: str
) -> None:
    manifests = rendered(namespace, f"namespaces={{{namespace}}}")
    rights = ("Role", "RoleBinding", "NetworkPolicy")
    cluster.create(*chosen(manifests, "uninstall", "ServiceAccount", *rights))
    cluster.create(*chosen(manifests, "uninstall", "Job"))
    cluster.wait("job/excamera-uninstall", "condition=Complete", namespace, 150)
    said = cluster.kubectl("logs", "job/excamera-uninstall", "--namespace", namespace)
    assert "there is no operator" in said
    assert "0 EncodeJobs are let go" in said


def test_uninstalling_without_rights_fails_and_says_which_are_missing(
    cluster: Cluster, namespace: str
) -> None:
    """As with rbac.create=false, when nobody has given them."""
    manifests = rendered(namespace, "rbac.create=false")
    cluster.create(*chosen(manifests, "uninstall", "ServiceAccount"))
    cluster.create(*chosen(manifests, "uninstall", "Job"))
    cluster.wait("job/excamera-uninstall", "condition=Failed", namespace, 200)
    said = cluster.kubectl("logs", "job/excamera-uninstall", "--namespace", namespace)
    assert 'cannot list resource "encodejobs"' in said


def pod_of(cluster: Cluster, namespace: str) -> str:
    found = cluster.kubectl("get", "pods", "--namespace", namespace, "--output=name").split()
    (name,) = (each.removeprefix("pod/") for each in found)
    return name


def test_the_workers_knative_service_gets_ready(knative: Cluster, namespace: str) -> None:
    settings = (
        "workers.knative.enabled=true",
        "workers.knative.window=6s",
        "workers.knative.resources.requests.cpu=10m",
    )
    manifests = rendered(namespace, *settings)
    knative.create(*chosen(manifests, "worker", "ServiceAccount"))
    knative.create(*chosen(manifests, "worker", "Service", "NetworkPolicy"))
    knative.wait("ksvc/excamera-worker", "condition=Ready", namespace, 150)
