"""Bad bucket, bad key, bad day: what S3 reports, against servers and against scripted answers."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from excamera_store import (
    AccessDenied,
    BucketMissing,
    ClockWrong,
    CredentialsExpired,
    InvalidName,
    NoCredentials,
    ObjectChanged,
    ObjectMissing,
    S3Settings,
    S3Store,
    StoreError,
    StoreFull,
    StoreUnreachable,
    Throttled,
    s3_transfer,
)
from excamera_store.s3_settings import client_for
from tests.store.scripted import Answer, Breaking, Scripted
from tests.store.servers import BUCKET, ROOT


def test_a_missing_bucket_is_not_a_missing_object(s3: S3Settings, tmp_path: Path) -> None:
    store = S3Store("no-such-bucket", settings=s3)
    for call in (
        lambda: store.stat("k"),
        lambda: store.read("k"),
        lambda: store.write("k", b""),
        lambda: list(store.list()),
        lambda: store.check_writable("k"),
        lambda: store.fetch("k", tmp_path / "x"),
    ):
        with pytest.raises(BucketMissing, match="no-such-bucket"):
            call()


@pytest.mark.parametrize("wrong", [{"access_key": "nobody"}, {"secret_key": "guessed"}])
def test_wrong_credentials_are_denied(minio: S3Settings, wrong: dict[str, str]) -> None:
    store = S3Store(BUCKET, settings=replace(minio, **wrong))  # type: ignore[arg-type]
    for call in (
        lambda: store.stat("k"),
        lambda: store.read("k"),
        lambda: store.write("k", b""),
        lambda: store.check_writable("k"),
    ):
        with pytest.raises(AccessDenied, match="credentials"):
            call()


def test_no_credentials_at_all_is_an_error_of_its_own(moto: S3Settings) -> None:
    bare = S3Settings(endpoint=moto.endpoint)
    with pytest.raises(NoCredentials, match="there are no credentials"):
        S3Store(BUCKET, settings=bare).read("k")


def test_a_profile_that_does_not_exist_is_named(moto: S3Settings) -> None:
    with pytest.raises(AccessDenied, match="AWS_PROFILE"):
        S3Store(BUCKET, settings=replace(moto, profile="nobody")).read("k")


def test_the_environment_is_used_as_boto3_does(
    moto: S3Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", str(moto.endpoint))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", str(moto.access_key))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", str(moto.secret_key))
    store = S3Store(BUCKET, prefix="environment", settings=S3Settings(attempts=3))
    store.write("k", b"found")
    assert S3Store(BUCKET, settings=moto).read("environment/k") == b"found"


def test_an_object_that_is_replaced_while_it_is_read_is_an_error(s3: S3Settings) -> None:
    store = S3Store(BUCKET, prefix="replaced", settings=s3)
    store.write("k", bytes(3_000_000))
    with store.open("k") as file:
        file.read(10)
        store.write("k", bytes([1]) * 3_000_000)
        file.seek(2_000_000)
        with pytest.raises(ObjectChanged, match="start again"):
            file.read(10)


def test_a_put_that_breaks_off_leaves_nothing(
    s3: S3Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = S3Store(BUCKET, prefix="broken", settings=s3)
    monkeypatch.setattr(s3_transfer, "PIECE", 5 * 1024 * 1024)
    client = client_for(s3)
    with pytest.raises(OSError, match="the disk is gone"):
        s3_transfer.put_file(client, BUCKET, "broken/k", Breaking(tmp_path / "source"))
    with pytest.raises(ObjectMissing):
        store.stat("k")
    assert not client.list_multipart_uploads(Bucket=BUCKET, Prefix="broken/k").get("Uploads")


def test_deleting_a_folder_aborts_the_uploads_that_a_killed_writer_began(moto: S3Settings) -> None:
    client = client_for(moto)
    client.create_multipart_upload(Bucket=BUCKET, Key="killed/job/k")
    S3Store(BUCKET, prefix="killed", settings=moto).delete_prefix("job")
    assert not client.list_multipart_uploads(Bucket=BUCKET, Prefix="killed/").get("Uploads")


def test_a_console_made_folder_is_not_an_object(moto: S3Settings) -> None:
    client_for(moto).put_object(Bucket=BUCKET, Key="console/", Body=b"")
    assert list(S3Store(BUCKET, settings=moto).list("console")) == []


def test_an_address_where_nobody_listens_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused at once
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        store = S3Store(BUCKET, settings=replace(ROOT, endpoint=endpoint, attempts=2))
        with pytest.raises(StoreUnreachable, match="AWS_ENDPOINT_URL") as caught:
            store.read("k")
    assert caught.value.transient


@pytest.mark.parametrize("endpoint", ["not a url", "ftp:/x", "localhost:9000"])
def test_an_endpoint_that_is_no_url_says_so(endpoint: str) -> None:
    with pytest.raises(StoreUnreachable, match="AWS_ENDPOINT_URL"):
        S3Store(BUCKET, settings=replace(ROOT, endpoint=endpoint, attempts=1)).read("k")


def test_patience_with_a_silent_address_is_below_twenty_seconds() -> None:
    settings = S3Settings()
    backoff = sum(2**n for n in range(settings.attempts - 1))
    assert settings.attempts * settings.connect_seconds + backoff < 20


def test_secrets_are_not_in_the_text_of_settings() -> None:
    text = repr(S3Settings(access_key="visible", secret_key="hidden1", session_token="hidden2"))
    assert "hidden" not in text


def refusal(status: int, code: str) -> Answer:
    body = f"<Error><Code>{code}</Code><Message>because</Message></Error>"
    return Answer(status, body.encode())


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (503, "SlowDown", Throttled),
        (429, "TooManyRequestsException", Throttled),
        (500, "InternalError", StoreUnreachable),
        (400, "ExpiredToken", CredentialsExpired),
        (403, "RequestTimeTooSkewed", ClockWrong),
        (403, "InvalidAccessKeyId", AccessDenied),
        (400, "AuthorizationHeaderMalformed", BucketMissing),
        (404, "NoSuchBucket", BucketMissing),
        (507, "XMinioStorageFull", StoreFull),
        (400, "KeyTooLongError", InvalidName),
        (418, "Teapot", StoreError),
    ],
)
def test_every_refusal_has_its_kind(
    scripted: Scripted, status: int, code: str, kind: type[StoreError]
) -> None:
    scripted.answer = lambda request: refusal(status, code)
    with pytest.raises(StoreError) as caught:
        scripted.store().write("k", b"x")
    assert type(caught.value) is kind
    assert code in str(caught.value)
    assert f"s3://{BUCKET}/k" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "ExpiredToken", CredentialsExpired),
        (403, "RequestTimeTooSkewed", ClockWrong),
        (403, "InvalidAccessKeyId", AccessDenied),
    ],
)
def test_what_an_object_is_says_why_it_is_refused_too(
    scripted: Scripted, status: int, code: str, kind: type[StoreError]
) -> None:
    scripted.answer = lambda request: refusal(status, code)
    with pytest.raises(kind, match=f"{code}: because"):
        scripted.store().stat("k")


@pytest.mark.parametrize(("status", "kind"), [(400, StoreError), (403, AccessDenied)])
def test_a_refusal_that_nothing_explains_is_one_all_the_same(
    scripted: Scripted, status: int, kind: type[StoreError]
) -> None:
    scripted.answer = lambda request: Answer(206, b"x") if request else Answer(status, b"")
    with pytest.raises(kind, match=f"s3://{BUCKET}/k"):
        scripted.store().stat("k")


@pytest.mark.parametrize("status", [400, 403, 404, 500])
@pytest.mark.parametrize("page", [b"<html>secret", b"secret", b"<html><body>secret</body></html>"])
def test_a_page_that_is_no_answer_of_s3s_is_shown_to_nobody(
    scripted: Scripted, status: int, page: bytes
) -> None:
    """The endpoint may be named by somebody who may not read what is there."""
    scripted.answer = lambda request: Answer(status, page)
    store = scripted.store()
    for call in (
        lambda: store.stat("k"),
        lambda: list(store.list()),
        lambda: store.check_writable("k"),
        lambda: store.delete_prefix("folder"),
    ):
        with pytest.raises(StoreError) as caught:
            call()
        assert "secret" not in str(caught.value)


def test_what_answers_and_is_no_store_says_so(scripted: Scripted) -> None:
    scripted.answer = lambda request: Answer(200, b"welcome")
    with pytest.raises(StoreUnreachable, match="not one of S3's"):
        scripted.store().stat("k")


def test_slow_down_is_retried_a_bounded_number_of_times(scripted: Scripted) -> None:
    body = b"<Error><Code>SlowDown</Code></Error>"
    scripted.answer = lambda request: Answer(503, body) if request < 1 else Answer(200, b"")
    scripted.store(attempts=2).write("k", b"x")
    assert scripted.requests == 2


def test_a_download_that_breaks_off_is_asked_for_again(scripted: Scripted) -> None:
    scripted.answer = lambda n: Answer(200, b"half of it", missing=5 if n < 2 else 0)
    assert scripted.store().read("k") == b"half of it"
    assert scripted.requests == 3


def test_a_download_that_always_breaks_off_is_an_error(scripted: Scripted) -> None:
    scripted.answer = lambda n: Answer(200, b"half of it", missing=5)
    with pytest.raises(StoreUnreachable, match="breaks off"):
        scripted.store().read("k")


def test_a_store_that_ignores_ranges_is_found_out(scripted: Scripted, tmp_path: Path) -> None:
    scripted.answer = lambda n: Answer(200, b"the whole object, not the range")
    with pytest.raises(StoreUnreachable, match="ranges"):
        s3_transfer.get_range(client_for(scripted.settings), BUCKET, "k", "e", 0, 10)
