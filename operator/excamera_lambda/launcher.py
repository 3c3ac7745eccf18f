"""Sends any number of invocations at once, from one event loop, over many connections.

Each is tried until it is taken, refused, or its time is over. What AWS said last is kept for each
that came to nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import aiohttp
from yarl import URL

from excamera_lambda.errors import is_of_the_clock, of_code
from excamera_lambda.retry import NO_ANSWER, Retry, Verdict, verdict
from excamera_lambda.signing import Signed

CONNECTIONS: Final = 256
ANSWER_SECONDS: Final = 20.0

Sign = Callable[[bytes], Signed]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """To one try. reason: of a 429, which limit was met; message: for people. skewed: it was
    refused because AWS's clock and ours differ."""

    status: int
    reason: str = ""
    message: str = ""
    skewed: bool = False

    @property
    def throttled(self) -> bool:
        """Whether a limit of AWS was met."""
        return self.status == 429

    @property
    def verdict(self) -> Verdict:
        return verdict(self.status, skewed=self.skewed)


class Launcher:
    """To be opened and closed in the event loop. `last` is the last answer that came."""

    def __init__(
        self, sign: Sign, retry: Retry | None = None, *, connections: int = CONNECTIONS
    ) -> None:
        self._sign = sign
        self._retry = retry or Retry()
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        self.last: Answer | None = None

    def open(self) -> None:
        """Raises nothing, and connects to nobody yet."""
        connector = aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=60)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=ANSWER_SECONDS)
        self._session = aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=True)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def invoke(self, payload: bytes) -> Answer:
        """The last answer."""
        loop = asyncio.get_running_loop()
        began, tries = loop.time(), 0
        while True:
            self.last = answer = await self._try(payload)
            tries += 1
            if answer.verdict is not Verdict.AGAIN:
                return answer
            wait = self._retry.wait(tries, loop.time() - began, random.random())
            if wait is None:
                return answer
            await asyncio.sleep(wait)

    async def _try(self, payload: bytes) -> Answer:
        assert self._session is not None, "it is not open"
        signed = self._sign(payload)
        url = URL(signed.url, encoded=True)  # as it was signed, to the letter
        try:
            async with self._session.post(
                url, data=signed.body, headers=signed.headers, allow_redirects=False
            ) as response:
                return _answer(response.status, response.headers, await response.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _log.debug("an invocation got no answer: %r", error)
            return Answer(NO_ANSWER, "", f"no answer ({type(error).__name__}: {error})".strip())


def _answer(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    if status == 202:
        return Answer(status)
    values = _object(body)
    kind = headers.get("x-amzn-ErrorType", "").partition(":")[0] or f"status {status}"
    said = str(values.get("message") or values.get("Message") or "")
    return Answer(
        status,
        str(values.get("Reason", "")),
        str(of_code(kind, said, "invoking")),
        skewed=is_of_the_clock(kind, said),
    )


def _object(body: bytes) -> dict[str, object]:
    try:
        values = json.loads(body)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}
