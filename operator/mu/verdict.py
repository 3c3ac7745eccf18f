"""Whether a reply lets its machine go on, and if not, whether another attempt could help.

A *retryable* failure costs the attempt: a lost connection, a crash, a time-out, a full disk may go
better elsewhere. A *permanent* one would come out the same on any worker, so it fails the task at
once instead of burning its attempts. Commands are deterministic, so which is which follows from the
reply and from what the pipeline says of its programs' exit statuses.

A transfer that the store does not permit is *repeated* once: the worker's leave for it (see
`grants`) may have run out, and the same call again comes with a new one. Twice is permanent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mu.commands import Command, Failure, FailureKind, Ran, Receive, Reply, Retrieve, Upload
from mu.plain import plain


class Verdict(StrEnum):
    ACCEPT = "accept"
    RETRY = "retry"
    REPEAT = "repeat"
    PERMANENT = "permanent"


Classifier = Callable[[Reply], Verdict | None]
Expectation = Callable[[Reply], bool]

PERMANENT_KINDS: Final = frozenset(
    {FailureKind.NOT_FOUND, FailureKind.DENIED, FailureKind.CONFLICT, FailureKind.INVALID}
)


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms an exchange accepts its reply.

    allowed_statuses: exit statuses of Run that are fine. permanent_statuses: those that no other
    attempt would better. tolerated: failures that the machine itself deals with, as `memory.last`.
    expect: must hold of an accepted reply, else the attempt is lost. classify: asked first; None
    leaves it to the rules above.
    """

    allowed_statuses: frozenset[int] = frozenset({0})
    permanent_statuses: frozenset[int] = frozenset()
    tolerated: frozenset[FailureKind] = frozenset()
    expect: Expectation | None = None
    classify: Classifier | None = None

    def verdict(self, command: Command, reply: Reply) -> Verdict:
        verdict = self.classify(reply) if self.classify is not None else None
        if verdict is None:
            verdict = self._by_rule(command, reply)
        if verdict is Verdict.ACCEPT and self.expect is not None and not self.expect(reply):
            return Verdict.RETRY
        return verdict

    def _by_rule(self, command: Command, reply: Reply) -> Verdict:
        match reply:
            case Failure(kind):
                return self._of_failure(command, kind)
            case Ran(exit_status=status) if status not in self.allowed_statuses:
                permanent = status in self.permanent_statuses
                return Verdict.PERMANENT if permanent else Verdict.RETRY
            case _:
                return Verdict.ACCEPT

    def _of_failure(self, command: Command, kind: FailureKind) -> Verdict:
        if kind in self.tolerated:
            return Verdict.ACCEPT
        if isinstance(command, Receive) and kind is FailureKind.NOT_FOUND:
            return Verdict.RETRY  # the job's mailboxes were dropped; they may be made again
        if isinstance(command, Retrieve | Upload) and kind is FailureKind.DENIED:
            return Verdict.REPEAT
        return Verdict.PERMANENT if kind in PERMANENT_KINDS else Verdict.RETRY


def reason(reply: Reply) -> str:
    """Why a reply was not accepted, as one of a few words: a label value."""
    match reply:
        case Failure(kind):
            return kind.value
        case Ran(exit_status=status):
            return "signal" if status < 0 else "exit_status" if status else "unexpected"
        case _:
            return "unexpected"


def explanation(reply: Reply) -> str:
    """Why a reply was not accepted, for people."""
    match reply:
        case Failure(kind, message):
            return plain(message) or kind.value.replace("_", " ")
        case Ran(exit_status=status) if status:
            how = f"ended by signal {-status}" if status < 0 else f"exit status {status}"
            return f"{how}: {plain(reply.last_line)}" if reply.last_line else how
        case _:
            return plain(f"the reply is not as expected: {reply}", 500)
