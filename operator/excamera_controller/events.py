"""Kubernetes events, for `kubectl describe`. One that cannot be written is only logged."""

from __future__ import annotations

import logging
import secrets
from datetime import UTC, datetime
from typing import Final

from excamera_controller.api import Api, ApiError, Object, path_of
from excamera_controller.decision import Event
from excamera_controller.kind import API_VERSION, KIND
from excamera_controller.observed import Stored

MESSAGE_LIMIT: Final = 1024  # the API server's
COMPONENT: Final = "excamera-operator"

_log = logging.getLogger(__name__)


async def post(api: Api, stored: Stored, event: Event, instance: str) -> None:
    """Writes one event about the EncodeJob."""
    log = _log.warning if event.warning else _log.info
    log("%s: %s", event.reason, event.message)
    try:
        body = _body(stored, event, instance)
        await api.create(path_of("v1", "events", stored.namespace), body)
    except ApiError as error:
        _log.info("the event %s is not written: %s", event.reason, error)


def _body(stored: Stored, event: Event, instance: str) -> Object:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": f"{stored.name}.{secrets.token_hex(8)}",
            "namespace": stored.namespace,
        },
        "involvedObject": {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "name": stored.name,
            "namespace": stored.namespace,
            "uid": stored.uid,
        },
        "reason": event.reason.value,
        "message": event.message[:MESSAGE_LIMIT],
        "type": "Warning" if event.warning else "Normal",
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
        "source": {"component": COMPONENT, "host": instance},
        "reportingComponent": COMPONENT,
        "reportingInstance": instance,
    }
