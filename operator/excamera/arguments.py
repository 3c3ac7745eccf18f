"""Arguments of commands: what is wrong with them is said in one line, like everything else."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NoReturn, TypeAlias, TypeVar

from excamera.ranges import Range

Commands: TypeAlias = "argparse._SubParsersAction[Parser]"
"""What sub-commands are added to."""


class Parser(argparse.ArgumentParser):
    """Sub-commands have parsers of the same class. Options have one name each: what were an
    abbreviation today might be another option's name tomorrow."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)
        self._given: Sequence[str] = ()

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Leaves none over: of what it does not know, a sub-command itself complains."""
        self._given = sys.argv[1:] if args is None else args
        known, unknown = super().parse_known_args(self._given, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return known, unknown

    def error(self, message: str) -> NoReturn:
        """Ends the process with status 2; the usage is a `--help` away."""
        hint = "".join(
            f"; a name that begins with a dash is written ./{name}" for name in self._dashed()
        )
        self.exit(2, f"{self.prog}: {message}{hint}; see {self.prog} --help\n")

    def _dashed(self) -> Iterator[str]:
        """What looks like the name of a file and was taken for an option, as it has a dash."""
        known = self._option_string_actions
        for before, word in pairwise(("", *self._given)):
            name = word.partition("=")[0]
            named = name in known or (word[:2] in known and before not in known)
            if word.startswith("-") and "." in name and not named and not _is_number(word):
                yield word


def whole(among: Range, word: str = "") -> Callable[[str], int | str]:
    """A type of arguments, as argparse takes it: a whole number, or this word."""
    wanted = f"a whole number from {among}" + (f", or {word}" if word else "")

    def read(text: str) -> int | str:
        return word if word and text == word else _within(among, int, text, wanted)

    return read


def decimal(among: Range) -> Callable[[str], float]:
    """The same for a number that need not be whole."""
    return lambda text: _within(among, float, text, f"a number from {among}")


Number = TypeVar("Number", int, float)


def _within(among: Range, kind: Callable[[str], Number], text: str, wanted: str) -> Number:
    try:
        value = kind(text)
        if value in among:
            return value
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"must be {wanted}, not {text!r}")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
