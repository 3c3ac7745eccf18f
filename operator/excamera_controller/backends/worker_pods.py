"""All pods that are labelled as workers, as they were last seen.

The watch tells of each. What it misses while it is broken (above all, that a pod is gone) a listing
makes good.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from excamera_controller.api import Api, Object, path_of, version_of
from excamera_controller.backends.pod_manifests import UID_LABEL
from excamera_controller.backends.pod_signs import is_worker_of, uid_of
from excamera_controller.observed import Stored


class WorkerPods:
    """None that is gone is kept."""

    def __init__(self) -> None:
        self._pods: dict[str, dict[str, Object]] = defaultdict(dict)  # by uids: job's, own
        self._gone: set[str] = set()  # since the listing began

    def of(self, job: Stored) -> tuple[Object, ...]:
        """Those that work for the EncodeJob."""
        pods = self._pods.get(job.uid, {}).values()
        return tuple(pod for pod in pods if is_worker_of(pod, job))

    def note(self, pod: Object, gone: bool) -> None:
        """It is as given, or is gone."""
        job, uid = uid_of(pod), pod["metadata"]["uid"]
        if not gone:
            self._pods[job][uid] = pod
            return
        self._gone.add(uid)
        self._pods[job].pop(uid, None)
        if not self._pods[job]:
            del self._pods[job]

    async def missed(self, api: Api, namespaces: Sequence[str]) -> list[tuple[Object, bool]]:
        """What there is to be noted, as a listing shows: pods, and whether each is gone.

        namespaces: none for all. Raises ApiError.
        """
        before = self._all()
        self._gone.clear()
        lists = await asyncio.gather(
            *(
                api.list(path_of("v1", "pods", namespace), labelSelector=UID_LABEL)
                for namespace in namespaces or ("",)
            )
        )
        listed = {pod["metadata"]["uid"]: pod for pods in lists for pod in pods}
        known = self._all()
        news = [
            (pod, False)
            for uid, pod in listed.items()
            if uid not in self._gone
            and (uid not in known or version_of(pod) > version_of(known[uid]))
        ]
        return news + [(known[uid], True) for uid in before if uid in known and uid not in listed]

    def _all(self) -> dict[str, Object]:
        """By their own uids."""
        return {uid: pod for pods in self._pods.values() for uid, pod in pods.items()}
