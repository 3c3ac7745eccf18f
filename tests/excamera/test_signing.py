"""Leave for workers: signed with the job's rights, which stay fresh, and never with another's."""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from excamera import signing as module
from excamera.access import StoreAccess, without_rights
from excamera.errors import StorageFailed
from excamera.signing import signing
from excamera_store import AccessDenied, Signer, StoreUnreachable
from mu.errors import SigningFailed
from mu.grants import READ, WRITE

URL = "s3://bucket/key"
JOBS = {
    "AWS_ACCESS_KEY_ID": "the-job",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_ENDPOINT_URL": "http://store.example:9000",
}


@pytest.fixture(autouse=True)
def _the_operators_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the-operator")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)


@pytest.mark.parametrize("method", [READ, WRITE])
async def test_leave_is_signed_with_the_jobs_rights_if_it_has_some(method: str) -> None:
    async with signing(StoreAccess(JOBS), ()) as sign:
        signed = sign(method, URL, 60.0)
    assert signed.startswith("http://store.example:9000/bucket/key?")
    assert "X-Amz-Credential=the-job%2F" in signed
    async with signing(StoreAccess(), ()) as sign:
        assert "X-Amz-Credential=the-operator%2F" in sign(method, URL, 60.0)


async def test_leave_lasts_as_long_as_is_asked_for_and_at_most_a_week() -> None:
    async with signing(StoreAccess(JOBS), ()) as sign:
        assert "X-Amz-Expires=90&" in sign(READ, URL, 90.4)
        assert "X-Amz-Expires=604800&" in sign(READ, URL, 1e9)
        assert "X-Amz-Expires=1&" in sign(READ, URL, 0.0)


async def test_folders_need_no_leave() -> None:
    urls = ("/a/b", "b", "file:///a/b")
    async with signing(StoreAccess(), urls) as sign:
        assert [sign(READ, url, 60.0) for url in urls] == ["", "", ""]


async def test_what_must_be_waited_for_is_waited_for_in_a_thread_before_anything_is_signed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prepared: list[tuple[tuple[str, ...], bool]] = []

    def prepare(signer: Signer, urls: tuple[str, ...]) -> None:
        prepared.append((urls, threading.current_thread() is threading.main_thread()))

    monkeypatch.setattr(Signer, "prepare", prepare)
    async with signing(StoreAccess(JOBS), (URL, "s3://unfinished/it")):
        assert prepared == [((URL, "s3://unfinished/it"), False)]


async def test_a_job_that_can_give_no_leave_says_so_before_anybody_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def prepare(signer: Signer, urls: tuple[str, ...]) -> None:
        raise StoreUnreachable("the store is away")

    monkeypatch.setattr(Signer, "prepare", prepare)
    with pytest.raises(StorageFailed, match="leave for workers: the store is away"):
        async with signing(StoreAccess(JOBS), (URL,)):
            pytest.fail("nothing can be signed")
    with pytest.raises(StorageFailed, match="incomplete"):
        async with signing(StoreAccess({"AWS_ENDPOINT_URL": "http://store.example"}), (URL,)):
            pytest.fail("nothing can be signed")


async def test_what_cannot_be_signed_fails_the_call_and_not_the_run() -> None:
    async with signing(StoreAccess(JOBS | {"AWS_ENDPOINT_URL": "no URL"}), ()) as sign:
        with pytest.raises(SigningFailed, match="AWS_ENDPOINT_URL"):
            sign(READ, URL, 60.0)


async def test_rights_that_are_lent_are_renewed_meanwhile(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    renewed = asyncio.Event()
    answers = iter([AccessDenied("not to be had just now"), ValueError("of another kind"), None])

    def refresh(signer: Signer) -> None:
        if answer := next(answers, None):
            raise answer
        loop.call_soon_threadsafe(renewed.set)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(Signer, "refresh", refresh)
    monkeypatch.setattr(module, "REFRESH_SECONDS", 0.01)
    async with signing(StoreAccess(JOBS), ()):
        await asyncio.wait_for(renewed.wait(), 60.0)
    assert "just now" in caplog.text
    assert "of another kind" in caplog.text


def test_a_worker_beside_this_process_is_shown_no_rights() -> None:
    own = {"AWS_ACCESS_KEY_ID": "a", "AWS_PROFILE": "b", "AWS_CA_BUNDLE": "c", "PATH": "d"}
    assert without_rights(own) == {"AWS_CA_BUNDLE": "c", "PATH": "d"}
