"""What to do about a trouble, for whoever reads it in an EncodeJob's status. Pure.

Fields of the job are named by their path, settings of the installation as the chart's values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from excamera.job import DEFAULT_BACKOFF_LIMIT
from excamera_controller.observed import Stored

OUT_OF_MEMORY: Final = "OOMKilled"
STARVED: Final = (OUT_OF_MEMORY, "memory limit is reached", "signal 9")
"""What is said of attempts that more memory may help. A program that meets its own bound, which no
setting raises, says none of these."""

CREATE_AGAIN: Final = "to try again, delete this EncodeJob and create it anew"
MORE_MEMORY_FOR_OPERATOR: Final = (
    "if the operator is short of memory, raise operator.resources.limits.memory of the chart"
)
THEN_RESTART: Final = "; then suspend and resume the job"


def access(job: Stored) -> str:
    """Where the job's endpoint and credentials come from."""
    name = _secret(job)
    if name:
        return f"endpoint and credentials are those of Secret {name} (spec.storage.secretRef)"
    return (
        "spec.storage.secretRef names no Secret, so the operator's service account must have rights"
        " in the store"
    )


def no_credentials(job: Stored) -> str:
    """What to do where none were found."""
    if _secret(job):
        return access(job)
    return (
        f"make a Secret in namespace {job.namespace} with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY"
        " and, unless the store is AWS's own, AWS_ENDPOINT_URL, and name it in"
        " spec.storage.secretRef; or tie a role to the operator's service account"
    )


def backoff_limit(job: Stored) -> str:
    """What has been reached."""
    return f"spec.backoffLimit is {job.spec.get('backoffLimit', DEFAULT_BACKOFF_LIMIT)}"


def is_starved(message: str) -> bool:
    """Whether an attempt that was lost like this may have been short of memory."""
    return any(sign in message for sign in STARVED)


def more_memory(job: Stored, default: Mapping[str, Any]) -> str:
    """How workers get more. default: the resources of a pod whose job names none."""
    match _workers(job).get("backend", "Pod"):
        case "Pod":
            return _more_for_pods(job, default)
        case "Knative":
            return "raise workers.knative.resources.limits.memory of the chart"
        case _:
            return "give the function more memory: `excamera lambda deploy`"


def _more_for_pods(job: Stored, default: Mapping[str, Any]) -> str:
    own = _workers(job).get("resources")
    limit = ((own or default).get("limits") or {}).get("memory")
    if limit is None:
        field = "spec.workers.resources.requests.memory"
        return f"set {field}, since their nodes are short of memory{THEN_RESTART}"
    whose = "" if own else " by the chart's workers.resources"
    return f"raise spec.workers.resources.limits.memory, now {limit}{whose}{THEN_RESTART}"


def _secret(job: Stored) -> str:
    return str(((job.spec.get("storage") or {}).get("secretRef") or {}).get("name", ""))


def _workers(job: Stored) -> Mapping[str, Any]:
    return job.spec.get("workers") or {}
