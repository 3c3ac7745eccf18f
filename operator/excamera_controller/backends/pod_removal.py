"""Removes what backend Pod has made for an EncodeJob, whoever ran it: found by the job's label.

A Job's Secret goes when the Job goes, which owns it. It is not ours to delete: anybody may put our
label on a Job of their own, and its name need not be that of a Secret of ours.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from excamera_controller.api import Api, ApiError, path_of
from excamera_controller.backends.pod_manifests import UID_LABEL
from excamera_controller.backends.pod_signs import has_ended, name_of

STOP_SECONDS: Final = 20.0

_log = logging.getLogger(__name__)


async def remove(api: Api, namespace: str, uid: str) -> bool:
    """Deletes all Jobs and pods of an EncodeJob. Whether all that could be asked for was.

    Never raises, and takes a bounded time.
    """
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await _remove(api, namespace, f"{UID_LABEL}={uid}")
        return True
    except (ApiError, TimeoutError) as error:
        _log.warning("workers are not all removed: %s", str(error) or "it took too long")
        return False


async def are_gone(api: Api, namespace: str, uid: str) -> bool:
    """Whether no pod of the EncodeJob runs any more. False if that cannot be seen."""
    try:
        pods = await api.list(path_of("v1", "pods", namespace), labelSelector=f"{UID_LABEL}={uid}")
    except ApiError as error:
        _log.warning("whether workers are gone cannot be seen: %s", error)
        return False
    return all(has_ended(pod) for pod in pods)


async def _remove(api: Api, namespace: str, selector: str) -> None:
    jobs = await api.list(path_of("batch/v1", "jobs", namespace), labelSelector=selector)
    names = [job["metadata"]["name"] for job in jobs]
    await asyncio.gather(*(api.delete(path_of("batch/v1", "jobs", namespace, n)) for n in names))
    pods = await api.list(path_of("v1", "pods", namespace), labelSelector=selector)
    left = [name_of(pod) for pod in pods if not has_ended(pod)]
    await asyncio.gather(*(api.delete(path_of("v1", "pods", namespace, name)) for name in left))
