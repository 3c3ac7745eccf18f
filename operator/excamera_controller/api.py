"""The API server over one asynchronous HTTP client: objects in and out as plain dictionaries.

Who we are and where the server is comes from the `kubernetes` package: the pod's service account
(whose token is read again when it is renewed) or a kubeconfig. Its own client blocks a thread for
each request; hundreds of workers' Jobs and Secrets are better served by one event loop.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import aiohttp
from kubernetes import client, config

Object = dict[str, Any]
T = TypeVar("T")

REQUEST_SECONDS: Final = 20.0
AGAIN_SECONDS: Final = 0.5
"""Before the first of the tries that follow; each of them waits for as much more."""

MERGE_PATCH: Final = "application/merge-patch+json"

_log = logging.getLogger(__name__)


class ApiError(Exception):
    """The API server said no. `reason` is its word for machines, such as NotFound."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message or f"{status} {reason}")
        self.status = status
        self.reason = reason

    @property
    def transient(self) -> bool:
        """Whether the same again may help."""
        # 401: the token has just been renewed, or its issuer cannot be asked
        return self.status in (0, 401, 429) or self.status >= 500


class NotFound(ApiError):
    """There is no such object, or no such kind."""


class Conflict(ApiError):
    """The object was changed meanwhile, or is there already."""


class Unreachable(ApiError):
    """No answer."""

    def __init__(self, message: str) -> None:
        super().__init__(0, "Unreachable", f"the API server cannot be reached: {message}")


def version_of(seen: Object) -> int:
    """Resource versions are numbers that grow: Kubernetes has said so since 1.35."""
    text = str(seen["metadata"].get("resourceVersion", "0"))
    return int(text) if text.isdecimal() else 0


def path_of(group: str, plural: str, namespace: str = "", name: str = "") -> str:
    """The path of a collection or an object; group is "v1" or "GROUP/VERSION"."""
    root = f"/apis/{group}" if "/" in group else f"/api/{group}"
    scope = f"/namespaces/{namespace}" if namespace else ""
    return f"{root}{scope}/{plural}" + (f"/{name}" if name else "")


class Api:
    """Use as a context. All methods raise ApiError."""

    def __init__(self) -> None:
        self._configuration = _configuration()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(ssl=_tls(self._configuration), limit=64)
        timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS)
        self._session = aiohttp.ClientSession(
            self._configuration.host, connector=connector, timeout=timeout
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, path: str) -> Object:
        return await self._request("GET", path)

    async def list(self, path: str, **query: str) -> list[Object]:
        """The items of a collection; query: labelSelector, fieldSelector."""
        found = await self._request("GET", path, query=query)
        items: list[Object] = found.get("items") or []
        return items

    async def create(self, path: str, body: Object) -> Object:
        return await self._request("POST", path, body)

    async def patch(self, path: str, body: Object) -> Object:
        """A merge patch. Conflict if it holds a metadata.resourceVersion that is not the latest."""
        return await self._request("PATCH", path, body, content=MERGE_PATCH)

    async def delete(self, path: str, *, uid: str = "", **query: str) -> None:
        """An object (of that uid, if given) or, with a selector, a collection's; in the background.
        That there is none is no error."""
        body: Object = {"propagationPolicy": "Background"}
        if uid:
            body["preconditions"] = {"uid": uid}
        try:
            await self._request("DELETE", path, body, query=query)
        except NotFound:
            return

    async def _request(
        self,
        method: str,
        path: str,
        body: Object | None = None,
        *,
        content: str = "application/json",
        query: Mapping[str, str] | None = None,
    ) -> Object:
        assert self._session is not None
        data = None if body is None else json.dumps(body)
        headers = {"Content-Type": content, "Accept": "application/json", **self._authorisation()}
        try:
            async with self._session.request(
                method, path, data=data, headers=headers, params=query
            ) as answer:
                text = await answer.text()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable(str(error) or type(error).__name__) from error
        return _read(answer.status, text)

    def _authorisation(self) -> dict[str, str]:
        token = self._configuration.get_api_key_with_prefix("BearerToken", "authorization")
        basic = self._configuration.get_basic_auth_token()
        value = token or (basic if self._configuration.username else None)
        return {"Authorization": value} if value else {}


def _read(status: int, text: str) -> Object:
    try:
        value = json.loads(text)
    except ValueError:
        value = {}
    if status < 400:
        return value if isinstance(value, dict) else {}
    reason, message = str(value.get("reason", "")), str(value.get("message", text[:500]))
    kind = {404: NotFound, 409: Conflict}.get(status, ApiError)
    raise kind(status, reason, message)


def _configuration() -> client.Configuration:
    made = client.Configuration()
    try:
        config.load_incluster_config(client_configuration=made)
    except config.ConfigException:
        try:
            config.load_kube_config(client_configuration=made)
        except (config.ConfigException, OSError) as error:
            raise Unreachable(f"no service account and no kubeconfig: {error}") from error
    return made


def _tls(configuration: client.Configuration) -> ssl.SSLContext | bool:
    if not configuration.host.startswith("https:"):
        return True
    context = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, configuration.key_file)
    return context


async def retried(attempt: Callable[[], Awaitable[T]], *, tries: int = 4) -> T:
    """The result of `attempt()`, tried again while the API server is out of reach or busy."""
    for number in range(1, tries):
        try:
            return await attempt()
        except ApiError as error:
            if not error.transient:
                raise
            _log.info("%s; trying again", error)
            await asyncio.sleep(AGAIN_SECONDS * number)
    return await attempt()
