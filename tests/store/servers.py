"""Starting S3 servers for tests, and scripted ones that misbehave."""

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import suppress

import boto3

from excamera_store import S3Settings

BUCKET = "clips"
ROOT = S3Settings(region="us-east-1", access_key="excamera", secret_key="excamera-secret")


def minio_program() -> str | None:
    folders = os.environ.get("EXCAMERA_CLUSTER_BIN", "") + os.pathsep + os.environ.get("PATH", "")
    return shutil.which("minio", path=folders)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(process: "subprocess.Popen[bytes]", url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nothing is ready at {url}; the program returned {process.poll()}")


def make_bucket(settings: S3Settings) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=settings.endpoint,
        region_name=settings.region,
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key,
    )
    client.create_bucket(Bucket=BUCKET)
