"""Which pods that do not run yet are taken back, since the job may have fewer workers now.

They would keep the room that others wait for. Those that run are mu's to send away, once they have
finished what they do.
"""

from __future__ import annotations

from collections.abc import Collection

from excamera_controller.api import Object
from excamera_controller.backends.pod_signs import has_ended, is_running, job_of, name_of


class Surplus:
    """Those of one EncodeJob. `names`: pods that are to go, or have gone without having run."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._most: int | None = None

    def look(self, pods: Collection[Object], ours: Collection[str], most: int) -> None:
        """The job may have so many workers now. ours: Jobs that its run here has made.

        Of ours, some go when there may be fewer than before: otherwise one that is beyond the
        number takes the place of another that is lost. mu does not count on any that an operator
        before this one has left.
        """
        fewer = most == 0 or (self._most is not None and most < self._most)
        self._most = most
        self.names.difference_update(name_of(pod) for pod in pods if is_running(pod))
        live = [pod for pod in pods if not self._goes(pod)]
        waiting = [pod for pod in live if not is_running(pod)]
        may_go = [pod for pod in waiting if fewer or job_of(pod) not in ours]
        may_go.sort(key=lambda pod: str(pod["metadata"].get("creationTimestamp", "")), reverse=True)
        self.names.update(name_of(pod) for pod in may_go[: max(0, len(live) - most)])

    def _goes(self, pod: Object) -> bool:
        gone = has_ended(pod) or "deletionTimestamp" in pod["metadata"]
        return gone or name_of(pod) in self.names
