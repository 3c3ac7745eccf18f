"""How a function stands with AWS: whether what was asked of it has been done. Pure.

A new function is Pending until its image has been taken in, and Failed for good if that is not
possible. An update goes on after its request was answered; until it is through AWS takes no other,
and if it fails the function stays as it was before. A function that nobody has invoked for weeks is
Inactive: the first invocations are refused with 409 until it is back, so they are tried again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from excamera_lambda.errors import NotDone


@dataclass(frozen=True, slots=True)
class Standing:
    """As AWS says it; empty where it says nothing."""

    state: str = "Active"
    reason: str = ""
    update: str = ""
    update_reason: str = ""

    @classmethod
    def of(cls, configuration: Mapping[str, Any]) -> Standing:
        """From an answer that describes the function."""
        names = ("State", "StateReason", "LastUpdateStatus", "LastUpdateStatusReason")
        said = [str(configuration.get(name) or "") for name in names]
        return cls(said[0] or "Active", *said[1:])

    @property
    def settled(self) -> bool:
        """Whether AWS is done with it, well or badly."""
        return self.state != "Pending" and self.update != "InProgress"

    @property
    def update_failed(self) -> bool:
        return self.update == "Failed"

    @property
    def text(self) -> str:
        """For people."""
        parts = (self.state, self.reason, self.update, self.update_reason)
        return ", ".join(filter(None, parts))

    def check(self, name: str) -> None:
        """Raises NotDone if the function cannot be used, whatever is done to it."""
        if self.state == "Failed":
            raise NotDone(
                f"AWS could not make function {name} ({self.text}); mend that,"
                " `excamera lambda delete`, and deploy it again"
            )
