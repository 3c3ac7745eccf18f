"""docs/kind.md, command by command, as far as it goes without docker, kind and a registry.

MinIO is the test cluster's own, the image is the one that is there already, services are reached by
their addresses, and the kind EncodeJob is there. All else is as it is written.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.cluster.cluster import Cluster, Refused
from tests.cluster.images import IMAGE
from tests.controller.node.installation import MINIO, PASSWORD, USER, Installation
from tests.tiers import ROOT

pytestmark = pytest.mark.tier("node")

TEXT = (ROOT / "docs" / "kind.md").read_text().replace("\\\n", " ")
BLOCKS = re.findall(r"^```console\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
COMMANDS = [
    line.removeprefix("$ ") for block in BLOCKS for line in block.splitlines() if line[:2] == "$ "
]
KEYS = "minioadmin"


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
                here = (f"--set=image.tag={IMAGE.rpartition(':')[2]}", "--set=crd.install=false")
                self.cluster.helm(*(self.absolute(word) for word in words), *here)
            case words:
                pytest.fail(f"no test for {words}")

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


@pytest.fixture
def person(cluster: Cluster, encodejobs: Cluster, tmp_path: Path) -> Iterator[Person]:
    yield Person(cluster, tmp_path)
    for words in (
        ("delete", "encodejob", "big-buck-bunny", "--ignore-not-found", "--timeout=60s"),
        ("delete", "pod/minio", "service/minio", "secret/store", "--ignore-not-found"),
    ):
        cluster.kubectl(*words)
    try:
        cluster.helm("uninstall", "excamera", "--namespace=excamera", "--wait")
    finally:
        cluster.kubectl("delete", "namespace", "excamera", "--ignore-not-found", "--wait=false")


def test_who_follows_the_page_gets_the_video(person: Person) -> None:
    for command in COMMANDS:
        try:
            person.type(command)
        except Refused as refused:
            pytest.fail(f"{command}\n{refused}")
    (video,) = person.folder.iterdir()
    assert video.name == "big-buck-bunny.webm"
    assert video.stat().st_size > 1_000_000
