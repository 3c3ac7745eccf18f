"""Identities and job names."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excamera_proto.identity import (
    COORDINATOR,
    OPERATOR,
    RENDEZVOUS,
    Identity,
    IdentityError,
    Role,
    validate_job,
)

JOBS = st.from_regex(r"\A[A-Za-z0-9]([A-Za-z0-9._-]{0,126}[A-Za-z0-9])?\Z")


@given(JOBS.map(Identity.worker) | st.sampled_from([OPERATOR, COORDINATOR, RENDEZVOUS]))
def test_an_identity_reads_back_from_its_uri(identity: Identity) -> None:
    assert Identity.parse(identity.uri) == identity


@given(st.text())
def test_any_text_is_an_identity_or_an_error(text: str) -> None:
    with contextlib.suppress(IdentityError):
        assert Identity.parse("excamera://" + text).uri == "excamera://" + text


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "excamera://",
        "excamera://worker",
        "excamera://job/x",
        "excamera://job//worker",
        "excamera://job/a/b/worker",
        "excamera://job/../worker",
        "excamera://job/x/operator",
        "https://operator",
        "operator",
    ],
)
def test_other_uris_are_no_identity(uri: str) -> None:
    with pytest.raises(IdentityError):
        Identity.parse(uri)


@pytest.mark.parametrize("job", ["a", "Job_1", "default.video-1", "x" * 128])
def test_a_job_may_be_named(job: str) -> None:
    assert validate_job(job) == job


@pytest.mark.parametrize(
    "job", ["", ".", "..", "a/b", "-a", "a-", "a\n", "a b", "é", "x" * 129, "a\0b"]
)
def test_a_job_may_not_be_named(job: str) -> None:
    with pytest.raises(IdentityError, match="cannot name a job"):
        validate_job(job)


def test_only_workers_belong_to_a_job() -> None:
    with pytest.raises(IdentityError, match="belongs to no job"):
        Identity(Role.OPERATOR, "job")
