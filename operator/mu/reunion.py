"""Attempts that workers bring (back) when they connect: which are of use, and where they are now.

A worker hands over the journals of what it holds. Each is replayed from the beginning, on the table
of the attempt's task, so that it does not matter what this coordinator had known of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

from excamera_proto import mu_pb2 as pb
from mu.activity import Activity, belonging
from mu.errors import IllegalEvent, WireError
from mu.replay import replay
from mu.schedule import Schedule
from mu.schedule import events as e
from mu.table import Table
from mu.task import Attempt
from mu.task_tables import TaskTables
from mu.wire import reply_from_wire

Journal: TypeAlias = tuple[Attempt, Sequence[pb.Reply]]
Begin: TypeAlias = Callable[[Attempt, str, Table, float | None], Activity]

_log = logging.getLogger(__name__)


class Reunion:
    """facts, activities: the run's, as they are at the time. begin: makes an activity of an attempt
    on a worker, with the time at which it began, None if that was under an earlier coordinator."""

    def __init__(
        self,
        schedule: Schedule,
        tables: TaskTables,
        facts: Collection[str],
        activities: Mapping[Attempt, Activity],
        begin: Begin,
    ) -> None:
        self._schedule = schedule
        self._tables = tables
        self._facts = facts
        self._activities = activities
        self._begin = begin
        self._arriving: dict[Attempt, Activity] = {}

    def compared(
        self, worker: str, journals: Iterable[Journal]
    ) -> tuple[tuple[e.Held, ...], tuple[Attempt, ...]]:
        """What the worker holds of use, and those attempts that are of none."""
        self._arriving.clear()
        held, useless = [], []
        for attempt, journal in journals:
            activity = self._replayed(worker, attempt, journal)
            if activity is None:
                useless.append(attempt)
            else:
                held.append(_held(activity))
        brought = {one.attempt for one in held}
        for activity in belonging(self._activities.values(), worker):
            # Its first calls may not have arrived; then there is no journal to be had.
            if activity.attempt not in brought and activity.replies == 0:
                held.append(_held(activity))
        return tuple(held), tuple(useless)

    def taken(self, attempt: Attempt) -> Activity:
        """One that `compared` has found, and that is to go on here."""
        return self._arriving.pop(attempt)

    def over(self) -> None:
        """What was not taken is forgotten."""
        self._arriving.clear()

    def _replayed(
        self, worker: str, attempt: Attempt, journal: Iterable[pb.Reply]
    ) -> Activity | None:
        """The attempt's activity at the journal's end; None if the attempt is of no use."""
        if attempt.task not in self._schedule.graph:
            return None
        holder = self._schedule.holder(attempt)
        if holder not in (None, worker):
            return None
        restoring = self._schedule.restoring(attempt)
        activity = self._activities.get(attempt) if holder else None
        try:
            if activity is None:
                table = self._tables.of(attempt.task, restoring=restoring)
                activity = self._begin(attempt, worker, table, None)
            replies = [reply_from_wire(reply) for reply in journal]
            position, _ = replay(activity.table, replies, self._facts)
        except (IllegalEvent, WireError) as error:
            _log.warning("%s cannot be taken up again: %s", attempt, error)
            return None
        except Exception:
            _log.exception("%s cannot be taken up again: its pipeline raised", attempt)
            return None
        activity.put_back(position, len(replies))
        self._arriving[attempt] = activity
        return activity


def _held(activity: Activity) -> e.Held:
    position = activity.position
    return e.Held(activity.attempt, position.has_sent(activity.table), position.blocked)
