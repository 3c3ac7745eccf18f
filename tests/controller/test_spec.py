"""What an EncodeJob asks for, and what it may not ask for in a cluster."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from excamera_controller.api import ApiError, NotFound
from excamera_controller.conditions import Reason
from excamera_controller.failing import Impossible
from excamera_controller.gather import stored_of
from excamera_controller.spec import access_of, job_of


def stored(**spec: Any):
    return stored_of(
        {
            "metadata": {
                "name": "clip",
                "namespace": "videos",
                "uid": "u-1",
                "creationTimestamp": "2026-01-01T00:00:00Z",
            },
            "spec": {
                "source": {"uri": "s3://videos/in.mp4"},
                "output": {"uri": "s3://videos/out.webm"},
                **spec,
            },
        }
    )


class Secrets:
    """An API server with one Secret."""

    def __init__(self, **values: str) -> None:
        self._data = {k: base64.b64encode(v.encode()).decode() for k, v in values.items()}

    async def get(self, path: str) -> dict[str, Any]:
        if not path.endswith("/namespaces/videos/secrets/store"):
            raise NotFound(404, "NotFound", path)
        return {"data": self._data}


STORAGE = {"secretRef": {"name": "store"}}


def test_a_spec_becomes_a_job() -> None:
    job = job_of(stored(encoding={"chunkFrames": 12, "cqLevel": 30}, backoffLimit=2))
    assert (job.encoding.chunk_frames, job.encoding.cq_level, job.backoff_limit) == (12, 30, 2)


@pytest.mark.parametrize("url", ["gs://b/k.mp4", "file:///etc/passwd", "https://x/y.mp4"])
def test_only_an_object_store_is_read_in_a_cluster(url: str) -> None:
    with pytest.raises(Impossible, match=r"s3://BUCKET/KEY") as refused:
        job_of(stored(source={"uri": url}))
    assert refused.value.failure.reason is Reason.INVALID_SPEC


def test_two_jobs_never_share_unfinished_work() -> None:
    assert stored().work == "s3://videos/out.webm.excamera/u-1"


async def test_without_a_secret_the_operators_own_rights_are_used() -> None:
    assert (await access_of(stored(), Secrets())).variables == {}  # type: ignore[arg-type]


async def test_a_secret_is_all_that_a_job_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "the operator's")
    secret = Secrets(AWS_ACCESS_KEY_ID="a\n", AWS_SECRET_ACCESS_KEY="b", PATH="/evil")
    access = await access_of(stored(storage=STORAGE), secret)  # type: ignore[arg-type]
    assert access.variables == {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    assert "AWS_SESSION_TOKEN" not in access.environment
    assert access.environment["PATH"] != "/evil"


async def test_what_a_secret_leaves_empty_it_does_not_have() -> None:
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    secret = Secrets(**keys, AWS_SESSION_TOKEN="", AWS_ENDPOINT_URL=" ", AWS_REGION="\n")
    access = await access_of(stored(storage=STORAGE), secret)  # type: ignore[arg-type]
    assert access.variables == keys


@pytest.mark.parametrize(
    ("secret", "name", "words"),
    [
        (Secrets(), "other", "there is no Secret other"),
        (Secrets(AWS_ACCESS_KEY_ID="a"), "store", "no AWS_SECRET_ACCESS_KEY"),
        (Secrets(AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="b"), "store", "no AWS_ACCESS_KEY_ID"),
        (
            Secrets(AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="\n"),
            "store",
            "no AWS_ACCESS_KEY_ID and no AWS_SECRET_ACCESS_KEY",
        ),
    ],
)
async def test_a_secret_that_is_not_there_or_not_whole_is_named(
    secret: Secrets, name: str, words: str
) -> None:
    with pytest.raises(Impossible, match=words) as refused:
        await access_of(stored(storage={"secretRef": {"name": name}}), secret)  # type: ignore[arg-type]
    assert refused.value.failure.reason is Reason.SECRET_MISSING


class Refusing:
    """An API server that answers with `error`."""

    def __init__(self, error: ApiError) -> None:
        self.error = error

    async def get(self, path: str) -> dict[str, Any]:
        raise self.error


async def test_a_secret_that_the_operator_may_not_read_is_a_matter_of_rights() -> None:
    server = Refusing(ApiError(403, "Forbidden", 'secrets "store" is forbidden'))
    with pytest.raises(Impossible, match=r"service account the right .*rbac\.create") as refused:
        await access_of(stored(storage=STORAGE), server)  # type: ignore[arg-type]
    assert refused.value.failure.reason is Reason.ACCESS_DENIED


@pytest.mark.parametrize("status", [0, 401, 429, 500, 503])
async def test_an_api_server_that_does_not_say_is_asked_again_later(status: int) -> None:
    server = Refusing(ApiError(status, "No", "not now"))
    with pytest.raises(ApiError) as refused:
        await access_of(stored(storage=STORAGE), server)  # type: ignore[arg-type]
    assert refused.value.transient
