"""What a worker knows of a program that it has started, whoever carries it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended, and what it used.

    exit_status: negative when a signal ended it. peak_memory_bytes: resident.
    """

    exit_status: int
    user_seconds: float
    system_seconds: float
    peak_memory_bytes: int


class Running(Protocol):
    """A run of a program."""

    @property
    def outputs(self) -> tuple[IO[bytes], ...]:
        """The pipes that it writes to: standard output, if that goes nowhere else, and error."""
        ...

    async def wait(self) -> Ended:
        """How it ended. Cancelling stops the waiting, not the program."""
        ...

    def kill(self) -> None:
        """End it now, and all that it has started; nothing happens if it has ended."""
        ...


class Start(Protocol):
    """Starts programs."""

    def __call__(
        self,
        argv: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        stdout: int,
        memory_bytes: int,
    ) -> Running:
        """argv: the path of the program comes first. folder: to run in. stdout: a descriptor, or
        subprocess.PIPE. memory_bytes: of address space, 0 for any. OSError if it cannot be
        started."""
        ...
