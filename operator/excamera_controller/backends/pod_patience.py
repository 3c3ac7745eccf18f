"""How long to put up with what keeps workers from starting. Pure.

A full cluster or a quota is waited for. An image that cannot be pulled, or a container that cannot
be made, is not for long: each pod has its own time, since only its node may be at fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from excamera_controller.backends.pod_signs import Trouble
from excamera_controller.conditions import Reason
from excamera_controller.observed import Failure

IMPATIENT: Final = (Reason.IMAGE_UNPULLABLE, Reason.WORKERS_NOT_STARTING)
"""Unlike others, these rarely mend themselves."""


class Patience:
    """seconds: how long each may be in such trouble."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: dict[str, float] = {}

    def exhausted(self, troubles: Mapping[str, Trouble], now: float) -> dict[str, Failure]:
        """Who is to be given up, and why. troubles: all that there are now, by whose they are; who
        is not among them is well (again)."""
        self._since = {
            name: self._since.get(name, now)
            for name, trouble in troubles.items()
            if trouble.failure.reason in IMPATIENT
        }
        return {
            name: troubles[name].failure
            for name, since in self._since.items()
            if troubles[name].final or now - since >= self._seconds
        }
