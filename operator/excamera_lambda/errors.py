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

import re
from html import unescape
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


_WORDLESS: Final = re.compile(
    r"<!--.*?(-->|$)|<(style|script)\b.*?(</\2\s*>|$)|<[^>]*(>|$)", re.DOTALL | re.IGNORECASE
)
"""What of a page of HTML is not to be read."""

LONGEST: Final = 1000
OF_A_PAGE: Final = 200
"""Characters that are passed on. AWS's own words have a use, to their end."""


def _readable(message: str) -> str:
    """One line of plain text. What stands between us and AWS may answer with a page of HTML."""
    if not message.lstrip().startswith("<"):
        return _shortened(message, LONGEST)
    return _shortened(unescape(_WORDLESS.sub(" ", message)), OF_A_PAGE) or "a page without words"


def _shortened(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most]}…"


def of_code(code: str, message: str, doing: str) -> LambdaError:
    """What AWS has answered, by its error's code. `doing` begins the message."""
    said = f"{code}: {_readable(message)}"
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
