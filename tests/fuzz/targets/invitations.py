"""An invitation as JSON, and the HTTP request that may carry it: followed, or refused without
showing what is secret in it."""

from __future__ import annotations

import asyncio
import json
from typing import cast

from excamera_worker import http
from excamera_worker.invitation import SIZE_LIMIT, InvalidInvitation, Invitation

SECRET = "c2VjcmV0IGtleQ"


class _Nobody:
    """Takes what the server has to say."""

    def write(self, data: bytes) -> None:
        assert data


async def _body(data: bytes) -> bytes:
    reader = asyncio.StreamReader(limit=http.HEAD_LIMIT)
    reader.feed_data(data)
    reader.feed_eof()
    writer = cast(asyncio.StreamWriter, _Nobody())
    request = await http.read_request(reader, writer, SIZE_LIMIT)
    assert len(request.body) <= SIZE_LIMIT
    return request.body


def _is_elsewhere(data: bytes) -> bool:
    """Whether what stands for the key has come to lie where nothing is secret."""
    try:
        values = json.loads(data)
    except (ValueError, RecursionError):
        return False
    if isinstance(values, dict):
        values.pop("tls", None)
    return SECRET in str(values)


def one(data: bytes) -> None:
    """An HTTP request if it looks like one, else the invitation itself."""
    try:
        if data.startswith((b"POST", b"GET")):
            data = asyncio.run(_body(data))
        invitation = Invitation.parse(data)
    except (http.BadRequest, EOFError):
        return
    except InvalidInvitation as error:
        assert "\n" not in str(error)
        assert _is_elsewhere(data) or SECRET not in str(error)
        return
    assert _is_elsewhere(data) or SECRET not in repr(invitation)
    assert invitation.worker.isprintable()
