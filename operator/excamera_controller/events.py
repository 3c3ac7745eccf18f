"""Kubernetes events, for `kubectl describe`. One that cannot be written is only logged.

What recurs is counted in the event that has told of it first (`recurrence`).
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Final

from excamera_controller.api import Api, ApiError, NotFound, Object, path_of
from excamera_controller.decision import Event
from excamera_controller.kind import API_VERSION, KIND
from excamera_controller.observed import Stored
from excamera_controller.recurrence import Recurrence, Told

MESSAGE_LIMIT: Final = 1024  # the API server's
COMPONENT: Final = "excamera-operator"

_log = logging.getLogger(__name__)


class Recorder:
    """Writes events about one EncodeJob. instance: who says so."""

    def __init__(self, api: Api, instance: str) -> None:
        self._api = api
        self._instance = instance
        self._recurrence = Recurrence()

    async def post(self, stored: Stored, event: Event) -> None:
        """Never raises."""
        log = _log.warning if event.warning else _log.info
        log("%s: %s", event.reason, event.message)
        told = self._recurrence.again(stored.name, event, datetime.now(UTC))
        if told is None:
            return
        try:
            await self._write(stored, event, told)
        except ApiError as error:
            if told.is_new or isinstance(error, NotFound):  # they are kept for an hour or so
                self._recurrence.forget(told)
            _log.info("the event %s is not written: %s", event.reason, error)

    async def _write(self, stored: Stored, event: Event, told: Told) -> None:
        path = path_of("v1", "events", stored.namespace)
        if told.is_new:
            await self._api.create(path, _body(stored, event, told, self._instance))
        else:
            await self._api.patch(f"{path}/{told.name}", _changes(event, told))


def _changes(event: Event, told: Told) -> Object:
    """What is said last counts."""
    message = f"among others: {event.message}" if told.shared else event.message
    return {
        "message": message[:MESSAGE_LIMIT],
        "count": told.count,
        "lastTimestamp": _time(told.last),
    }


def _body(stored: Stored, event: Event, told: Told, instance: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": told.name, "namespace": stored.namespace},
        "involvedObject": {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "name": stored.name,
            "namespace": stored.namespace,
            "uid": stored.uid,
        },
        "reason": event.reason.value,
        "type": "Warning" if event.warning else "Normal",
        "firstTimestamp": _time(told.since),
        **_changes(event, told),
        "source": {"component": COMPONENT, "host": instance},
        "reportingComponent": COMPONENT,
        "reportingInstance": instance,
    }


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
