"""What is signed for workers: with whose credentials, for which region, and without waiting."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3.session
import pytest
from botocore.credentials import RefreshableCredentials

from excamera_store import (
    CredentialsExpired,
    NoCredentials,
    S3Settings,
    Signer,
    Throttled,
)
from excamera_store.grants import GET, PUT
from excamera_store.s3_region import HEADER
from excamera_store.s3_settings import client_for
from tests.store.scripted import Answer, Scripted
from tests.store.servers import BUCKET, ROOT
from tests.store.signed import SIGNED

URL = f"s3://{BUCKET}/k"
ELSEWHERE = "eu-west-1"


def scope(region: str | None) -> str:
    """As it is in a signed URL."""
    return f"%2F{region}%2Fs3%2F"


def test_only_what_lies_in_a_bucket_needs_leave() -> None:
    signer = Signer(ROOT)
    assert signer.sign(GET, "/a/file", 60.0) == signer.sign(PUT, "file:///a/file", 60.0) == ""
    assert SIGNED in signer.sign(GET, URL, 60.0)


def test_nobody_without_credentials_gives_leave() -> None:
    with pytest.raises(NoCredentials):
        Signer(S3Settings(endpoint="http://127.0.0.1:1")).sign(GET, URL, 60.0)


def test_a_thousand_signatures_take_one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """To make one takes as long as hundreds of signatures."""
    made: list[S3Settings] = []

    def counted(settings: S3Settings) -> object:
        made.append(settings)
        return client_for(settings)

    monkeypatch.setattr("excamera_store.signer.client_for", counted)
    signer = Signer(ROOT)
    signed = {signer.sign(GET, f"s3://{BUCKET}/{number}", 60.0) for number in range(1000)}
    signer.refresh()
    assert (len(signed), len(made)) == (1000, 1)


def test_credentials_that_are_lent_are_in_the_leave(moto: S3Settings) -> None:
    lent = replace(moto, session_token="lent")
    assert "X-Amz-Security-Token=lent" in Signer(lent).sign(GET, URL, 60.0)


def test_signing_never_waits_for_lent_credentials_to_be_renewed(
    moto: S3Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """boto3 renews them for whoever signs in their last quarter of an hour."""
    ends = datetime.now(UTC) + timedelta(minutes=10)
    renewals: list[str] = []

    def renewed() -> dict[str, str]:
        renewals.append(threading.current_thread().name)
        return lent(f"number-{len(renewals)}")

    def lent(token: str) -> dict[str, str]:
        keys = {"access_key": "a", "secret_key": "b", "token": token}
        return keys | {"expiry_time": ends.isoformat()}

    credentials = RefreshableCredentials.create_from_metadata(lent("first"), renewed, "test")
    monkeypatch.setattr(boto3.session.Session, "get_credentials", lambda _: credentials)
    signer = Signer(replace(moto, access_key=None, secret_key=None))
    signer.refresh()
    assert renewals == [], "none were needed so far"
    for number, renewal in enumerate((lambda: signer.prepare([URL]), signer.refresh), 1):
        thread = threading.Thread(target=renewal, name=f"renewal {number}")
        thread.start()
        thread.join()
        for _ in range(3):
            assert f"X-Amz-Security-Token=number-{number}&" in signer.sign(GET, URL, 60.0)
    assert renewals == ["renewal 1", "renewal 2"]


def test_a_role_that_lends_what_has_ended_is_an_error_of_the_store(
    moto: S3Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = (datetime.now(UTC) - timedelta(minutes=10)).isoformat()
    lent = {"access_key": "a", "secret_key": "b", "token": "c", "expiry_time": ended}
    credentials = RefreshableCredentials.create_from_metadata(lent, lambda: lent, "test")
    monkeypatch.setattr(boto3.session.Session, "get_credentials", lambda _: credentials)
    with pytest.raises(CredentialsExpired, match="still expired"):
        Signer(replace(moto, access_key=None, secret_key=None)).prepare([URL])


@pytest.mark.parametrize("status", [200, 301, 400, 403])
def test_what_is_signed_is_for_the_buckets_own_region(scripted: Scripted, status: int) -> None:
    """Which S3 names in refusals as well."""
    scripted.answer = lambda _: Answer(status, b"", headers={HEADER: ELSEWHERE})
    signer = Signer(scripted.settings)
    signer.prepare([URL, f"s3://{BUCKET}/folder"])
    asked = scripted.requests
    for method in (GET, PUT):
        signed = signer.sign(method, URL, 60.0)
        assert scope(ELSEWHERE) in signed
        assert signed.startswith(f"{scripted.settings.endpoint}/{BUCKET}/k?")
    assert scope(ROOT.region) in signer.sign(GET, "s3://another/k", 60.0)
    assert scripted.requests == asked, "who signs asks nobody"


@pytest.mark.parametrize("status", [200, 403, 404, 405, 501])
def test_a_store_that_names_no_region_is_in_the_one_that_is_set(
    scripted: Scripted, status: int
) -> None:
    scripted.answer = lambda _: Answer(status, b"")
    signer = Signer(scripted.settings)
    signer.prepare([URL])
    assert scope(ROOT.region) in signer.sign(GET, URL, 60.0)


def test_a_bucket_that_cannot_be_asked_is_not_guessed_about(scripted: Scripted) -> None:
    scripted.answer = lambda _: Answer(503, b"")
    with pytest.raises(Throttled, match=f"region of s3://{BUCKET}"):
        Signer(scripted.settings).prepare([URL])


def test_buckets_in_two_regions_are_both_signed_for(moto: S3Settings) -> None:
    there = client_for(replace(moto, region=ELSEWHERE))
    where = {"LocationConstraint": ELSEWHERE}
    there.create_bucket(Bucket="elsewhere", CreateBucketConfiguration=where)  # type: ignore[arg-type]
    signer = Signer(moto)
    signer.prepare(["s3://elsewhere/k", URL])
    assert scope(ELSEWHERE) in signer.sign(PUT, "s3://elsewhere/k", 60.0)
    assert scope(ROOT.region) in signer.sign(PUT, URL, 60.0)


def test_on_aws_leave_leads_to_the_buckets_own_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host for all regions knows only old ones, and answers others with a redirection."""
    monkeypatch.setattr("excamera_store.signer.region_of", lambda client, bucket: "af-south-1")
    signer = Signer(ROOT)
    signer.prepare([URL, "s3://with.dots/k"])
    signed = signer.sign(GET, URL, 60.0)
    assert signed.startswith(f"https://{BUCKET}.s3.af-south-1.amazonaws.com/k?")
    assert scope("af-south-1") in signed
    dotted = signer.sign(GET, "s3://with.dots/k", 60.0)
    assert dotted.startswith("https://s3.af-south-1.amazonaws.com/with.dots/k?")


def test_the_region_outlives_a_renewal(moto: S3Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("excamera_store.signer.region_of", lambda client, bucket: ELSEWHERE)
    given = iter(["first", "second"])

    def lent(settings: S3Settings) -> S3Settings:
        return replace(settings, session_token=next(given))

    monkeypatch.setattr("excamera_store.signer.frozen", lent)
    signer = Signer(moto)
    signer.prepare([URL])
    signer.refresh()
    signed = signer.sign(GET, URL, 60.0)
    assert scope(ELSEWHERE) in signed
    assert "X-Amz-Security-Token=second" in signed


def test_for_folders_nobody_is_asked() -> None:
    Signer(S3Settings(endpoint="http://127.0.0.1:1")).prepare(["/a/b", "file:///a/b"])
