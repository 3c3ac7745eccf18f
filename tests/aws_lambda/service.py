"""An endpoint that offers AWS Lambda's API, as much of it as a launcher of workers meets.

    service = Service(Function(), concurrency=3, folder=…)
    async with service: …              AWS_ENDPOINT_URL_LAMBDA=service.url

Event invocations are answered with 202 and run later, as many at once as there are environments.
Beyond `queue` invocations that wait, or as `faults` say, an invocation is answered otherwise: one
fault for each that comes, of those in FAULTS, or `break` (no answer), or `swallow` (taken, and no
answer). `duplicates` of the events are delivered twice. Every signature is checked.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from excamera_lambda.function import unqualified
from tests.aws_lambda.environments import Environment, EnvironmentLost, Function

ACCESS_KEY, SECRET_KEY, REGION = "AKIDEXAMPLE", "example-secret", "eu-central-1"


@dataclass(frozen=True)
class Judged:
    """What an invocation is answered. reason: of a 429, which limit was met."""

    status: int
    kind: str = ""
    message: str = ""
    reason: str = ""


LOST = "the environment was lost"
TAKEN = Judged(202)
FULL = Judged(
    429, "TooManyRequestsException", reason="ReservedFunctionConcurrentInvocationLimitExceeded"
)
FAULTS = {
    "throttle": Judged(429, "TooManyRequestsException", reason="ConcurrentInvocationLimitExceeded"),
    "fail": Judged(500, "ServiceException"),
    "skew": Judged(
        403,
        "InvalidSignatureException",
        "Signature expired: 20260101T110000Z is now earlier than 20260101T115500Z",
    ),
}


@dataclass
class Delivered:
    """One run of the handler, and what it answered. request: the same for both of a duplicate."""

    request: str
    environment: int
    answer: dict[str, object] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """Why the worker, or its invocation, ended; empty while it works."""
        return str(self.answer.get("reason", ""))


class Service:
    """concurrency: how many environments; without any, nothing comes of invocations."""

    def __init__(
        self,
        function: Function,
        folder: Path,
        *,
        concurrency: int = 0,
        queue: int = 1_000_000,
        faults: Iterable[str] = (),
        duplicates: int = 0,
    ) -> None:
        self.function = function
        self.statuses: Counter[int] = Counter()
        self.delivered: list[Delivered] = []
        self.payloads: list[bytes] = []
        self.url = ""
        self.environments: list[Environment] = []
        self.own: dict[str, str] = {}
        """Instead of some of `variables`."""
        self._folder = folder
        self._concurrency = concurrency
        self._queue = queue
        self._faults = deque(faults)
        self._duplicates = duplicates
        self._events: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Service:
        application = web.Application(client_max_size=2 << 20)
        name = self.function.name
        own = unqualified(name)  # what is said of concurrency knows no versions
        application.router.add_post(f"/2015-03-31/functions/{name}/invocations", self._invoke)
        application.router.add_get(f"/2015-03-31/functions/{name}/configuration", self._configured)
        application.router.add_get(f"/2019-09-30/functions/{own}/concurrency", self._concurrent)
        application.router.add_get("/2016-08-19/account-settings{_:/?}", self._account)
        application.router.add_route("*", "/{_:.*}", self._absent)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        for number in range(self._concurrency):
            self.environments.append(self._made(number))
            self._tasks.append(asyncio.create_task(self._serve(number)))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        for environment in self.environments:
            await asyncio.to_thread(environment.stop)
        await self._session.close()
        await self.close()

    @property
    def connections(self) -> int:
        """Those that are open."""
        server = self._runner.server
        return len(server.connections) if server is not None else 0

    async def close(self) -> None:
        """Nothing is answered any more."""
        await self._runner.cleanup()

    @property
    def logs(self) -> str:
        """What the environments have written, for a test that fails."""
        return "\n".join(path.read_text() for path in sorted(self._folder.glob("*.log")))

    @property
    def variables(self) -> dict[str, str]:
        """With which boto3, or our own, finds this service."""
        return {
            "AWS_ENDPOINT_URL_LAMBDA": self.url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": REGION,
        } | self.own

    def _made(self, number: int) -> Environment:
        return Environment(self.function, self._folder / f"environment-{number}.log")

    async def _serve(self, number: int) -> None:
        """An event whose environment is lost is gone with it: the function has no retries."""
        while True:
            request, event = await self._events.get()
            one = Delivered(request, number)
            self.delivered.append(one)
            try:
                _, answer = await self.environments[number].invoke(self._session, event)
            except EnvironmentLost:
                one.answer = {"reason": LOST}
                self.environments[number] = self._made(number)
            else:
                one.answer = _values(answer)

    async def _invoke(self, request: web.Request) -> web.Response:
        event = await request.read()
        fault = self._faults.popleft() if self._faults else ""
        judged = FAULTS.get(fault) or self._judged(request, event)
        if fault in ("break", "swallow"):
            assert request.transport is not None
            request.transport.close()
        else:
            self.statuses[judged.status] += 1
        if judged != TAKEN:
            values = {"Type": "User", "message": judged.message, "Reason": judged.reason}
            headers = {"x-amzn-ErrorType": judged.kind}
            return web.json_response(values, status=judged.status, headers=headers)
        name = str(uuid.uuid4())
        if fault != "break":
            self._take(name, event)
        return web.Response(status=202, headers={"x-amzn-RequestId": name})

    def _take(self, name: str, event: bytes) -> None:
        self.payloads.append(event)
        for _ in range(2 if len(self.payloads) <= self._duplicates else 1):
            self._events.put_nowait((name, event))

    def _judged(self, request: web.Request, event: bytes) -> Judged:
        if not signed_well(request, event):
            return Judged(403, "InvalidSignatureException", "The request signature does not match")
        if request.headers.get("X-Amz-Invocation-Type") != "Event":
            return Judged(400, "InvalidParameterValueException")
        if len(event) > 1 << 20:
            return Judged(413, "RequestTooLargeException")
        if self._events.qsize() >= self._queue:
            return FULL
        json.loads(event)
        return TAKEN

    async def _absent(self, request: web.Request) -> web.Response:
        body = {"Type": "User", "Message": f"Function not found: {request.path}"}
        headers = {"x-amzn-ErrorType": "ResourceNotFoundException"}
        return web.json_response(body, status=404, headers=headers)

    async def _configured(self, _: web.Request) -> web.Response:
        values = {
            "FunctionName": self.function.name,
            "MemorySize": self.function.memory,
            "Timeout": self.function.timeout,
            "Architectures": ["x86_64"],
            "EphemeralStorage": {"Size": 512},
        }
        return web.json_response(values)

    async def _concurrent(self, _: web.Request) -> web.Response:
        reserved = self.function.reserved
        values = {} if reserved is None else {"ReservedConcurrentExecutions": reserved}
        return web.json_response(values)

    async def _account(self, _: web.Request) -> web.Response:
        return web.json_response({"AccountLimit": {"UnreservedConcurrentExecutions": 1000}})


def _values(answer: bytes) -> dict[str, object]:
    """The handler's, or what the emulator says instead."""
    text = answer.decode()
    values: dict[str, object] = json.loads(text) if text.startswith("{") else {"reason": text}
    return values


def signed_well(request: web.Request, body: bytes) -> bool:
    """Whether AWS would take the signature: the same is made again from the same request."""
    authorization = request.headers.get("Authorization", "")
    names = authorization.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    headers = {name: request.headers[name] for name in names if name in request.headers}
    again = AWSRequest(
        request.method, f"http://{request.host}{request.raw_path}", headers=headers, data=body
    )
    auth = SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "lambda", REGION)
    again.context["timestamp"] = request.headers.get("X-Amz-Date", "")
    canonical = auth.canonical_request(again)
    signature = auth.signature(auth.string_to_sign(again, canonical), again)
    return authorization.endswith(f"Signature={signature}")
