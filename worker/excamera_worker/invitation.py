"""What a backend hands to a worker that it starts: everything it needs to dial in.

As JSON it is a file, the body of an HTTP request or a Lambda payload:

    coordinator   "host:port" to dial
    job           the job's identifier, as in the certificate
    backend       "local", "pod", "knative" or "lambda"
    tls           {"authority": PEM, "certificate": PEM, "key": PEM}
    worker        optional: the name to go by, which must be unique; otherwise one is made up
    seconds       optional: the time limit under which the worker runs

Other keys are left alone, so that a newer backend can start an older worker.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from excamera_proto.identity import IdentityError, validate_job
from excamera_proto.tls import Credential

SIZE_LIMIT: Final = 1024 * 1024
"""In bytes, that of an asynchronous Lambda invocation."""


class InvalidInvitation(ValueError):
    """An invitation that cannot be followed."""


@dataclass(frozen=True, slots=True)
class Invitation:
    coordinator: str
    job: str
    backend: str
    credential: Credential
    worker: str
    seconds: float | None = None

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """From JSON. InvalidInvitation says what is wrong, and shows nothing that is secret."""
        if len(text) > SIZE_LIMIT:
            raise InvalidInvitation(f"the invitation is larger than {SIZE_LIMIT} bytes")
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            # json's own message may quote the text, and with it the key.
            kind = type(error).__name__
            raise InvalidInvitation(f"the invitation is not JSON ({kind})") from None
        return cls.read(values)

    @classmethod
    def read(cls, values: object) -> Self:
        """From JSON that somebody else has parsed, such as a Lambda payload."""
        values = _object(values, "the invitation")
        backend = _text(values, "backend")
        return cls(
            coordinator=_address(values),
            job=_job(values),
            backend=backend,
            credential=_credential(_object(values.get("tls"), "the invitation's 'tls'")),
            worker=_text(values, "worker", f"{backend}-{uuid.uuid4().hex[:16]}"),
            seconds=_seconds(values.get("seconds")),
        )


def _object(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidInvitation(f"{what} is missing or not a JSON object")
    return value


def _text(values: Mapping[str, Any], key: str, default: str | None = None) -> str:
    """A short printable text; an empty one counts as absent."""
    value = values.get(key) or default
    if not isinstance(value, str):
        raise InvalidInvitation(f"the invitation's {key!r} is missing or not a text")
    if len(value) > 512 or not value.isprintable():
        raise InvalidInvitation(f"the invitation's {key!r} is too long or not printable")
    return value


def _address(values: Mapping[str, Any]) -> str:
    address = _text(values, "coordinator")
    host, colon, port = address.rpartition(":")
    if not (colon and host and port.isdecimal() and int(port) < 65536):
        raise InvalidInvitation(f"the invitation's 'coordinator' is {address!r}, not host:port")
    return address


def _job(values: Mapping[str, Any]) -> str:
    try:
        return validate_job(_text(values, "job"))
    except IdentityError as error:
        raise InvalidInvitation(f"the invitation's 'job': {error}") from None


def _credential(tls: Mapping[str, Any]) -> Credential:
    parts = {key: tls.get(key) for key in ("certificate", "key", "authority")}
    for key, value in parts.items():
        if not isinstance(value, str) or "-----BEGIN" not in value:
            raise InvalidInvitation(f"the invitation's 'tls.{key}' is missing or not PEM")
    return Credential(*(str(value).encode() for value in parts.values()))


def _seconds(value: object) -> float | None:
    if value is None:
        return None
    if not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        raise InvalidInvitation("the invitation's 'seconds' is not a positive number")
    return float(value)
