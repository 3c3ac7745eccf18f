"""Starting S3 servers for tests, and scripted ones that misbehave."""

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import boto3
import pytest
from moto.server import ThreadedMotoServer

from excamera_store import S3Settings

BUCKET = "clips"
ROOT = S3Settings(region="us-east-1", access_key="excamera", secret_key="excamera-secret")


@contextmanager
def nobody_elses_credentials() -> Iterator[None]:
    """Nothing of the developer's own AWS configuration is seen, and no real service asked."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        yield


@contextmanager
def moto_server() -> Iterator[S3Settings]:
    """An S3 server in this process, with an empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = replace(ROOT, endpoint=f"http://{host}:{port}")
    make_bucket(settings)
    yield settings
    server.stop()


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
