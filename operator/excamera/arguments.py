"""Arguments of commands: what is wrong with them is said in one line, like everything else."""

from __future__ import annotations

import argparse
from typing import NoReturn, TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[Parser]"
"""What sub-commands are added to."""


class Parser(argparse.ArgumentParser):
    """Sub-commands have parsers of the same class."""

    def error(self, message: str) -> NoReturn:
        """Ends the process with status 2; the usage is a `--help` away."""
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def whole(text: str) -> int:
    """A type of arguments, as argparse takes it."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a whole number: {text!r}") from None
