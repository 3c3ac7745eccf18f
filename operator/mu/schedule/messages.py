"""Which messages the rendezvous holds, and which must be sent again. Pure.

A message goes from a task to one that needs it. It is held from when its sender is done until its
recipient is, or until the rendezvous loses it. A finished task is wanted again when a consumer that
has yet to run by its own machine lacks the message: first by its restore machine, which needs
nothing, and if there is none or it has failed for good, by its own machine, which may in turn need
messages of finished tasks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from mu.schedule.ledger import Ledger
from mu.task import TaskGraph


class Messages:
    """Edges (sender, recipient) whose message is held."""

    def __init__(self, graph: TaskGraph, ledger: Ledger) -> None:
        self._graph = graph
        self._ledger = ledger
        self._held: set[tuple[str, str]] = set()

    def can_be_received(self, sender: str, recipient: str) -> bool:
        """Whether the message is there, or an attempt that will send it has been assigned."""
        return (sender, recipient) in self._held or bool(self._ledger[sender].live)

    def sent(self, sender: str) -> None:
        """Its messages are held, for those that still wait for them."""
        recipients = self._graph.consumers[sender]
        self._held.update((sender, name) for name in recipients if self._receives(name))

    def released(self, recipient: str) -> None:
        """It has finished; nobody needs its messages."""
        self._held.difference_update((name, recipient) for name in self._graph[recipient].needs)

    def lost(self, partitions: Collection[str]) -> None:
        """All messages of these partitions are gone."""
        self._held = {
            edge for edge in self._held if self._graph[edge[0]].partition not in partitions
        }

    def demand(self, recipient: str) -> Iterator[str]:
        """Has finished tasks restored as far as `recipient` needs it; the newly wanted ones."""
        if not self._receives(recipient):
            return
        for sender in self._graph[recipient].needs:
            entry = self._ledger[sender]
            if entry.done and not entry.wanted and (sender, recipient) not in self._held:
                by_restore = self._graph[sender].restore is not None and not entry.restore_failed
                self._ledger.want(sender, restoring=by_restore)
                yield sender
                yield from self.demand(sender)

    def superfluous(self, recipient: str) -> Iterator[str]:
        """Tasks being restored that nobody needs, now that `recipient` receives no more."""
        for sender in self._graph[recipient].needs:
            entry = self._ledger[sender]
            if entry.done and entry.wanted and not self.demanded(sender):
                yield sender

    def demanded(self, sender: str) -> bool:
        """Whether anyone lacks a message of `sender`."""
        recipients: Iterable[str] = self._graph.consumers[sender]
        return any(self._receives(name) and (sender, name) not in self._held for name in recipients)

    def _receives(self, recipient: str) -> bool:
        """Whether it has yet to finish a run of its own machine."""
        entry = self._ledger[recipient]
        return entry.wanted and not entry.restoring
