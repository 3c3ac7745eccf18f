"""As much of HTTP/1.1 as it takes to be invited: one request a connection, everything bounded.

Nothing here is meant to face the internet; a proxy (Knative's queue-proxy) stands in front.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

HEAD_LIMIT: Final = 16 * 1024
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class BadRequest(Exception):
    """A request that is not answered otherwise, and the status that it gets."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    body: bytes


async def read_request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body_limit: int
) -> Request:
    """The connection's one request. BadRequest, or EOFError if it never came whole.

    `reader` must have been made with HEAD_LIMIT as its limit.
    """
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.LimitOverrunError:
        raise BadRequest(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the headers are too long"
        ) from None
    line, *fields = head.split("\r\n")
    method, _, rest = line.partition(" ")
    path, _, version = rest.partition(" ")
    if not version.startswith("HTTP/1."):
        raise BadRequest(HTTPStatus.BAD_REQUEST, "not a request of HTTP/1.1")
    headers = _headers(fields)
    length = _length(headers, body_limit)
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(_CONTINUE)
    return Request(method, path.partition("?")[0], await reader.readexactly(length))


async def respond(
    writer: asyncio.StreamWriter, status: HTTPStatus, values: Mapping[str, object]
) -> None:
    """Answer with JSON and end the connection."""
    body = json.dumps(values).encode() + b"\n"
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()


def _headers(fields: list[str]) -> dict[str, str]:
    headers = {}
    for field in fields:
        name, _, value = field.partition(":")
        headers[name.strip().lower()] = value.strip()
    return headers


def _length(headers: Mapping[str, str], limit: int) -> int:
    if "transfer-encoding" in headers:
        raise BadRequest(HTTPStatus.LENGTH_REQUIRED, "say the body's length; chunks are not taken")
    text = headers.get("content-length", "0")
    if not (text.isascii() and text.isdecimal()):
        raise BadRequest(HTTPStatus.BAD_REQUEST, "the body's length is not a number")
    if len(text) > 12 or int(text) > limit:
        raise BadRequest(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {limit} bytes")
    return int(text)
