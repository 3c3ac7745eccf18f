"""The client of the API server against a small server that answers as one does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from kubernetes import client

from excamera_controller import api as api_module
from excamera_controller.api import Api, ApiError, Conflict, NotFound, Unreachable, retried
from tests.controller.jobs import NOBODY

PODS = "/api/v1/namespaces/videos/pods"


@dataclass
class Server:
    """Answers every request in the same way, and keeps what it was asked."""

    status: int = 200
    text: str = "{}"
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path with query, and body."""
    headers: list[dict[str, str]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.method, request.path_qs, await request.text()))
        self.headers.append(dict(request.headers))
        return web.Response(status=self.status, text=self.text)

    def refuse(self, status: int, reason: str, message: str) -> None:
        self.status = status
        self.text = f'{{"reason": "{reason}", "message": "{message}"}}'


@pytest.fixture
async def server() -> Server:
    return Server()


@pytest.fixture
async def api(server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    configuration = client.Configuration(host=f"http://127.0.0.1:{runner.addresses[0][1]}")
    configuration.api_key["authorization"] = "Bearer token-1"
    monkeypatch.setattr(api_module, "_configuration", lambda: configuration)
    async with Api() as made:
        yield made
    await runner.cleanup()


@pytest.mark.parametrize(
    ("status", "kind", "transient"),
    [
        (403, ApiError, False),
        (404, NotFound, False),
        (409, Conflict, False),
        (422, ApiError, False),
        (429, ApiError, True),
        (500, ApiError, True),
        (503, ApiError, True),
    ],
)
async def test_a_refusal_says_what_kind_it_is_and_whether_it_may_pass(
    server: Server, api: Api, status: int, kind: type[ApiError], transient: bool
) -> None:
    server.refuse(status, "Word", "what is wrong")
    with pytest.raises(ApiError) as refused:
        await api.get(PODS)
    error = refused.value
    assert type(error) is kind
    assert (error.status, error.reason, str(error)) == (status, "Word", "what is wrong")
    assert error.transient is transient


async def test_a_refusal_that_is_no_json_is_passed_on_in_brief(server: Server, api: Api) -> None:
    server.status, server.text = 502, "<html>" + "x" * 5000
    with pytest.raises(ApiError, match=r"^<html>x{494}$"):
        await api.get(PODS)


async def test_no_answer_is_an_error_that_may_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = client.Configuration(host=NOBODY)
    monkeypatch.setattr(api_module, "_configuration", lambda: configuration)
    async with Api() as api:
        with pytest.raises(Unreachable, match="cannot be reached") as refused:
            await api.list(PODS)
    assert refused.value.transient


async def test_deleting_what_is_not_there_is_no_error(server: Server, api: Api) -> None:
    server.refuse(404, "NotFound", "not found")
    await api.delete(f"{PODS}/a", uid="u-1")
    ((method, path, body),) = server.asked
    assert (method, path) == ("DELETE", f"{PODS}/a")
    assert '"preconditions": {"uid": "u-1"}' in body
    assert '"propagationPolicy": "Background"' in body


async def test_a_list_is_asked_for_by_its_selectors(server: Server, api: Api) -> None:
    server.text = '{"items": [{"kind": "Pod"}]}'
    assert await api.list(PODS, labelSelector="a=b") == [{"kind": "Pod"}]
    assert server.asked == [("GET", f"{PODS}?labelSelector=a%3Db", "")]


async def test_every_request_shows_the_token_and_a_patch_says_that_it_is_a_merge(
    server: Server, api: Api
) -> None:
    await api.patch(f"{PODS}/a", {"spec": {}})
    (headers,) = server.headers
    assert headers["Authorization"] == "Bearer token-1"
    assert headers["Content-Type"] == "application/merge-patch+json"


class Attempts:
    """Fails with these errors in turn, then succeeds."""

    def __init__(self, *errors: ApiError) -> None:
        self.errors = list(errors)
        self.made = 0

    async def __call__(self) -> str:
        self.made += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits that were asked for; none is made."""
    asked: list[float] = []

    async def sleep(seconds: float, *_: Any) -> None:
        asked.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return asked


BUSY = ApiError(503, "ServiceUnavailable", "busy")


async def test_what_may_pass_is_tried_again_after_longer_and_longer_waits(
    waits: list[float],
) -> None:
    attempts = Attempts(BUSY, Unreachable("gone"))
    assert await retried(attempts) == "done"
    assert attempts.made == 3
    assert 0 < waits[0] < waits[1]


async def test_what_will_not_pass_is_not_tried_again(waits: list[float]) -> None:
    attempts = Attempts(ApiError(403, "Forbidden", "no"))
    with pytest.raises(ApiError, match="no"):
        await retried(attempts)
    assert attempts.made == 1


async def test_after_some_tries_it_is_given_up(waits: list[float]) -> None:
    attempts = Attempts(*[BUSY] * 10)
    with pytest.raises(ApiError, match="busy"):
        await retried(attempts, tries=3)
    assert (attempts.made, len(waits)) == (3, 2)
