"""What can go wrong with AWS, in plain words.

LambdaError
├── InvalidRequest   what was asked makes no sense, to us or to AWS: nothing will come of it
├── Absent           what was named is not there
├── NotPermitted     there are no credentials, or they do not suffice
└── Unavailable      AWS cannot be reached or is overloaded; the same again may help
"""

from __future__ import annotations

from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    WaiterError,
)


class LambdaError(Exception):
    """The message says what was wrong, with what, and what to do."""


class InvalidRequest(LambdaError):
    """Nothing will come of it."""


class Absent(LambdaError):
    """What was named is not there."""


class NotPermitted(LambdaError):
    """There are no credentials, or they do not suffice."""


class Unavailable(LambdaError):
    """The same again may help."""


_DENIED: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_ABSENT: Final = frozenset({"ResourceNotFoundException", "NoSuchEntity"})
_INVALID: Final = frozenset({"InvalidParameterValueException", "ValidationException"})


def explained(error: ClientError | BotoCoreError, doing: str) -> LambdaError:
    """`doing` begins the message: "reading function workers"."""
    match error:
        case NoCredentialsError():
            return NotPermitted(
                f"{doing}: there are no AWS credentials; set AWS_PROFILE or AWS_ACCESS_KEY_ID and"
                " AWS_SECRET_ACCESS_KEY, or give the service account a role"
            )
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
        case WaiterError():
            return Unavailable(f"{doing}: AWS has not come to an end with it: {error}")
        case _:
            return InvalidRequest(f"{doing}: {error}")


def of_code(code: str, message: str, doing: str) -> LambdaError:
    """The same for an answer of AWS, by its error's code."""
    said = " ".join(f"{code}: {message}".split())
    if code in _DENIED:
        return NotPermitted(
            f"{doing}: AWS does not permit it ({said}); docs/lambda.md says what is"
        )
    if code in _ABSENT:
        return Absent(f"{doing}: it is not there ({said})")
    if code in _INVALID:
        return InvalidRequest(f"{doing}: {said}")
    return Unavailable(f"{doing}: {said}")
