"""What the worker has answered in each attempt that it still holds. Pure.

The journal makes the coordinator's memory dispensable: handed over in the Hello, and replayed
through the machine of the attempt, it puts a coordinator that was restarted where the lost one
was. It also makes calls idempotent: a call that comes again (because its reply was lost with the
connection) is answered from the journal, and one that is still running is not started twice.

An attempt is held from its first call until it is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from excamera_proto import mu_pb2


class Attempt(NamedTuple):
    """One try of one task, as a key."""

    task: str
    number: int

    @classmethod
    def of(cls, message: mu_pb2.Attempt) -> Attempt:
        return cls(message.task, message.number)

    @property
    def message(self) -> mu_pb2.Attempt:
        return mu_pb2.Attempt(task=self.task, number=self.number)

    def __str__(self) -> str:
        return f"{self.task}#{self.number}"


@dataclass(slots=True)
class _Entry:
    running: set[int] = field(default_factory=set)
    replies: dict[int, mu_pb2.Reply] = field(default_factory=dict)  # in the order of answering


class Journal:
    """Invariant: of an attempt, no id is both running and answered."""

    def __init__(self) -> None:
        self._entries: dict[Attempt, _Entry] = {}

    def begin(self, attempt: Attempt, call: int) -> bool:
        """Note that `call` is to be carried out; False if it is running or answered already."""
        entry = self._entries.setdefault(attempt, _Entry())
        if call in entry.running or call in entry.replies:
            return False
        entry.running.add(call)
        return True

    def answered(self, attempt: Attempt, call: int) -> mu_pb2.Reply | None:
        entry = self._entries.get(attempt)
        return entry.replies.get(call) if entry else None

    def answer(self, reply: mu_pb2.Reply) -> bool:
        """Note the reply to a running call; False if nobody waits for it any more."""
        entry = self._entries.get(Attempt.of(reply.attempt))
        if entry is None or reply.id not in entry.running:
            return False
        entry.running.remove(reply.id)
        entry.replies[reply.id] = reply
        return True

    def forget(self, attempt: Attempt) -> None:
        self._entries.pop(attempt, None)

    def messages(self) -> Iterator[mu_pb2.Journal]:
        """One for every attempt that is held, those without a reply yet included."""
        for attempt, entry in self._entries.items():
            yield mu_pb2.Journal(attempt=attempt.message, replies=entry.replies.values())
