"""Asks AWS how a function stands, and waits for what takes AWS a while. Blocking."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from excamera_lambda.aws import in_words
from excamera_lambda.errors import Unavailable
from excamera_lambda.standing import Standing

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

POLL_SECONDS: Final = 2.0
POLLS: Final = 150

ROLE_PAUSES: Final = (2.0, 4.0, 8.0, 8.0, 8.0)
"""In seconds, between tries: a role that was made just now is not known everywhere yet."""

_ROLE_UNKNOWN: Final = "cannot be assumed"

Pause = Callable[[float], None]


def standing(lambda_: LambdaClient, name: str) -> Standing:
    """Now. Raises LambdaError."""
    with in_words(f"reading function {name}"):
        return Standing.of(lambda_.get_function_configuration(FunctionName=name))


def settled(lambda_: LambdaClient, name: str, pause: Pause = time.sleep) -> Standing:
    """Once AWS is done with what it was told. Raises Unavailable if that takes too long, NotDone if
    there is no using the function."""
    for _ in range(POLLS):
        found = standing(lambda_, name)
        if found.settled:
            found.check(name)
            return found
        pause(POLL_SECONDS)
    raise Unavailable(
        f"function {name}: AWS is not done with it after {POLLS * POLL_SECONDS:.0f} s"
        f" ({found.text}); try again later"
    )


def once_the_role_is_known(call: Callable[[], object], pause: Pause = time.sleep) -> None:
    """Makes the call, and again for a while as long as AWS says that it cannot take on the role.
    Raises what the call raises."""
    for seconds in ROLE_PAUSES:
        try:
            call()
        except ClientError as error:
            if _ROLE_UNKNOWN not in str(error):
                raise
            pause(seconds)
        else:
            return
    call()
