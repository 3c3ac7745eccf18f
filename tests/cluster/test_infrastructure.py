"""The test cluster itself: what other tests take for granted, shown once."""

import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cluster.cluster import Cluster, Object, Refused
from tests.cluster.fixtures import OWN
from tests.cluster.images import needs_image
from tests.cluster.pods import pod

pytestmark = pytest.mark.tier("node")


def output_of(cluster: Cluster, manifest: Object) -> str:
    """What the pod has printed; it must succeed."""
    name, namespace = manifest["metadata"]["name"], manifest["metadata"]["namespace"]

    def phase() -> str:
        return str(cluster.get("pod", name, namespace)["status"]["phase"])

    cluster.create(manifest)
    until(lambda: phase() in ("Succeeded", "Failed"), 120)
    printed = cluster.kubectl("logs", name, "--namespace", namespace)
    assert phase() == "Succeeded", printed
    return printed


def until(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(1)


@needs_image
@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("excamera", "--help"), "usage: excamera"),
        (("excamera-worker", "--help"), "usage: excamera-worker"),
        (("excamera-rendezvous", "--help"), "usage: excamera-rendezvous"),
        (("xc", "--help"), "rebase"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_our_image_runs_as_nobody_on_a_root_that_it_cannot_write_to(
    cluster: Cluster, namespace: str, command: tuple[str, ...], said: str
) -> None:
    assert said in output_of(cluster, pod("image", namespace, *command))


@needs_image
def test_a_pod_that_takes_too_much_memory_is_named_so(cluster: Cluster, namespace: str) -> None:
    resources = {"limits": {"memory": "64Mi"}}
    hog = pod("hog", namespace, "python3", "-c", "bytearray(300 << 20)", resources=resources)
    cluster.create(hog)
    cluster.wait("pod/hog", "jsonpath={.status.phase}=Failed", namespace)
    (status,) = cluster.get("pod", "hog", namespace)["status"]["containerStatuses"]
    assert status["state"]["terminated"]["reason"] == "OOMKilled"


@needs_image
def test_names_of_services_resolve(cluster: Cluster, namespace: str) -> None:
    code = "import socket; print(socket.gethostbyname('kubernetes.default.svc'))"
    address = cluster.get("service", "kubernetes", "default")["spec"]["clusterIP"]
    assert address in output_of(cluster, pod("names", namespace, "python3", "-c", code))


@needs_image
def test_a_pod_that_is_not_hardened_is_refused(cluster: Cluster, namespace: str) -> None:
    soft = pod("soft", namespace, "true", securityContext={})
    with pytest.raises(Refused, match="violates PodSecurity"):
        cluster.create(soft)


@pytest.mark.skipif(bool(OWN), reason="MinIO's image is in the cluster of `make cluster` only")
def test_minio_serves_pods_and_the_host(cluster: Cluster, namespace: str) -> None:
    manifest = (Path(__file__).parent / "manifests" / "minio.yaml").read_text()
    cluster.kubectl("apply", "--namespace", namespace, "-f", "-", stdin=manifest)
    cluster.wait("pod/minio", "condition=Ready", namespace)
    address = cluster.get("service", "minio", namespace)["spec"]["clusterIP"]
    url = f"http://{address}:9000/minio/health/live"
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.status == 200


@needs_image
def test_knative_starts_a_pod_for_a_request_and_ends_it_after(
    knative: Cluster, namespace: str
) -> None:
    knative.create(echo_service(namespace))
    knative.wait("ksvc/echo", "condition=Ready", namespace, 120)
    until(lambda: not pods_of_echo(knative, namespace), 120)
    assert post(knative, namespace) == "echo"
    assert pods_of_echo(knative, namespace)
    until(lambda: not pods_of_echo(knative, namespace), 120)


ECHO = """
import http.server, os, signal
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
class Echo(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"echo")
http.server.HTTPServer(("", 8080), Echo).serve_forever()
"""


def echo_service(namespace: str) -> Object:
    container = pod("echo", namespace, "python3", "-c", ECHO)["spec"]["containers"][0]
    annotations = {"autoscaling.knative.dev/window": "6s"}
    spec = {"containerConcurrency": 1, "containers": [{**container, "name": "user-container"}]}
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {
            "name": "echo",
            "namespace": namespace,
            "labels": {"networking.knative.dev/visibility": "cluster-local"},
        },
        "spec": {"template": {"metadata": {"annotations": annotations}, "spec": spec}},
    }


def pods_of_echo(cluster: Cluster, namespace: str) -> list[str]:
    selector = "--selector=serving.knative.dev/service=echo"
    return cluster.kubectl("get", "pods", selector, "--namespace", namespace, "-oname").split()


def post(cluster: Cluster, namespace: str) -> str:
    """The answer of the service to a request from a pod."""
    url = f"http://echo.{namespace}.svc.cluster.local/"
    code = f"import urllib.request as u; print(u.urlopen({url!r}, b'', 60).read().decode())"
    return output_of(cluster, pod("post", namespace, "python3", "-c", code)).strip()
