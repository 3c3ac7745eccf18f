"""Signed requests over HTTP: tried again where that can help, and refusals as errors of the store.

No part of boto3 is needed, which would take half a second to import, and no credentials are looked
for. The signed URL never gets into an error, whose cause is therefore left out, or into a log.
"""

from __future__ import annotations

import logging
import os
import random
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from typing import IO, TYPE_CHECKING, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from excamera_store.errors import (
    ClockWrong,
    CredentialsExpired,
    StoreError,
    StoreUnreachable,
)
from excamera_store.grants import hidden
from excamera_store.s3_errors import refusal
from excamera_store.s3_settings import S3Settings

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

PATIENCE: Final = S3Settings()
"""How often and how long it is tried: as with credentials."""

LONGEST_WAIT: Final = 20.0
BUSY: Final = frozenset({429, 500, 502, 503, 504})
PASSING: Final = frozenset({"RequestTimeout", "SlowDown"})
CA_BUNDLES: Final = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
_NOT_YET: Final = re.compile(r"valid yet|yet valid", re.IGNORECASE)
_ERROR_BYTES: Final = 64 * 1024
_WORDS: Final = (b"Code", b"Message")
_WORD: Final = re.compile(rb"<(Code|Message)>([^<]{0,2000})</")


@dataclass(frozen=True, slots=True)
class Answer:
    """headers: by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """action and url (s3://…) are for people. body: what is sent, `size` bytes of it. most: so many
    bytes of the answer are wanted; of a longer one the next is read, and then no more."""

    method: str
    signed: str = field(repr=False)
    action: str
    url: str
    headers: Mapping[str, str]
    body: IO[bytes] | None = None
    size: int = 0
    most: int | None = None

    def error(
        self, kind: type[StoreError], advice: str, error: Exception | None = None
    ) -> StoreError:
        """What has come of it, in words that people may see."""
        said = f" ({hidden(str(error))})" if error else ""
        return kind(f"cannot {self.action} {self.url}: {advice}{said}")


def send(
    request: Request,
    fine: frozenset[int] = frozenset(),
    *,
    patience: S3Settings = PATIENCE,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """The answer, if its status is 2xx or in `fine`; a StoreError if not, after some tries."""
    left = patience.attempts
    while True:
        left -= 1
        try:
            answer = _once(request, patience)
        except StoreUnreachable:
            if not left:
                raise
        else:
            if answer.status < 300 or answer.status in fine:
                return answer
            code, said = _code_and_message(answer.body)
            if not left or not (answer.status in BUSY or code in PASSING):
                raise _refused(request, answer.status, code, said)
        most = min(LONGEST_WAIT, 2.0 ** (patience.attempts - left - 1))
        sleep(random.uniform(0.0, most))


def _once(request: Request, patience: S3Settings) -> Answer:
    from urllib3 import Timeout
    from urllib3.exceptions import HTTPError, SSLError

    if request.body is not None:
        request.body.seek(0)
    sized = {"Content-Length": str(request.size)} if request.body is not None else {}
    try:
        answer = _pool(_place(request.signed)).request(
            request.method,
            request.signed,
            body=request.body,
            headers={**request.headers, **sized},
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
            timeout=Timeout(connect=patience.connect_seconds, read=patience.read_seconds),
        )
        body = _body(answer, request.most if answer.status < 300 else _ERROR_BYTES)
    except SSLError as error:
        advice = "TLS failed; check the endpoint's scheme and AWS_CA_BUNDLE"
        raise request.error(StoreUnreachable, advice, error) from None
    except HTTPError as error:  # no connection, a time-out, an answer that breaks off
        advice = "check the network; workers need a way to the same endpoint as the operator"
        raise request.error(StoreUnreachable, advice, error) from None
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(answer.status, headers, body)


def _body(answer: BaseHTTPResponse, most: int | None) -> bytes:
    """At most one byte more than `most`. A connection on which more is to come is given up."""
    if most is None:
        return answer.read()
    body = answer.read(most + 1)
    if len(body) > most:
        answer.close()
    else:
        answer.release_conn()
    return body


def _code_and_message(body: bytes) -> tuple[str, str]:
    """Of a refusal; empty where it has none."""
    found = dict(_WORD.findall(body))
    code, said = (unescape(found.get(name, b"").decode(errors="replace")) for name in _WORDS)
    return code, hidden(" ".join(said.split()))


def _refused(request: Request, status: int, code: str, said: str) -> StoreError:
    if code == "AccessDenied" and "expired" in said.lower():
        advice = f"the leave that this worker was given has run out (the store says {said[:200]})"
        return request.error(CredentialsExpired, advice)
    if code == "AccessDenied" and _NOT_YET.search(said):
        advice = "the clock of whoever gave this worker leave, or the store's, is wrong; set it"
        return request.error(ClockWrong, f"{advice} (the store says {said[:200]})")
    return refusal(request.action, request.url, status, code, said)


def _place(signed: str) -> str:
    parts = urlsplit(signed)
    return f"{parts.scheme}://{parts.netloc}"


@lru_cache(maxsize=16)
def _pool(place: str) -> PoolManager:
    """Connections to one store, through the proxy that the environment names for it."""
    import urllib3

    # Nothing is heard of what is asked for: URLs are in urllib3's own lines.
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)
    bundle = next((os.environ[name] for name in CA_BUNDLES if os.environ.get(name)), None)
    proxy = _proxy(place)
    if proxy:
        return urllib3.ProxyManager(proxy, maxsize=16, ca_certs=bundle)
    return urllib3.PoolManager(maxsize=16, ca_certs=bundle)


def _proxy(place: str) -> str:
    parts = urlsplit(place)
    with suppress(OSError):  # of a look-up for the list of exceptions
        if proxy_bypass(parts.netloc):
            return ""
    return getproxies().get(parts.scheme, "")
