"""The vocabulary of remote calls: what a coordinator asks of a worker, and what comes back.

Each command has one reply type; a command that could not be carried out is answered with a Failure
instead. A program that ran and ended, with whatever exit status, has been carried out. These values
mirror `mu.proto`; relative file names are those of the attempt's scratch folder.

    Set, Get, Echo                      -> Value
    Retrieve, Upload, Send, Receive     -> Transferred
    Run                                 -> Ran
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

DEFAULT_RUN_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class Set:
    """Keep a value under a name on the worker, for as long as the attempt lasts."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Get:
    """The value that was Set under `name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Retrieve:
    """Object store -> scratch file."""

    url: str
    file: str


@dataclass(frozen=True, slots=True)
class Upload:
    """Scratch file -> object store, published atomically."""

    file: str
    url: str


@dataclass(frozen=True, slots=True)
class Run:
    """A program of the worker's image; never seen by a shell.

    timeout: seconds. memory: address-space limit in bytes, 0 for none. stdout: the scratch file
    that takes standard output; empty: its end is kept in the reply. reads: URLs of the objects
    that the program reads itself, which it needs leave for.
    """

    argv: tuple[str, ...]
    timeout: float = DEFAULT_RUN_SECONDS
    memory: int = 0
    stdout: str = ""
    reads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Send:
    """Scratch file -> mailbox (recipient, name) of the rendezvous.

    With `pipe`, the file is a named pipe, which a program writes that is begun after this call: the
    message goes while it is written. It is whole once all programs that run beside it have ended
    with status 0 and all messages that they read from pipes have been received; if not, the
    recipient waits for another attempt.
    """

    file: str
    recipient: str
    name: str
    pipe: bool = False


@dataclass(frozen=True, slots=True)
class Receive:
    """Mailbox (recipient, name) -> scratch file; waits until the message is there.

    With `pipe`, the file is a named pipe, so that a program that is already running reads the
    message while it arrives.
    """

    recipient: str
    name: str
    file: str
    pipe: bool = False


@dataclass(frozen=True, slots=True)
class Echo:
    """Comes back as it is."""

    text: str = ""


Command = Set | Get | Retrieve | Upload | Run | Send | Receive | Echo


@dataclass(frozen=True, slots=True)
class Value:
    """To Set, Get and Echo."""

    text: str


@dataclass(frozen=True, slots=True)
class Transferred:
    """To Retrieve, Upload, Send and Receive. digest: BLAKE2b-256, hexadecimal."""

    bytes: int
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Ran:
    """To Run. exit_status: negative when a signal ended it; texts are bounded, the end is kept."""

    exit_status: int
    stdout: str = ""
    stderr: str = ""
    user_seconds: float = 0.0
    system_seconds: float = 0.0
    peak_memory_bytes: int = 0

    @property
    def last_line(self) -> str:
        """The last line of standard error that says something."""
        lines = [line.strip() for line in self.stderr.splitlines()]
        return next((line for line in reversed(lines) if line), "")


class FailureKind(StrEnum):
    """Why a command could not be carried out; also a label value of metrics."""

    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    DISK_FULL = "disk_full"
    NOT_FOUND = "not_found"
    DENIED = "denied"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"
    CONFLICT = "conflict"
    INVALID = "invalid"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Failure:
    """To any command."""

    kind: FailureKind
    message: str = ""


Reply = Value | Transferred | Ran | Failure

REPLY_OF: Final[dict[type[Command], type[Reply]]] = {
    Set: Value,
    Get: Value,
    Echo: Value,
    Retrieve: Transferred,
    Upload: Transferred,
    Send: Transferred,
    Receive: Transferred,
    Run: Ran,
}


def answers(reply: Reply, command: Command) -> bool:
    """Whether `reply` is of the one type that `command` has, or a Failure."""
    return isinstance(reply, (REPLY_OF[type(command)], Failure))
