"""What a pod's status says about its worker: how it ended, or what keeps it from starting. Pure.

Reasons are Kubernetes' own words (OOMKilled, Evicted …) where it has one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from excamera_controller.api import Object
from excamera_controller.backends.pod_manifests import UID_LABEL
from excamera_controller.conditions import Reason
from excamera_controller.observed import Failure, Stored
from mu.backend import WorkerExit

ENDED: Final = ("Succeeded", "Failed")

IMAGE_REASONS: Final = {
    "ErrImagePull",
    "ImagePullBackOff",
    "ErrImageNeverPull",
    "InvalidImageName",
    "ImageInspectError",
    "RegistryUnavailable",
}
NEVER_PULLED: Final = {"ErrImageNeverPull", "InvalidImageName"}
CONTAINER_REASONS: Final = {
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
}
DISRUPTIONS: Final = {
    "PreemptionByScheduler": "Preempted",
    "EvictionByEvictionAPI": "Evicted",
    "TerminationByKubelet": "Evicted",
    "DeletionByTaintManager": "NodeLost",
    "DeletionByPodGC": "NodeLost",
}
DISRUPTED: Final = "Disrupted"
DELETED: Final = "Deleted"
COMPLETED: Final = "Completed"
ERROR: Final = "Error"
OUTCOMES: Final = {"NodeLost": "NodeLost", "Evicted": "Evicted", "Preempting": "Preempted"}
ENDS: Final = (*dict.fromkeys(DISRUPTIONS.values()), DISRUPTED, DELETED, ERROR, "OOMKilled")
"""How workers are mostly lost."""
MESSAGE_LIMIT: Final = 500


@dataclass(frozen=True, slots=True)
class Trouble:
    """What keeps a worker from starting; final if waiting will not help."""

    failure: Failure
    final: bool = False


def name_of(pod: Object) -> str:
    return str(pod["metadata"]["name"])


def job_of(pod: Object) -> str:
    """The name of the Job that made it."""
    labels = pod["metadata"].get("labels") or {}
    return str(labels.get("batch.kubernetes.io/job-name", ""))


def is_worker_of(pod: Object, job: Stored) -> bool:
    """Whether the pod can be a worker of the EncodeJob. Anybody may write our labels on a pod of
    their own: what counts is that it lies in the job's namespace, and that a Job has made it."""
    metadata = pod["metadata"]
    if metadata.get("namespace") != job.namespace or uid_of(pod) != job.uid:
        return False
    name = job_of(pod)
    return name.startswith(f"{job.name}-") and any(
        owner.get("controller")
        and (owner.get("apiVersion"), owner.get("kind"), owner.get("name"))
        == ("batch/v1", "Job", name)
        for owner in metadata.get("ownerReferences") or ()
    )


def uid_of(pod: Object) -> str:
    """The uid of the EncodeJob that it says it works for."""
    return str((pod["metadata"].get("labels") or {}).get(UID_LABEL, ""))


def has_ended(pod: Object) -> bool:
    """Whether its containers have ended for good."""
    return (pod.get("status") or {}).get("phase") in ENDED


def is_running(pod: Object) -> bool:
    return (pod.get("status") or {}).get("phase") == "Running"


def end_of(pod: Object, *, deleted: bool = False) -> WorkerExit | None:
    """How the worker ended; None if it has not."""
    status = pod.get("status") or {}
    if not deleted and not has_ended(pod):
        return None
    asked = deleted or "deletionTimestamp" in pod["metadata"]
    reason = _disruption(status) or OUTCOMES.get(status.get("reason", "")) or _container_end(status)
    if asked and reason in (None, COMPLETED):  # it has obeyed
        reason = DELETED
    if reason is None:
        reason = str(status.get("reason") or status.get("phase"))
    return WorkerExit(name_of(pod), reason, _message(pod, reason))


def trouble_of(pod: Object) -> Trouble | None:
    """What keeps the pod from starting; None if nothing does."""
    status = pod.get("status") or {}
    for container in status.get("containerStatuses") or ():
        waiting = (container.get("state") or {}).get("waiting") or {}
        found = _waiting(container.get("image", ""), waiting)
        if found is not None:
            return found
    for condition in status.get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("reason") == "Unschedulable":
            message = f"no node takes worker pods: {_short(condition.get('message', ''))}"
            return Trouble(Failure(Reason.UNSCHEDULABLE, message))
    return None


def _waiting(image: str, waiting: Object) -> Trouble | None:
    reason, said = waiting.get("reason", ""), _short(waiting.get("message", ""))
    if reason in IMAGE_REASONS:
        message = (
            f"the worker image {image} cannot be pulled ({reason}: {said});"
            " check image.repository, image.tag and image.pullSecrets of the chart"
        )
        return Trouble(Failure(Reason.IMAGE_UNPULLABLE, message), reason in NEVER_PULLED)
    if reason in CONTAINER_REASONS:
        message = f"worker pods do not start ({reason}: {said})"
        return Trouble(Failure(Reason.WORKERS_NOT_STARTING, message))
    return None


def _disruption(status: Object) -> str | None:
    for condition in status.get("conditions") or ():
        if condition.get("type") == "DisruptionTarget" and condition.get("status") == "True":
            return DISRUPTIONS.get(condition.get("reason", ""), DISRUPTED)
    return None


def _container_end(status: Object) -> str | None:
    for container in status.get("containerStatuses") or ():
        ended = (container.get("state") or {}).get("terminated")
        if ended:
            return str(ended.get("reason") or ERROR)
    return None


def _message(pod: Object, reason: str) -> str:
    status = pod.get("status") or {}
    said = str(status.get("message") or "")
    for container in status.get("containerStatuses") or ():
        ended = (container.get("state") or {}).get("terminated") or {}
        said = said or str(ended.get("message") or "")
        if ended.get("exitCode"):
            said = f"exit status {ended['exitCode']}{': ' + said if said else ''}"
    return f"pod {name_of(pod)}: {reason}{', ' + _short(said) if said else ''}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MESSAGE_LIMIT else f"{line[:MESSAGE_LIMIT]}…"
