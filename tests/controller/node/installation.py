"""The chart installed on a real node with MinIO beside it, and EncodeJobs to run there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from prometheus_client.parser import text_string_to_metric_families

from tests.chart.charts import CHART
from tests.cluster.cluster import Object, Refused
from tests.cluster.images import IMAGE
from tests.controller.jobs import BUCKET, SECRET, Jobs, until
from tests.tiers import ROOT

__all__ = ["BUCKET", "PASSWORD", "SECRET", "USER", "Installation", "until"]

MINIO = ROOT / "tests" / "cluster" / "manifests" / "minio.yaml"
USER, PASSWORD = "testuser", "testpassword"  # as in the manifest
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


@dataclass
class Installation(Jobs):
    """One namespace with everything in it."""

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

    def uninstall(self) -> None:
        """Returns when all is gone."""
        self.cluster.helm("uninstall", "excamera", "--namespace", self.namespace, "--wait")

    def start_store(self) -> None:
        """MinIO with a bucket, and the Secret that jobs name."""
        self.kubectl("apply", "-f", "-", stdin=MINIO.read_text())
        self.cluster.wait("pod/minio", "condition=Ready", self.namespace, 90)
        until(self._has_bucket, 30)
        self.secret(SECRET, AWS_ACCESS_KEY_ID=USER, AWS_SECRET_ACCESS_KEY=PASSWORD)

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

    # What runs

    def pod_of(self, component: str, *others: str) -> Object:
        """The one pod of a part of the chart that is not going away, nor one of these uids."""

        def here() -> list[Object]:
            found = json.loads(
                self.kubectl("get", "pods", f"--selector={_is(component)}", "-ojson")
            )
            alive = (pod for pod in found["items"] if "deletionTimestamp" not in pod["metadata"])
            return [pod for pod in alive if pod["metadata"]["uid"] not in others]

        (pod,) = until(here, 60, lambda: self.kubectl("get", "pods"))
        return dict(pod)

    def figure(self, component: str, name: str, **labels: str) -> float:
        """What a part of the chart says of itself: all its series of that name and these labels."""
        pod = self.pod_of(component)["metadata"]["name"]
        page = f"/api/v1/namespaces/{self.namespace}/pods/{pod}:9090/proxy/metrics"
        text = self.kubectl("get", "--raw", page)
        samples = (one for each in text_string_to_metric_families(text) for one in each.samples)
        return sum(
            one.value
            for one in samples
            if one.name == name and labels.items() <= one.labels.items()
        )

    def mailboxes(self) -> float:
        """How many the rendezvous has, of all jobs."""
        return self.figure("rendezvous", "excamera_rendezvous_mailboxes")

    def kill_operator(self) -> None:
        """As when its node fails: it has no time to do anything."""
        self.kubectl(
            "delete", "pod", f"--selector={_is('operator')}", "--grace-period=0", "--force"
        )

    def scale_operator(self, count: int) -> None:
        """Returns when there are that many."""
        deployment = "deployment/excamera-operator"
        self.kubectl("scale", deployment, f"--replicas={count}")
        if count == 0:
            self.kubectl("wait", "pod", f"--selector={_is('operator')}", "--for=delete")

    def operator_log(self) -> str:
        try:
            return self.kubectl("logs", "deployment/excamera-operator", "--tail=60")
        except Refused as refused:
            return str(refused)


def _is(component: str) -> str:
    return f"app.kubernetes.io/component={component}"
