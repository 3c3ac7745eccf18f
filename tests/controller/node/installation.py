"""The chart installed on a real node with MinIO beside it, and EncodeJobs to run there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from tests.chart.charts import CHART
from tests.cluster.cluster import Cluster, Object, Refused
from tests.cluster.images import IMAGE
from tests.tiers import ROOT

MINIO = ROOT / "tests" / "cluster" / "manifests" / "minio.yaml"
USER, PASSWORD = "testuser", "testpassword"  # as in the manifest
BUCKET = "videos"
SECRET = "object-store"
ENDED = ("Succeeded", "Failed")
SMALL = (
    "operator.resources.requests.cpu=50m",
    "rendezvous.resources.requests.cpu=10m",
    "workers.resources.requests.cpu=10m",
    "workers.resources.requests.memory=64Mi",
    "workers.resources.limits.memory=1Gi",
    "workers.knative.resources.requests.cpu=10m",
    "workers.knative.resources.requests.memory=64Mi",
    "workers.knative.window=6s",
)


def until(condition: Callable[[], Any], seconds: float, what: Callable[[], object] = str) -> Any:
    """The first true value of `condition()`."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"not within {seconds} s: {what()}"
        time.sleep(0.5)
    return value


@dataclass
class Installation:
    """One namespace with everything in it."""

    cluster: Cluster
    namespace: str

    # Installing

    def install(self, *settings: str, everywhere: bool = False) -> None:
        """Installs or upgrades, for this namespace or all, and waits until all is ready."""
        repository, _, tag = IMAGE.rpartition(":")
        values = (
            f"image.repository={repository}",
            f"image.tag={tag}",
            *(() if everywhere else (f"namespaces={{{self.namespace}}}",)),
            "crd.install=false",
            "rbac.aggregate=false",
            *SMALL,
            *settings,
        )
        words = [f"--set={value}" for value in values]
        self.cluster.helm(
            *("upgrade", "--install", "excamera", str(CHART), "--namespace", self.namespace),
            *("--wait", "--timeout", "150s", *words),
        )

    def start_store(self) -> None:
        """MinIO with the example clip, and the Secret that jobs name."""
        self.kubectl("apply", "-f", "-", stdin=MINIO.read_text())
        self.cluster.wait("pod/minio", "condition=Ready", self.namespace, 90)
        until(self._has_bucket, 30)
        example = ROOT / "examples" / "big-buck-bunny.mp4"
        self.s3.upload_file(str(example), BUCKET, "big-buck-bunny.mp4")
        self.secret(SECRET, AWS_ACCESS_KEY_ID=USER, AWS_SECRET_ACCESS_KEY=PASSWORD)

    def secret(self, name: str, **values: str) -> None:
        data = {"AWS_ENDPOINT_URL": self.endpoint, "AWS_REGION": "us-east-1", **values}
        metadata = {"name": name, "namespace": self.namespace}
        made = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data}
        self.cluster.create(made)

    @property
    def endpoint(self) -> str:
        service = self.cluster.get("service", "minio", self.namespace)
        return f"http://{service['spec']['clusterIP']}:9000"

    @property
    def s3(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=USER,
            aws_secret_access_key=PASSWORD,
            region_name="us-east-1",
        )

    def _has_bucket(self) -> bool:
        try:
            self.s3.create_bucket(Bucket=BUCKET)
        except Exception:
            return False
        return True

    def stored(self) -> list[str]:
        """Everything in the bucket."""
        return [one["Key"] for one in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())]

    def content(self, key: str) -> bytes:
        body: bytes = self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return body

    def put(self, path: Path) -> str:
        """Uploads a file; its URL."""
        self.s3.upload_file(str(path), BUCKET, path.name)
        return f"s3://{BUCKET}/{path.name}"

    # Jobs

    def apply(self, name: str, source: str, **spec: Any) -> None:
        """An EncodeJob that writes NAME.webm."""
        made: Object = {
            "apiVersion": "excamera.dev/v1alpha1",
            "kind": "EncodeJob",
            "metadata": {"name": name, "namespace": self.namespace},
            "spec": {
                "source": {"uri": source},
                "output": {"uri": f"s3://{BUCKET}/{name}.webm"},
                "storage": {"secretRef": {"name": SECRET}},
                "encoding": {"chunkFrames": 6, "chainLength": 4},
                "workers": {"backend": "Pod", "max": 2},
                **spec,
            },
        }
        self.cluster.apply(made)

    def status(self, name: str) -> dict[str, Any]:
        status: dict[str, Any] = self.cluster.get("ej", name, self.namespace).get("status") or {}
        return status

    def summary(self, name: str) -> dict[str, Any]:
        """The condition Succeeded."""
        conditions = self.status(name).get("conditions") or ()
        return next((dict(c) for c in conditions if c["type"] == "Succeeded"), {})

    def ended(self, name: str, seconds: float = 240) -> dict[str, Any]:
        """The status once the job has succeeded or failed."""
        until(lambda: self.status(name).get("phase") in ENDED, seconds, lambda: self.story(name))
        return self.status(name)

    def succeeded(self, name: str, seconds: float = 240) -> dict[str, Any]:
        status = self.ended(name, seconds)
        assert status["phase"] == "Succeeded", self.story(name)
        return status

    def published(self, name: str, count: int, seconds: float = 120) -> None:
        """Waits until that many chunks are finished."""
        until(
            lambda: (self.status(name).get("progress") or {}).get("published", 0) >= count,
            seconds,
            lambda: self.story(name),
        )

    def patch(self, name: str, **spec: Any) -> None:
        self.cluster.patch("ej", name, self.namespace, {"spec": spec})

    def delete(self, name: str) -> None:
        """Returns when the resource is gone."""
        self.kubectl("delete", "ej", name, "--timeout=60s", timeout=90)

    def reasons(self, name: str) -> list[str]:
        """Of the events about the job."""
        chosen = f"involvedObject.kind=EncodeJob,involvedObject.name={name}"
        listed = json.loads(self.kubectl("get", "events", f"--field-selector={chosen}", "-ojson"))
        return [event["reason"] for event in listed["items"]]

    def workers(self) -> list[str]:
        """Pods of workers."""
        selector = "--selector=excamera.dev/job-uid"
        return self.kubectl("get", "pods", selector, "--output=name").split()

    def traces(self) -> list[str]:
        """What backend Pod may leave in the cluster."""
        selector = "--selector=excamera.dev/job-uid"
        return self.kubectl("get", "jobs,pods,secrets", selector, "--output=name").split()

    def kill_operator(self, *words: str) -> None:
        selector = "app.kubernetes.io/component=operator"
        self.kubectl("delete", "pod", f"--selector={selector}", *words)

    def operator_log(self) -> str:
        try:
            return self.kubectl("logs", "deployment/excamera-operator", "--tail=60")
        except Refused as refused:
            return str(refused)

    def story(self, name: str) -> str:
        """For a failed test."""
        pods = self.kubectl("get", "pods")
        return f"{json.dumps(self.status(name), indent=1)}\n{pods}\n{self.operator_log()}"

    def kubectl(self, *words: str, stdin: str | None = None, timeout: float = 120) -> str:
        return self.cluster.kubectl(
            "--namespace", self.namespace, *words, stdin=stdin, timeout=timeout
        )
