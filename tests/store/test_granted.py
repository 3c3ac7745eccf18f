"""Objects by signed requests: what is not granted, what is refused, what is never shown."""

from __future__ import annotations

import io
import logging
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from excamera_store import (
    AccessDenied,
    BucketMissing,
    ClockWrong,
    CredentialsExpired,
    Grant,
    GrantedStore,
    Grants,
    InvalidName,
    ObjectChanged,
    ObjectMissing,
    ObjectTooLarge,
    S3Settings,
    S3Store,
    Signer,
    StoreError,
    StoreFull,
    StoreUnreachable,
    Throttled,
    hidden,
    open_store,
    split_url,
)
from excamera_store.grants import FILE, GET, PUT
from excamera_store.requests import Request, send
from tests.store.scripted import Answer, Scripted
from tests.store.servers import BUCKET, ROOT
from tests.store.signed import SIGNED, grants

KEY = "k"
URL = f"s3://{BUCKET}/{KEY}"


def granted(settings: S3Settings) -> GrantedStore:
    return GrantedStore(BUCKET, grants(settings, (GET, URL), (PUT, URL)))


def patient(scripted: Scripted, attempts: int) -> tuple[Request, S3Settings]:
    """A write that is tried so often, without waiting."""
    signed = Signer(scripted.settings).sign(PUT, URL, 60.0)
    request = Request(PUT, signed, "write", URL, {}, io.BytesIO(b"x"), 1)
    return request, replace(scripted.settings, attempts=attempts)


def test_without_leave_nothing_is_read_or_written(moto: S3Settings, tmp_path: Path) -> None:
    store = GrantedStore(BUCKET, grants(moto, (GET, f"s3://{BUCKET}/other")))
    for call in (
        lambda: store.stat(KEY),
        lambda: store.open(KEY),
        lambda: store.read(KEY),
        lambda: store.write(KEY, b""),
        lambda: store.put(KEY, __file__),
        lambda: store.fetch(KEY, tmp_path / "x"),
        lambda: store.check_writable(KEY),
        lambda: store.write("other", b""),
        lambda: store.list(),
        lambda: store.delete(KEY),
        lambda: store.delete_prefix("folder"),
    ):
        with pytest.raises(AccessDenied, match="leave"):
            call()


def test_programs_find_their_grants_by_the_environment(
    moto: S3Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    S3Store(BUCKET, settings=moto).write("programs/in", b"found")
    url = f"s3://{BUCKET}/programs/in"
    grants(moto, (GET, url)).save(tmp_path / "grants")
    monkeypatch.setenv(FILE, str(tmp_path / "grants"))
    store, key = split_url(url)
    assert store.read(key) == b"found"
    folder = open_store(f"s3://{BUCKET}/programs")
    assert folder.read("in") == b"found"
    with pytest.raises(AccessDenied, match="leave"):
        folder.read("out")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")  # makes no difference
    with pytest.raises(AccessDenied, match="leave"):
        split_url(f"s3://{BUCKET}/programs/out")[0].read("programs/out")


@pytest.mark.parametrize("text", [None, "", "[1]", '[["GET"]]', "{", '{"a": 1}', "\xff"])
def test_a_file_that_holds_no_grants_says_so(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "grants"
    if text is not None:
        path.write_text(text, "latin-1")
    with pytest.raises(InvalidName, match=FILE):
        Grants.load(path)


def test_a_signature_is_not_in_the_text_of_grants(moto: S3Settings) -> None:
    given = grants(moto, (GET, URL))
    assert SIGNED not in repr(given) + str(given)
    signed = given.signed(GET, URL)
    assert hidden(f"url: {signed} (and more)") == (
        f"url: {moto.endpoint}/{BUCKET}/{KEY}?(signed) (and more)"
    )
    assert hidden("what? nothing X-Amz") == "what? nothing X-Amz"


def test_a_bucket_that_is_missing_is_named(s3: S3Settings, tmp_path: Path) -> None:
    url = "s3://no-such-bucket/k"
    store = GrantedStore("no-such-bucket", grants(s3, (GET, url), (PUT, url)))
    for call in (
        lambda: store.stat(KEY),
        lambda: store.read(KEY),
        lambda: store.write(KEY, b""),
        lambda: store.fetch(KEY, tmp_path / "x"),
    ):
        with pytest.raises(BucketMissing, match="no-such-bucket"):
            call()


def test_an_object_that_is_replaced_while_it_is_read_is_an_error(s3: S3Settings) -> None:
    granted(s3).write(KEY, bytes(3_000_000))
    with granted(s3).open(KEY) as file:
        file.read(10)
        granted(s3).write(KEY, bytes([1]) * 3_000_000)
        file.seek(2_000_000)
        with pytest.raises(ObjectChanged, match="start again"):
            file.read(10)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (503, "SlowDown", Throttled),
        (429, "TooManyRequestsException", Throttled),
        (500, "InternalError", StoreUnreachable),
        (502, "", StoreUnreachable),
        (400, "ExpiredToken", CredentialsExpired),
        (403, "AccessDenied", AccessDenied),
        (403, "SignatureDoesNotMatch", AccessDenied),
        (301, "PermanentRedirect", BucketMissing),
        (400, "AuthorizationQueryParametersError", BucketMissing),
        (404, "NoSuchBucket", BucketMissing),
        (404, "NoSuchKey", ObjectMissing),
        (507, "XMinioStorageFull", StoreFull),
        (400, "EntityTooLarge", StoreFull),
        (418, "Teapot", StoreError),
    ],
)
def test_every_refusal_has_its_kind(
    scripted: Scripted, status: int, code: str, kind: type[StoreError]
) -> None:
    words = f"<Error><Code>{code}</Code><Message>be&amp;cause</Message></Error>" if code else ""
    scripted.answer = lambda request: Answer(status, words.encode())
    request, once = patient(scripted, attempts=1)
    with pytest.raises(StoreError) as caught:
        send(request, patience=once)
    assert type(caught.value) is kind
    assert (f"{code}: be&cause" if code else str(status)) in str(caught.value)
    assert URL in str(caught.value)
    assert scripted.requests == 1


def test_leave_that_has_run_out_is_told_from_leave_that_was_never_had(scripted: Scripted) -> None:
    said = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
    scripted.answer = lambda request: Answer(403, said)
    with pytest.raises(CredentialsExpired, match="run out"):
        granted(scripted.settings).read(KEY)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_store_is_asked_again_with_jitter(scripted: Scripted, status: int) -> None:
    waits: list[float] = []
    scripted.answer = lambda n: Answer(status if n < 3 else 200, b"")
    request, four_times = patient(scripted, attempts=4)
    send(request, patience=four_times, sleep=waits.append)
    assert scripted.requests == 4
    assert all(0 <= wait <= 2.0**number for number, wait in enumerate(waits))
    assert len(waits) == 3


def test_a_busy_store_is_not_asked_for_ever(scripted: Scripted) -> None:
    scripted.answer = lambda n: Answer(503, b"<Error><Code>SlowDown</Code></Error>")
    request, thrice = patient(scripted, attempts=3)
    with pytest.raises(Throttled):
        send(request, patience=thrice, sleep=lambda _: None)
    assert scripted.requests == 3


def test_an_answer_that_breaks_off_is_asked_for_again(scripted: Scripted) -> None:
    scripted.answer = lambda n: Answer(200, b"half of it", missing=5 if n < 1 else 0)
    assert granted(scripted.settings).read(KEY) == b"half of it"
    assert scripted.requests == 2


def test_a_store_that_ignores_ranges_is_found_out(scripted: Scripted, tmp_path: Path) -> None:
    scripted.answer = lambda n: Answer(200, b"all of it" if n == 0 else b"all of it, and more")
    with pytest.raises(StoreUnreachable, match="ranges"):
        granted(scripted.settings).fetch(KEY, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_of_what_a_store_says_beyond_what_was_asked_for_nothing_is_read(scripted: Scripted) -> None:
    """Else one that ignores ranges would have its whole object in memory. The answer never ends:
    who read on would wait for the rest, and call it broken off."""
    scripted.answer = lambda n: Answer(200, b"x" * 1_000_000, missing=1 << 40)
    store = granted(scripted.settings)
    assert store.stat(KEY).size == 1_000_000 + (1 << 40)
    with pytest.raises(ObjectTooLarge):
        store.read(KEY, 10)
    store.write(KEY, b"y")
    with pytest.raises(StoreUnreachable, match="got more; the store does not honour ranges"):
        store.open(KEY).read(10)
    assert scripted.requests == 5, "nothing was tried again"


def test_leave_of_another_time_than_the_stores_may_be_right_soon(scripted: Scripted) -> None:
    said = b"<Error><Code>AccessDenied</Code><Message>Request is not valid yet</Message></Error>"
    scripted.answer = lambda request: Answer(403, said)
    with pytest.raises(ClockWrong, match="clock") as caught:
        granted(scripted.settings).read(KEY)
    assert caught.value.transient


@pytest.mark.parametrize(("hours", "kind"), [(1, ClockWrong), (-1, CredentialsExpired)])
def test_who_signs_by_a_clock_that_is_an_hour_off_is_told_of_it(
    minio: S3Settings, monkeypatch: pytest.MonkeyPatch, hours: int, kind: type[StoreError]
) -> None:
    """Leave of half an hour: signed too late it has run out, signed too early it is not yet one."""
    shifted = datetime.now(UTC) + timedelta(hours=hours)
    with monkeypatch.context() as patched:
        patched.setattr("botocore.auth.get_current_datetime", lambda: shifted)
        given = grants(minio, (GET, URL), seconds=1800.0)
    with pytest.raises(kind):
        GrantedStore(BUCKET, given).read(KEY)


def test_a_store_that_is_away_is_unreachable_and_no_signature_is_shown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused at once
        away = replace(ROOT, endpoint=f"http://127.0.0.1:{taken.getsockname()[1]}", attempts=2)
        request = Request(GET, Signer(away).sign(GET, URL, 60.0), "read", URL, {})
        with pytest.raises(StoreUnreachable, match="same endpoint") as caught:
            send(request, patience=away, sleep=lambda _: None)
    assert caught.value.transient
    assert caught.value.__cause__ is None
    assert SIGNED not in str(caught.value)
    assert not [line for line in caplog.messages if "urllib3" in line or SIGNED in line]


def test_no_refusal_shows_a_signature(scripted: Scripted) -> None:
    signed = Signer(scripted.settings).sign(GET, URL, 60.0).replace("&", "&amp;")
    words = f"<Error><Code>AccessDenied</Code><Message>{signed} is refused</Message></Error>"
    scripted.answer = lambda n: Answer(403, words.encode())
    with pytest.raises(AccessDenied, match="is refused") as caught:
        granted(scripted.settings).read(KEY)
    assert SIGNED not in str(caught.value)


def test_a_grant_is_for_one_method() -> None:
    given = Grants([Grant(GET, URL, "signed")])
    assert given.signed(GET, URL) == "signed"
    with pytest.raises(AccessDenied, match="write"):
        given.signed(PUT, URL)
