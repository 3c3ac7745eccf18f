"""Whole jobs whose source, unfinished work and output are in a bucket."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from pathlib import Path

import pytest

from excamera_store import S3Settings, split_url
from tests.chaos import processes
from tests.chaos.cases.stores import once
from tests.chaos.store_proxy import Refuse, StoreProxy
from tests.local.clips import drawn
from tests.local.command import EXCAMERA, encoded, excamera
from tests.store.servers import BUCKET

SHAPE = ("--chunk-frames", "4", "--chain-length", "3")
SOURCE = f"s3://{BUCKET}/jobs/clip.mp4"
OUTPUT = f"s3://{BUCKET}/jobs/out.webm"


@pytest.fixture
def clip(tmp_path: Path, minio: S3Settings) -> Path:
    path = drawn(tmp_path / "clip.mp4", frames=20)
    store, key = split_url(SOURCE, minio)
    store.put(key, path)
    return path


def environment(minio: S3Settings, **changes: str) -> dict[str, str]:
    own = {
        "AWS_ENDPOINT_URL": minio.endpoint or "",
        "AWS_ACCESS_KEY_ID": minio.access_key or "",
        "AWS_SECRET_ACCESS_KEY": minio.secret_key or "",
        "AWS_REGION": "us-east-1",
    }
    return os.environ | own | changes


def test_a_job_in_a_bucket_gives_the_bytes_of_a_job_in_a_folder(
    minio: S3Settings, clip: Path, tmp_path: Path
) -> None:
    ran = excamera("encode", SOURCE, "-o", OUTPUT, *SHAPE, env=environment(minio))
    assert ran.returncode == 0, ran.stderr
    encoded(clip, tmp_path / "out.webm", *SHAPE)
    store, key = split_url(OUTPUT, minio)
    assert store.read(key) == (tmp_path / "out.webm").read_bytes()
    folder = key.rpartition("/")[0]
    assert sorted(info.key for info in store.list(folder)) == [f"{folder}/clip.mp4", key]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, 4),
        ({"AWS_ACCESS_KEY_ID": "nobody"}, 4),
    ],
)
def test_wrong_credentials_are_named_in_one_line(
    minio: S3Settings, clip: Path, changes: dict[str, str], status: int
) -> None:
    ran = excamera("encode", SOURCE, "-o", OUTPUT, env=environment(minio, **changes))
    assert ran.returncode == status, ran.stderr
    told = [line for line in ran.stderr.splitlines() if not line.startswith("planning:")]
    assert len(told) == 1, ran.stderr
    assert "credential" in told[0] or "access key" in told[0].lower()


def test_a_bucket_that_is_not_there_is_named(minio: S3Settings, clip: Path) -> None:
    ran = excamera("encode", SOURCE, "-o", "s3://nowhere/out.webm", env=environment(minio))
    assert ran.returncode == 4, ran.stderr
    assert "nowhere" in ran.stderr.splitlines()[-1]


def test_leave_that_has_run_out_costs_a_repetition_and_no_attempt(
    minio: S3Settings, clip: Path, tmp_path: Path
) -> None:
    """The store refuses each chunk once, as it refuses what was signed too long ago."""
    run_out = Refuse(403, "AccessDenied", "Request has expired")
    with StoreProxy(minio.endpoint or "") as proxy:
        proxy.rule = once(run_out, "PUT", ".ivf", ".quality.json")
        changed = environment(minio, AWS_ENDPOINT_URL=proxy.endpoint)
        ran = excamera("encode", SOURCE, "-o", OUTPUT, *SHAPE, "--json", env=changed)
    assert ran.returncode == 0, ran.stderr
    assert proxy.faults == 10  # two objects of each of five chunks
    assert json.loads(ran.stdout)["attempts_lost"] == 0
    encoded(clip, tmp_path / "out.webm", *SHAPE)
    store, key = split_url(OUTPUT, minio)
    assert store.read(key) == (tmp_path / "out.webm").read_bytes()


def test_leave_that_is_always_refused_fails_the_job_and_says_why(
    minio: S3Settings, clip: Path
) -> None:
    run_out = Refuse(403, "AccessDenied", "Request has expired")
    with StoreProxy(minio.endpoint or "") as proxy:
        proxy.rule = lambda one: run_out if one.method == "PUT" and ".ivf" in one.path else None
        changed = environment(minio, AWS_ENDPOINT_URL=proxy.endpoint)
        ran = excamera("encode", SOURCE, "-o", OUTPUT, *SHAPE, env=changed)
    assert ran.returncode == 4
    assert "run out" in ran.stderr
    assert "X-Amz-" not in ran.stdout + ran.stderr


def test_a_job_that_is_killed_goes_on_from_what_is_in_the_bucket(
    minio: S3Settings, clip: Path, tmp_path: Path
) -> None:
    """States of finished chunks are made again from them, which a program reads by grants."""
    store, key = split_url(OUTPUT, minio)
    argv = [str(EXCAMERA), "encode", SOURCE, "-o", OUTPUT, *SHAPE, "--workers", "1"]
    mark = uuid.uuid4().hex
    own = environment(minio) | {processes.MARK: mark}
    with subprocess.Popen(argv, env=own, stderr=subprocess.DEVNULL) as running:
        while not any(info.key.endswith(".quality.json") for info in store.list()):
            assert running.poll() is None
        running.kill()
    assert not processes.left_over(mark, patience=30.0)
    again = excamera("encode", SOURCE, "-o", OUTPUT, *SHAPE, "--json", env=environment(minio))
    assert again.returncode == 0, again.stderr
    report = json.loads(again.stdout)
    assert report["chunks_reused"] >= 1
    assert "gathering" in report["stages"]
    encoded(clip, tmp_path / "out.webm", *SHAPE)
    assert store.read(key) == (tmp_path / "out.webm").read_bytes()
