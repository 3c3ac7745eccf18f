"""Sessions of boto3 and what is read of a function. Blocking: to be called in a thread.

Nothing here knows how a test points it elsewhere: botocore itself honours AWS_ENDPOINT_URL_LAMBDA.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    MetadataRetrievalError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)

from excamera_lambda.errors import (
    Absent,
    InvalidRequest,
    LambdaError,
    NotPermitted,
    Unavailable,
    of_code,
)
from excamera_lambda.function import unqualified
from excamera_lambda.limits import Facts
from excamera_lambda.standing import Standing

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient

CONFIG = Config(
    connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 4}
)

STILL_EXPIRED: Final = "refreshed credentials are still expired"
"""By these words alone botocore's error is told from others, when a role lends what has ended."""


def explained(error: ClientError | BotoCoreError | RuntimeError, doing: str) -> LambdaError:
    """`doing` begins the message: "reading function workers". RuntimeError: see STILL_EXPIRED."""
    match error:
        case NoCredentialsError():
            return NotPermitted(
                f"{doing}: there are no AWS credentials; set AWS_PROFILE or AWS_ACCESS_KEY_ID and"
                " AWS_SECRET_ACCESS_KEY, or give the service account a role"
            )
        case PartialCredentialsError() | SSOError() | TokenRetrievalError():
            return NotPermitted(f"{doing}: {error}")
        case CredentialRetrievalError() | MetadataRetrievalError() | RuntimeError():
            return Unavailable(f"{doing}: the credentials cannot be renewed just now: {error}")
        case NoRegionError():
            return InvalidRequest(f"{doing}: no region is named; use --region or AWS_REGION")
        case ClientError():
            return of_code(
                str(error.response["Error"].get("Code", "")),
                str(error.response["Error"].get("Message", "")),
                doing,
            )
        case ConnectionError() | HTTPClientError():
            return Unavailable(f"{doing}: AWS cannot be reached: {error}")
        case _:
            return InvalidRequest(f"{doing}: {error}")


@contextmanager
def in_words(doing: str) -> Iterator[None]:
    """Turns what boto3 raises into a LambdaError that begins with `doing`."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise explained(error, doing) from error
    except RuntimeError as error:
        if STILL_EXPIRED not in str(error):
            raise
        raise explained(error, doing) from error


def session(region: str = "") -> boto3.Session:
    """By the usual rules: environment, profile, or the role of the pod or machine.

    AWS_REGION counts as well, which most of AWS's tools read and boto3 does not.
    """
    with in_words("AWS session"):
        return boto3.Session(region_name=region or os.environ.get("AWS_REGION"))


def client(session: boto3.Session) -> LambdaClient:
    with in_words("AWS Lambda"):
        return session.client("lambda", config=CONFIG)


def logs(session: boto3.Session) -> CloudWatchLogsClient:
    with in_words("Amazon CloudWatch Logs"):
        return session.client("logs", config=CONFIG)


def facts(lambda_: LambdaClient, name: str) -> Facts:
    """What is to be known of a function before it is invoked. Raises LambdaError.

    Its concurrency may be nobody's business: without the right to read it, it is not known. It is
    the function's, whichever version `name` may name.
    """
    with in_words(f"reading function {name}"):
        found = lambda_.get_function_configuration(FunctionName=name)
    Standing.of(found).check(name)

    def reserved() -> Any:
        found = lambda_.get_function_concurrency(FunctionName=unqualified(name))
        return found.get("ReservedConcurrentExecutions")

    def unreserved() -> Any:
        limit = lambda_.get_account_settings()["AccountLimit"]
        return limit.get("UnreservedConcurrentExecutions")

    return Facts(
        name=name,
        region=lambda_.meta.region_name,
        memory=found["MemorySize"],
        timeout=found["Timeout"],
        architecture=found.get("Architectures", ["x86_64"])[0],
        storage=found.get("EphemeralStorage", {"Size": 512})["Size"],
        reserved=_if_permitted(reserved, f"concurrency of {name}"),
        unreserved=_if_permitted(unreserved, "the account's concurrency"),
    )


def _if_permitted(read: Callable[[], Any], what: str) -> int | None:
    try:
        with in_words(f"reading {what}"):
            value = read()
    except (NotPermitted, Absent):
        return None
    return None if value is None else int(value)
