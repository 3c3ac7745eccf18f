"""All that a schedule knows, in one place, and the one rule of readiness. Pure."""

from __future__ import annotations

from collections.abc import Collection

from mu.schedule.decisions import Decision
from mu.schedule.ledger import Ledger
from mu.schedule.messages import Messages
from mu.schedule.queue import ReadyQueue
from mu.schedule.roster import Roster
from mu.schedule.settings import ScheduleSettings
from mu.schedule.staffing import Staffing
from mu.schedule.stragglers import Stragglers
from mu.task import TaskGraph


class Books:
    """`decisions` collects what the event at hand leads to; `now` is its time. `open`: there may be
    more tasks than are known, and `asked`: somebody is finding out."""

    def __init__(self, graph: TaskGraph, settings: ScheduleSettings, *, open_: bool) -> None:
        self.graph = graph
        self.settings = settings
        self.open = open_
        self.asked = False
        self.ledger = Ledger(settings)
        self.messages = Messages(graph, self.ledger)
        self.roster = Roster()
        self.queue = ReadyQueue(graph)
        self.stragglers = Stragglers(settings)
        self.staffing = Staffing(settings)
        self.decisions: list[Decision] = []
        self.now = 0.0

    def enter(self, tasks: Collection[str], done: Collection[str], sent: Collection[str]) -> None:
        """Tasks that have come into the graph. done: those that were finished earlier; sent: those
        of them whose messages are still at the rendezvous."""
        self.ledger.add(tasks)
        for task in done:
            self.ledger.finish(task)
        for task in sent:
            self.messages.sent(task)
        for task in tasks:
            self.want_senders(task)
            self.look_at(task)

    def ready(self, task: str) -> bool:
        """Whether the task can be assigned: wanted, not running, and all it waits for in place.

        Producers come before consumers: what a task needs has been sent or is at least assigned.
        """
        entry = self.ledger[task]
        if not entry.wanted or entry.live or entry.not_before > self.now:
            return False
        if entry.restoring or entry.done:
            after: tuple[str, ...] = ()
        else:
            after = self.graph[task].after
        needs = () if entry.restoring else self.graph[task].needs
        return all(self.ledger[name].done for name in after) and all(
            self.messages.can_be_received(name, task) for name in needs
        )

    def look_at(self, task: str) -> None:
        """Something about the task has changed."""
        entry = self.ledger[task]
        if entry.not_before > self.now:
            self.queue.delay(task, entry.not_before)
        elif self.ready(task):
            self.queue.put(task)

    def want_senders(self, recipient: str) -> None:
        """Has the senders restored whose messages `recipient` lacks."""
        for sender in list(self.messages.demand(recipient)):
            self.look_at(sender)
        self.look_at(recipient)
