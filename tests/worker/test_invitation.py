"""Invitations: what is read, what is refused, and what is never shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excamera_proto.credentials import Authority, Identity
from excamera_worker.invitation import SIZE_LIMIT, InvalidInvitation, Invitation

CREDENTIAL = Authority.create("test").issue(Identity.worker("j"))
GOOD: dict[str, Any] = {
    "coordinator": "[::1]:7070",
    "job": "job-7",
    "backend": "lambda",
    "tls": {
        "authority": CREDENTIAL.authority_pem.decode(),
        "certificate": CREDENTIAL.certificate_pem.decode(),
        "key": CREDENTIAL.key_pem.decode(),
    },
}
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_an_invitation_is_read() -> None:
    text = json.dumps({**GOOD, "worker": "w", "seconds": 900, "new": 1})
    read = Invitation.parse(text)
    assert read == Invitation("[::1]:7070", "job-7", "lambda", CREDENTIAL, "w", 900.0)


def test_a_worker_without_a_name_makes_a_unique_one_up() -> None:
    names = {Invitation.read({**GOOD, "worker": ""}).worker for _ in range(100)}
    assert len(names) == 100
    assert all(name.startswith("lambda-") for name in names)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"coordinator": None}, "coordinator"),
        ({"coordinator": "host"}, "host:port"),
        ({"coordinator": "host:99999"}, "host:port"),
        ({"coordinator": "unix:/run/x"}, "host:port"),
        ({"job": "../x"}, "job"),
        ({"job": 7}, "job"),
        ({"backend": ""}, "backend"),
        ({"backend": "a\nb"}, "backend"),
        ({"worker": "x" * 600}, "worker"),
        ({"tls": []}, "tls"),
        ({"tls": {**GOOD["tls"], "key": "text"}}, "tls.key"),
        ({"seconds": 0}, "seconds"),
        ({"seconds": float("nan")}, "seconds"),
        ({"seconds": "9"}, "seconds"),
    ],
)
def test_an_invitation_that_cannot_be_followed_is_refused(
    wrong: dict[str, Any], named: str
) -> None:
    with pytest.raises(InvalidInvitation, match=named):
        Invitation.read({**GOOD, **wrong})


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "1", "[" * 100_000, b"\xff", "x" * (SIZE_LIMIT + 1)]
)
def test_what_is_no_json_object_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidInvitation):
        Invitation.parse(text)


@given(JSON)
def test_no_json_at_all_raises_anything_else(value: Any) -> None:
    for key in (None, *GOOD, "worker", "seconds"):
        try:
            Invitation.read({**GOOD, key: value} if key else value)
        except InvalidInvitation:
            continue


def test_an_invitation_does_not_show_its_key() -> None:
    assert "PRIVATE" not in repr(Invitation.read(GOOD))
    for broken in (json.dumps(GOOD)[:-1], json.dumps({**GOOD, "tls": GOOD["tls"]["key"]})):
        with pytest.raises(InvalidInvitation) as caught:
            Invitation.parse(broken)
        assert "PRIVATE" not in str(caught.value)
