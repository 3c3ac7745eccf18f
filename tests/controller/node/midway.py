"""A job in the middle, and what is true of it once the operator has been replaced."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Self

from tests.controller.jobs import ENDED
from tests.controller.node.installation import Installation, until


def phases(installed: Installation, job: str) -> set[str]:
    """All that the job is seen in, from now on until it is over."""
    seen: set[str] = set()

    def over() -> bool:
        phase = installed.status(job)["phase"]
        seen.add(phase)
        return phase in ENDED

    until(over, 240, lambda: installed.story(job))
    return seen


@dataclass(frozen=True, slots=True)
class Midway:
    """A job that is not over, with two workers at it. operator: the uid of its pod."""

    operator: str
    workers: frozenset[str]
    published: int

    @classmethod
    def of(cls, installed: Installation, job: str) -> Self:
        """Waits until the job is there."""

        def at_work() -> bool:
            return bool(installed.status(job)["workers"]["connected"] == 2)

        installed.published(job, 2)
        until(at_work, 60, lambda: installed.story(job))
        status = installed.status(job)
        assert status["phase"] == "Running"
        operator = installed.pod_of("operator")["metadata"]["uid"]
        return cls(operator, frozenset(installed.workers()), status["progress"]["published"])

    def is_continued(self, installed: Installation, job: str) -> list[dict[str, Any]]:
        """By another operator, to its end; what was finished before is taken as it was.

        Returns what the output's manifest says of the chunks that this operator has finished.
        """
        operator = installed.pod_of("operator", self.operator)
        assert "Planning" not in phases(installed, job)
        status = installed.succeeded(job)
        assert status["completionTime"] > operator["metadata"]["creationTimestamp"]
        listed = json.loads(installed.content(f"{job}.webm.manifest.json"))["chunks"]
        later: list[dict[str, Any]] = [one for one in listed if one["attempt"] is not None]
        assert later
        assert len(listed) - len(later) >= self.published
        return later
