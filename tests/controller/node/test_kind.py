"""docs/kind.md, command by command, as far as it goes without docker, kind and a registry.

MinIO is the test cluster's own, the image is the one that is there already, services are reached by
their addresses, and the kind EncodeJob, which is there for other tests, is taken over. All else is
as it is written. In the end the chart is uninstalled.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from tests.cluster.cluster import Cluster, Refused
from tests.cluster.images import IMAGE
from tests.controller.node.installation import MINIO, PASSWORD, USER, Installation, until
from tests.local.command import encoded
from tests.tiers import ROOT

pytestmark = pytest.mark.tier("node")

TEXT = (ROOT / "docs" / "kind.md").read_text().replace("\\\n", " ")
BLOCKS = re.findall(r"^```console\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
COMMANDS = [
    line.removeprefix("$ ") for block in BLOCKS for line in block.splitlines() if line[:2] == "$ "
]
KEYS = "minioadmin"

KEPT = {
    *("configmap/kube-root-ca.crt", "serviceaccount/default"),  # Kubernetes' own
    *(
        "secret/excamera-authority",
        "secret/excamera-rendezvous",
    ),  # by hand: charts/excamera/README.md
}
CLUSTER_WIDE = "customresourcedefinitions,clusterroles,clusterrolebindings"


class Person:
    """Does what is written, in a folder of their own for what they download."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster = cluster
        self.folder = folder
        self.jobs = Installation(cluster, "default")

    def type(self, command: str) -> None:
        match shlex.split(command, comments=True):
            case ["docker" | "kind" | "export" | "kill", *_] | ["kubectl", "port-forward", *_]:
                pass
            case ["kubectl", "create", "deployment", "minio", *_]:
                ours = MINIO.read_text().replace(USER, KEYS).replace(PASSWORD, KEYS)
                self.cluster.kubectl("apply", "-f", "-", stdin=ours)
            case ["kubectl", "expose", "deployment", "minio", "--port=9000"]:
                assert self.cluster.get("service", "minio", "default")
            case ["kubectl", "wait", *_, "deployment/minio", _]:
                self.cluster.wait("pod/minio", "condition=Ready", "default")
            case ["kubectl", "get", "encodejobs", "-w"]:
                self.jobs.succeeded("big-buck-bunny", 360)
            case ["aws", "s3", *words]:
                self.aws_s3(*words)
            case ["kubectl", *words]:
                self.cluster.kubectl(*(self.absolute(word) for word in words))
            case ["helm", *words]:
                here = (f"--set=image.tag={IMAGE.rpartition(':')[2]}", "--take-ownership")
                self.cluster.helm(*(self.absolute(word) for word in words), *here)
            case words:
                pytest.fail(f"no test for {words}")

    def follow(self, command: str) -> None:
        """Fails with what was said against it."""
        try:
            self.type(command)
        except Refused as refused:
            pytest.fail(f"{command}\n{refused}")

    def leave(self) -> None:
        """All that was made is removed; jobs need no operator for that any more."""
        where = ("--namespace=excamera", "--wait", "--ignore-not-found")
        self.cluster.helm("uninstall", "excamera", *where)
        self.cluster.kubectl("delete", "ej", "--all", "--timeout=60s")
        gone = ("--ignore-not-found", "--wait=false")
        self.cluster.kubectl("delete", "pod/minio", "service/minio", "secret/store", *gone)
        self.cluster.kubectl("delete", "namespace", "excamera", *gone)

    def absolute(self, word: str) -> str:
        """A path in the clone."""
        return str(ROOT / word) if (ROOT / word).exists() else word

    def aws_s3(self, *words: str) -> None:
        match words:
            case ["mb", bucket]:
                self.s3.create_bucket(Bucket=bucket.removeprefix("s3://"))
            case ["cp", source, "."]:
                bucket, _, key = source.removeprefix("s3://").partition("/")
                self.s3.download_file(bucket, key, str(self.folder / key))
            case ["cp", source, target]:
                bucket = target.removeprefix("s3://").rstrip("/")
                self.s3.upload_file(str(ROOT / source), bucket, Path(source).name)
            case _:
                pytest.fail(f"no test for aws s3 {words}")

    @property
    def s3(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.jobs.endpoint,
            aws_access_key_id=KEYS,
            aws_secret_access_key=KEYS,
            region_name="us-east-1",
        )


@pytest.fixture(scope="module")
def person(
    cluster: Cluster, encodejobs: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Person]:
    """Who has followed the page."""
    person = Person(cluster, tmp_path_factory.mktemp("downloads"))
    try:
        for command in COMMANDS:
            person.follow(command)
        yield person
    finally:
        person.leave()


def test_who_follows_the_page_gets_the_bytes_of_a_local_encode(
    person: Person, tmp_path: Path
) -> None:
    manifest = yaml.safe_load((ROOT / "examples" / "encodejob.yaml").read_text())
    encoding, output = manifest["spec"]["encoding"], tmp_path / "local.webm"
    encoded(
        *(ROOT / "examples" / "big-buck-bunny.mp4", output),
        *("--chunk-frames", encoding["chunkFrames"]),
        *("--chain-length", encoding["chainLength"]),
        *("--cq-level", encoding["cqLevel"]),
    )
    (video,) = person.folder.iterdir()
    assert video.name == "big-buck-bunny.webm"
    assert video.read_bytes() == output.read_bytes()


def test_its_status_and_events_tell_of_it(person: Person) -> None:
    status = person.jobs.status("big-buck-bunny")
    assert status["progress"]["percent"] == 100
    assert status["output"]["frames"] == 132
    told = person.jobs.reasons("big-buck-bunny")
    assert {"Indexing", "SourceIndexed", "OutputPublished"} <= set(told)


def test_uninstalling_leaves_the_kind_jobs_and_the_operators_own_secrets_and_nothing_else(
    person: Person,
) -> None:
    cluster = person.cluster
    cluster.helm("uninstall", "excamera", "--namespace=excamera", "--wait")
    assert person.jobs.status("big-buck-bunny")["phase"] == "Succeeded"
    until(lambda: left_behind(cluster) == KEPT, 30, lambda: left_behind(cluster))
    chosen = "--selector=app.kubernetes.io/instance=excamera"
    everywhere = cluster.kubectl("get", CLUSTER_WIDE, chosen, "--output=name").split()
    assert everywhere == ["customresourcedefinition.apiextensions.k8s.io/encodejobs.excamera.dev"]


def left_behind(cluster: Cluster) -> set[str]:
    """All objects in the namespace, of any kind."""
    listing = ("api-resources", "--namespaced", "--verbs=list", "--output=name")
    kinds = [kind for kind in cluster.kubectl(*listing).split() if not kind.startswith("events")]
    found = ("get", ",".join(kinds), "--namespace=excamera", "--output=name")
    return set(cluster.kubectl(*found).split())
