"""Where workers come from: the protocol that every backend keeps.

A backend starts workers and stops them; what workers do is none of its business. It is made for one
run. One that learns of its workers' ends at once (local processes, pods) reports them, which is
faster than waiting for heartbeats; one that cannot says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mu.invitation import Invitation


@dataclass(frozen=True, slots=True)
class WorkerExit:
    """A worker has ended. reason: one of a few words (`killed`, `exited`, `out_of_memory`, …);
    message: for people, with the last thing that it said. withdrawn: it came to nothing by nobody's
    fault, as it may not be had now or any more, and does not count as tried. in_vain: all that has
    ended is its launch, as far as its backend knows; a worker that is here all the same lives on.
    """

    worker: str
    reason: str
    message: str = ""
    withdrawn: bool = False
    in_vain: bool = False


Report = Callable[[WorkerExit], None]


class Backend(Protocol):
    @property
    def name(self) -> str:
        """`local`, `pod`, `knative` or `lambda`."""
        ...

    def watch(self, report: Report) -> None:
        """Called once, before the first start: ends of workers are to be told to `report`, in the
        event loop. Workers that are reported must have been invited under a name of their own."""
        ...

    async def start(self, count: int, invitation: Invitation) -> None:
        """Has `count` more workers started, and returns without waiting for them.

        Raises BackendError if they cannot be: permanent, when it will never be possible; passing,
        when it is only a matter of time.
        """
        ...

    async def stop(self) -> None:
        """Ends all workers that are left. Returns when nothing of them remains. Never raises."""
        ...
