"""Invocations as signed requests: botocore's own credentials and signature, without its client.

boto3 sends one request a thread, over ten connections; signed requests can go over as many
connections as one likes, from one event loop (docs/benchmarks.md has both figures).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import NoCredentialsError

from excamera_lambda.aws import in_words

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_lambda import LambdaClient

API = "2015-03-31"
ASYNCHRONOUS = "Event"


@dataclass(frozen=True, slots=True)
class Signed:
    """A request that is good for some minutes."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Signer:
    """Signs asynchronous invocations of one function. `refresh` comes first, and blocks."""

    def __init__(self, session: boto3.Session, lambda_: LambdaClient, function: str) -> None:
        self._session = session
        self._region = lambda_.meta.region_name
        path = f"{API}/functions/{quote(function, safe='')}/invocations"
        self.url = f"{lambda_.meta.endpoint_url.rstrip('/')}/{path}"
        self._auth: SigV4Auth | None = None

    def refresh(self) -> None:
        """Gets credentials anew if the old ones are near their end. Raises LambdaError."""
        with in_words("AWS credentials"):
            found = self._session.get_credentials()
            if found is None:
                raise NoCredentialsError
            self._auth = SigV4Auth(found.get_frozen_credentials(), "lambda", self._region)

    def sign(self, body: bytes) -> Signed:
        """The invocation with this payload."""
        assert self._auth is not None, "refresh comes first"
        headers = {"Content-Type": "application/json", "X-Amz-Invocation-Type": ASYNCHRONOUS}
        request = AWSRequest("POST", self.url, headers=headers, data=body)
        self._auth.add_auth(request)
        return Signed(self.url, dict(request.headers.items()), body)
