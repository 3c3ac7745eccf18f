"""From JSON that somebody else may have written to values; what is wrong is `BadInput`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from excamera_media.errors import BadInput

LARGEST = 1 << 65
"""Of a number, either way: timestamps have 64 bits, and their differences one more."""


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Around the reading of `what`, which can be made again."""
    try:
        yield
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        said = " ".join(str(error).split())[:200]
        raise BadInput(f"not {what}: {said}; make it again") from error


def whole(value: object, least: int = -LARGEST, most: int = LARGEST) -> int:
    """The same, if it is a whole number within these bounds."""
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{str(value)[:40]!r} is no whole number from {least} to {most}")
    return value


def wholes(values: Sequence[object]) -> list[int]:
    return [whole(value) for value in values]


def ratio(values: Sequence[object], least: int = 1) -> tuple[int, int]:
    """Numerator and denominator; the numerator is at least `least`."""
    numerator, denominator = values
    return whole(numerator, least), whole(denominator, 1)


def one_of(value: object, choices: Sequence[str]) -> str:
    """The same, if it is among these."""
    if value not in choices:
        raise ValueError(f"{str(value)[:40]!r} is none of {', '.join(choices)}")
    return str(value)


def text(value: object) -> str:
    """The same, if it is a text that can be written down as UTF-8."""
    if not isinstance(value, str):
        raise TypeError(f"{str(value)[:40]!r} is no text")
    value.encode()
    return value
