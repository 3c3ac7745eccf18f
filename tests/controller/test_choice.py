"""Whether backend Knative can be had: what the status of its Service says."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from excamera_controller.api import ApiError, NotFound, Object, Unreachable
from excamera_controller.backends.choice import backend_of, observers_of
from excamera_controller.backends.knative import KnativeBackend
from excamera_controller.conditions import Reason
from excamera_controller.failing import Impossible, NotReady, failure_of, is_final
from excamera_controller.observed import Stored
from excamera_controller.settings import Knative, Settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STORED = Stored("job", "video", "uid", 1, NOW, {"workers": {"backend": "Knative"}})
URL = "http://worker.video.svc"


class Server:
    """Has one Knative Service, or refuses to say so."""

    def __init__(self, status: Object | ApiError) -> None:
        self.status = status

    async def get(self, path: str) -> Object:
        assert path == "/apis/serving.knative.dev/v1/namespaces/default/services/worker"
        if isinstance(self.status, ApiError):
            raise self.status
        return {"status": self.status}


async def chosen(status: Object | ApiError) -> object:
    settings = Settings(rendezvous=("r:1",), knative=Knative("worker"))
    place: Any = SimpleNamespace(settings=settings, api=Server(status))
    return await backend_of(STORED, place)


@pytest.mark.parametrize("status", [{"url": URL}, {"address": {"url": URL}}])
async def test_a_service_with_an_address_is_used(status: Object) -> None:
    backend = await chosen(status)
    assert isinstance(backend, KnativeBackend)
    assert observers_of(backend) == (backend,)


@pytest.mark.parametrize(
    "status", [{}, {"conditions": [{"type": "Ready", "status": "Unknown", "message": "wait"}]}]
)
async def test_a_service_that_is_new_is_waited_for(status: Object) -> None:
    with pytest.raises(NotReady, match="no address yet") as caught:
        await chosen(status)
    assert not is_final(caught.value)
    assert failure_of(caught.value, STORED).reason is Reason.BACKEND_UNAVAILABLE


async def test_a_service_that_is_broken_is_not_waited_for() -> None:
    broken = {"type": "Ready", "status": "False", "message": "the image cannot be pulled"}
    with pytest.raises(Impossible, match="the image cannot be pulled"):
        await chosen({"conditions": [broken]})


@pytest.mark.parametrize(
    "error",
    [NotFound(404, "NotFound", "no such kind"), ApiError(403, "Forbidden", "you may not")],
)
async def test_a_service_that_is_not_there_or_not_ours_to_see_is_not_waited_for(
    error: ApiError,
) -> None:
    with pytest.raises(Impossible) as caught:
        await chosen(error)
    assert caught.value.failure.reason is Reason.BACKEND_UNAVAILABLE


async def test_an_api_server_that_does_not_answer_is_no_failure_of_the_job() -> None:
    with pytest.raises(Unreachable):
        await chosen(Unreachable("no route"))
