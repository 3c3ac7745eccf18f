"""What keeps pods from being made at all, such as a quota. Only the Job controller's events say."""

from __future__ import annotations

from collections.abc import Container

from excamera_controller.api import Api, Object, path_of
from excamera_controller.backends.pod_starts import quota_exceeded
from excamera_controller.conditions import Reason
from excamera_controller.observed import Failure


async def complaint(api: Api, namespace: str, jobs: Container[str]) -> Failure | None:
    """The latest about one of these Jobs. Raises ApiError."""
    events = await api.list(
        path_of("v1", "events", namespace),
        fieldSelector="involvedObject.kind=Job,reason=FailedCreate",
    )
    ours = [event for event in events if event["involvedObject"].get("name") in jobs]
    if not ours:
        return None
    said = str(max(ours, key=_last_seen).get("message", ""))
    if "quota" in said:
        return quota_exceeded(said)
    return Failure(Reason.WORKERS_NOT_STARTING, f"worker pods cannot be created: {said}")


def _last_seen(event: Object) -> str:
    when = event.get("lastTimestamp") or event.get("eventTime")
    return str(when or event["metadata"].get("creationTimestamp") or "")
