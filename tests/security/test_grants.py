"""What can be done by who has taken over a worker: with its leave for objects, from its process.

MinIO checks signatures as S3 does.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import urllib3

from excamera_store import AccessDenied, CredentialsExpired, GrantedStore, S3Settings, S3Store
from excamera_store.grants import GET, PUT, Method
from tests.chaos.processes import children
from tests.local.clips import drawn
from tests.local.command import EXCAMERA
from tests.store.fixtures import minio, own_credentials
from tests.store.servers import BUCKET
from tests.store.signed import grants

__all__ = ["minio", "own_credentials"]

OWN, OTHER = "jobs/own/chunk.ivf", "jobs/other/chunk.ivf"
URL = f"s3://{BUCKET}/{OWN}"


@pytest.fixture
def store(minio: S3Settings) -> S3Store:
    """With an object of the worker's own job, and one of another's."""
    store = S3Store(BUCKET, settings=minio)
    store.write(OWN, b"own")
    store.write(OTHER, b"other")
    return store


def ask(method: str, url: str, body: bytes = b"") -> int:
    """The status."""
    return urllib3.request(method, url, body=body, retries=False).status


@pytest.mark.parametrize(
    "forged",
    [
        lambda url: url.replace("/own/", "/other/"),
        lambda url: url.replace("/own/", "/own/../other/"),
        lambda url: url.replace("/own/", "/own/%2e%2e/other/"),
        lambda url: url.replace(f"/{OWN}", ""),  # a list of the bucket
        lambda url: url.replace(f"/{BUCKET}/{OWN}", "/"),  # a list of buckets
        lambda url: url + "&uploads",
        lambda url: url + "&acl",
        lambda url: url + "&versionId=null",
        lambda url: url.replace("X-Amz-Expires=600", "X-Amz-Expires=6000"),
        lambda url: url.partition("?")[0],
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_leave_for_one_object_is_leave_for_nothing_else(
    minio: S3Settings, store: S3Store, method: str, forged: Callable[[str], str]
) -> None:
    how: Method = GET if method == "GET" else PUT
    signed = grants(minio, (how, URL)).signed(how, URL)
    assert forged(signed) != signed
    assert ask(method, forged(signed), b"forged") in (400, 403, 405)
    assert ask(method, signed, b"own") == 200
    assert (store.read(OWN), store.read(OTHER)) == (b"own", b"other")


@pytest.mark.parametrize(
    ("given", "tried"), [("GET", "PUT"), ("GET", "DELETE"), ("PUT", "GET"), ("PUT", "DELETE")]
)
def test_leave_for_one_thing_is_leave_for_no_other(
    minio: S3Settings, store: S3Store, given: str, tried: str
) -> None:
    how: Method = GET if given == "GET" else PUT
    assert ask(tried, grants(minio, (how, URL)).signed(how, URL), b"forged") == 403
    assert store.read(OWN) == b"own"


def test_leave_is_worth_nothing_after_its_time(minio: S3Settings, store: S3Store) -> None:
    given = grants(minio, (GET, URL), (PUT, URL), seconds=1.0)
    late = GrantedStore(BUCKET, given)

    def read_for_ever() -> None:
        while True:
            assert late.read(OWN) == b"own"

    with pytest.raises(CredentialsExpired, match="run out"):
        read_for_ever()
    with pytest.raises(CredentialsExpired, match="run out"):
        late.write(OWN, b"late")
    assert store.read(OWN) == b"own"


def test_nobody_gives_leave_who_has_none(store: S3Store, minio: S3Settings) -> None:
    stranger = replace(minio, access_key="stranger", secret_key="guessed-it")
    with pytest.raises(AccessDenied):
        GrantedStore(BUCKET, grants(stranger, (GET, URL))).read(OWN)


def descendants(pid: int) -> list[int]:
    return [one for child in children(pid) for one in (child, *descendants(child))]


def seen_of(pid: int) -> dict[str, str]:
    """What others on the machine may read of a process: its arguments and its environment."""
    seen: dict[str, str] = {}
    for name in ("cmdline", "environ"):
        with suppress(OSError):
            text = Path(f"/proc/{pid}/{name}").read_bytes()
            seen[name] = text.replace(b"\0", b"\n").decode(errors="replace")
    return seen


def test_neither_workers_nor_their_programs_show_credentials_or_leave(
    minio: S3Settings, tmp_path: Path
) -> None:
    """While a whole job is done; the coordinator alone has the credentials."""
    source = f"s3://{BUCKET}/shown/clip.mp4"
    S3Store(BUCKET, settings=minio).put("shown/clip.mp4", drawn(tmp_path / "clip.mp4", frames=12))
    secret = str(minio.secret_key)
    own = {
        "AWS_ENDPOINT_URL": minio.endpoint or "",
        "AWS_ACCESS_KEY_ID": minio.access_key or "",
        "AWS_SECRET_ACCESS_KEY": secret,
    }
    argv = [str(EXCAMERA), "encode", source, "-o", f"s3://{BUCKET}/shown/out.webm", "--json"]
    shape = ("--chunk-frames", "4", "--chain-length", "3", "--workers", "2")
    said = tmp_path / "said"
    programs: set[str] = set()
    with said.open("wb") as output:
        command = subprocess.Popen(
            [*argv, *shape], env=os.environ | own, stdout=output, stderr=output
        )
        while command.poll() is None:
            workers = [one for one in children(command.pid) if _is_worker(one)]
            for pid in [*workers, *(one for worker in workers for one in descendants(worker))]:
                seen = seen_of(pid)
                programs |= {word for word in _PROGRAMS if word in seen.get("cmdline", "")}
                for text in seen.values():
                    assert secret not in text
                    assert "X-Amz-" not in text
                    assert "AWS_ACCESS_KEY_ID" not in text
            time.sleep(0.005)
    text = said.read_text()
    assert command.returncode == 0, text
    assert programs == set(_PROGRAMS)
    assert "X-Amz-" not in text
    assert secret not in text


_PROGRAMS = ("excamera_worker", "excamera-media\nserve", "xc\nrebase")


def _is_worker(pid: int) -> bool:
    return "excamera_worker" in seen_of(pid).get("cmdline", "")
