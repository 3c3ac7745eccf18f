"""Events as `kubectl describe` shows them."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from excamera_controller import recurrence
from excamera_controller.api import ApiError, NotFound, Object, Unreachable
from excamera_controller.conditions import Reason
from excamera_controller.decision import Event
from excamera_controller.events import MESSAGE_LIMIT, Recorder
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

LOST = Event(Reason.WORKERS_LOST, "1 worker lost", warning=True)


class Server:
    """Keeps what was created and what was changed; raises `error` if there is one."""

    def __init__(self, error: ApiError | None = None) -> None:
        self.created: list[tuple[str, Object]] = []
        self.changed: list[tuple[str, Object]] = []
        self.error = error

    async def create(self, path: str, body: Object) -> Object:
        if self.error is not None:
            raise self.error
        self.created.append((path, body))
        return body

    async def patch(self, path: str, body: Object) -> Object:
        if self.error is not None:
            raise self.error
        self.changed.append((path, body))
        return body


async def posted(event: Event) -> tuple[str, Object]:
    server: Any = Server()
    await Recorder(server, "operator-1").post(JOB, event)
    ((path, body),) = server.created
    return path, body


async def test_an_event_is_about_the_very_object_and_lies_beside_it() -> None:
    path, body = await posted(LOST)
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
        await Recorder(server, "operator-1").post(JOB, LOST)
    lines = [line.getMessage() for line in caplog.records]
    assert lines == [
        "WorkersLost: 1 worker lost",
        "the event WorkersLost is not written: no events here",
    ]


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What recurs is written at once."""
    monkeypatch.setattr(recurrence, "PAUSE_SECONDS", 0.0)


@pytest.mark.usefixtures("hurried")
async def test_what_recurs_is_counted_in_the_event_that_is_there() -> None:
    server: Any = Server()
    recorder = Recorder(server, "operator-1")
    for _ in range(3):
        await recorder.post(JOB, LOST)
    ((path, made),) = server.created
    name = made["metadata"]["name"]
    assert [where for where, _ in server.changed] == [f"{path}/{name}"] * 2
    assert [(said["count"], said["message"]) for _, said in server.changed] == [
        (2, "1 worker lost"),
        (3, "1 worker lost"),
    ]


@pytest.mark.usefixtures("hurried")
async def test_many_words_for_one_reason_end_in_one_event() -> None:
    server: Any = Server()
    recorder = Recorder(server, "operator-1")
    for count in range(20):
        await recorder.post(JOB, Event(Reason.WORKERS_LOST, f"{count} workers lost"))
    assert len(server.created) == recurrence.DISTINCT + 1
    assert server.changed[-1][1]["message"] == "among others: 19 workers lost"


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("error", [NotFound(404, "NotFound", "gone"), Unreachable("away")])
async def test_an_event_that_was_not_written_or_is_gone_is_made_again(error: ApiError) -> None:
    server: Any = Server()
    recorder = Recorder(server, "operator-1")
    if isinstance(error, NotFound):
        await recorder.post(JOB, LOST)
    server.error = error
    await recorder.post(JOB, LOST)
    server.error, server.created = None, []
    await recorder.post(JOB, LOST)
    ((_, body),) = server.created
    assert body["count"] == 1
