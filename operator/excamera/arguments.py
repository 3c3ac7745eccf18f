"""Arguments of commands: what is wrong with them is said in one line, like everything else."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, NoReturn, TypeAlias, TypeVar

from excamera.ranges import Range

Commands: TypeAlias = "argparse._SubParsersAction[Parser]"
"""What sub-commands are added to."""


class Help(argparse.HelpFormatter):
    """Descriptions of one line are wrapped; a table stays as it is written."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text.rstrip():
            return "".join(indent + line for line in text.splitlines(keepends=True))
        return super()._fill_text(text, width, indent)


class Parser(argparse.ArgumentParser):
    """Sub-commands have parsers of the same class. Options have one name each: what were an
    abbreviation today might be another option's name tomorrow."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **{"formatter_class": Help, **options})
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
        self.exit(2, f"{self.prog}: {self.explained(message)}; see {self.prog} --help\n")

    def explained(self, message: str) -> str:
        """What argparse complains of, or the cause of that."""
        strange = tuple(self._strange())
        options = [name for name, _, value in strange if "." not in name and not value]
        if options:  # whatever else is wrong may well be so because of it
            message = f"no option {options[0]!r}{self._meant(options[0])}"
        files = (word for name, word, _ in strange if "." in name)
        hint = "".join(f"; a name that begins with a dash is written ./{name}" for name in files)
        return f"{message}{hint}"

    def _strange(self) -> Iterator[tuple[str, str, bool]]:
        """What was taken for an option, as it has a dash, and is none: its name, all of it, and
        whether it may have been meant as the value of the option before it."""
        known = self._option_string_actions
        for before, word in pairwise(("", *self._given)):
            if word == "--" or (self._subparsers and not word.startswith("-")):
                return  # what follows are names, or another parser's
            name = word.partition("=")[0]
            named = name in known or (word[:2] in known and before not in known)
            if word.startswith("-") and word != "-" and not named and not _is_number(word):
                yield name, word, before in known and known[before].nargs != 0

    def _meant(self, name: str) -> str:
        """The option that begins like this, or else is written much like it."""
        long = [known for known in self._option_string_actions if known.startswith("--")]
        begins = [known for known in long if known.startswith(name)]
        likely = begins or get_close_matches(name, long, n=1)
        return f" (did you mean {likely[0]}?)" if likely else ""


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
