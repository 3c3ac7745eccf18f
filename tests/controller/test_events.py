"""Events as `kubectl describe` shows them."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from excamera_controller.api import ApiError, Object
from excamera_controller.conditions import Reason
from excamera_controller.decision import Event
from excamera_controller.events import MESSAGE_LIMIT, post
from excamera_controller.gather import stored_of

JOB = stored_of(
    {
        "metadata": {
            "name": "clip",
            "namespace": "videos",
            "uid": "u-1",
            "creationTimestamp": "2026-01-01T00:00:00Z",
        }
    }
)


class Server:
    """Keeps what was created; raises `error` if there is one."""

    def __init__(self, error: ApiError | None = None) -> None:
        self.created: list[tuple[str, Object]] = []
        self.error = error

    async def create(self, path: str, body: Object) -> Object:
        if self.error is not None:
            raise self.error
        self.created.append((path, body))
        return body


async def posted(event: Event) -> tuple[str, Object]:
    server: Any = Server()
    await post(server, JOB, event, "operator-1")
    ((path, body),) = server.created
    return path, body


async def test_an_event_is_about_the_very_object_and_lies_beside_it() -> None:
    path, body = await posted(Event(Reason.WORKERS_LOST, "1 worker lost", warning=True))
    assert path == "/api/v1/namespaces/videos/events"
    assert body["involvedObject"] == {
        "apiVersion": "excamera.dev/v1alpha1",
        "kind": "EncodeJob",
        "name": "clip",
        "namespace": "videos",
        "uid": "u-1",
    }
    assert (body["reason"], body["type"]) == ("WorkersLost", "Warning")
    assert body["message"] == "1 worker lost"
    assert body["source"]["host"] == "operator-1"


async def test_a_message_is_as_long_as_the_api_server_takes() -> None:
    _, body = await posted(Event(Reason.SOURCE_INVALID, "x" * 5000))
    assert body["message"] == "x" * MESSAGE_LIMIT
    assert body["type"] == "Normal"


async def test_no_two_events_have_one_name() -> None:
    event = Event(Reason.INDEXING, "begins")
    names = {(await posted(event))[1]["metadata"]["name"] for _ in range(2)}
    assert len(names) == 2
    assert all(name.startswith("clip.") for name in names)


async def test_an_event_that_cannot_be_written_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server: Any = Server(ApiError(403, "Forbidden", "no events here"))
    with caplog.at_level(logging.INFO):
        await post(server, JOB, Event(Reason.WORKERS_LOST, "1 worker lost", warning=True), "o")
    lines = [line.getMessage() for line in caplog.records]
    assert lines == [
        "WorkersLost: 1 worker lost",
        "the event WorkersLost is not written: no events here",
    ]
