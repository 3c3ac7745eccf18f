"""What can go wrong with AWS, in plain words.

LambdaError
├── InvalidRequest   what was asked makes no sense: nothing will come of it
│   └── Refused      it is AWS that says so
├── Absent           what was named is not there
├── NotDone          AWS began with what it was told, and has failed
├── NotPermitted     there are no credentials, or they do not suffice
└── Unavailable      AWS cannot be reached or is overloaded; the same again may help
"""

from __future__ import annotations

from typing import Final


class LambdaError(Exception):
    """The message says what was wrong, with what, and what to do."""


class InvalidRequest(LambdaError):
    """Nothing will come of it."""


class Refused(InvalidRequest):
    """AWS says that nothing will come of it."""


class Absent(LambdaError):
    """What was named is not there."""


class NotDone(LambdaError):
    """AWS began with what it was told, and has failed."""


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
_CLOCK: Final = frozenset({"RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"})
_CLOCK_WORDS: Final = ("Signature expired", "Signature not yet current")
"""How a message begins whose code says only that the signature is not good."""

_ABSENT: Final = frozenset({"ResourceNotFoundException", "NoSuchEntity"})
_INVALID: Final = frozenset({"InvalidParameterValueException", "ValidationException"})


def is_of_the_clock(code: str, message: str) -> bool:
    """Whether AWS's clock and ours differ by more minutes than a signature is good for. That may
    pass, and has nothing to do with rights."""
    return code in _CLOCK or message.startswith(_CLOCK_WORDS)


def _advice(message: str) -> str:
    if "assumed" not in message:
        return ""
    return "; it must be there and trust lambda.amazonaws.com (docs/lambda.md, section 2)"


def of_code(code: str, message: str, doing: str) -> LambdaError:
    """What AWS has answered, by its error's code. `doing` begins the message."""
    said = " ".join(f"{code}: {message}".split())
    if is_of_the_clock(code, message):
        return Unavailable(f"{doing}: this machine's clock and AWS's differ; set it right ({said})")
    if code in _DENIED:
        return NotPermitted(
            f"{doing}: AWS does not permit it ({said}); docs/lambda.md says what is"
        )
    if code in _ABSENT:
        return Absent(f"{doing}: it is not there ({said})")
    if code in _INVALID:
        return Refused(f"{doing}: {said}{_advice(message)}")
    return Unavailable(f"{doing}: {said}")
