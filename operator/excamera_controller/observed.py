"""What one pass looks at: the EncodeJob as stored, what its run says, and the time. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from excamera.progress import Snapshot
from excamera.report import Report
from excamera_controller.conditions import PLANNED, SUCCEEDED, WORKERS_READY, Phase, Reason, Truth

FINALIZER = "excamera.dev/clean-up"
REMAINS_SECONDS = 2.0, 300.0


class RunPhase(StrEnum):
    """What a job's run in this process is doing."""

    PLANNING = "planning"
    LOOKING = "looking"
    CHOOSING = "choosing"
    ENCODING = "encoding"
    JOINING = "joining"
    ENDED = "ended"


WITH_WORKERS: Final = (RunPhase.LOOKING, RunPhase.CHOOSING, RunPhase.ENCODING)
"""Phases in which workers are at it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run ended without an output."""

    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What the source turned out to be. `warnings`: what people should know of it and its plan."""

    frames: int
    width: int
    height: int
    duration: float
    bytes: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """What a job has lost since it was first started, whoever ran it, and the seconds in which
    workers were at it."""

    attempts: int = 0
    workers: int = 0
    seconds: float = 0.0

    @classmethod
    def of(cls, status: Mapping[str, Any]) -> Past:
        """As the status counts them."""
        progress = status.get("progress") or {}
        return cls(
            progress.get("attemptsLost", 0),
            (status.get("workers") or {}).get("lost", 0),
            progress.get("secondsWorked", 0),
        )


@dataclass(frozen=True, slots=True)
class RunView:
    """A job's run as it looks from outside.

    `trouble` is what keeps workers from coming, or what is tried again before any are asked for;
    `workers_limit` what keeps more from coming than there are. `more_memory`: how workers get that.
    `cost` is as in the status. `losses` are workers lost of which no event has told yet,
    by reason; `workers_lost` and `attempts_lost` count since the job was first started.
    """

    phase: RunPhase
    snapshot: Snapshot | None = None
    source: SourceFacts | None = None
    trouble: Failure | None = None
    report: Report | None = None
    failure: Failure | None = None
    losses: Mapping[str, int] = field(default_factory=dict)
    workers_wanted: int = 0
    workers_lost: int = 0
    attempts_lost: int = 0
    workers_limit: str = ""
    cost: Mapping[str, object] = field(default_factory=dict)
    more_memory: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """The EncodeJob as the API server has it."""

    name: str
    namespace: str
    uid: str
    generation: int
    created: datetime
    spec: Mapping[str, Any]
    status: Mapping[str, Any] = field(default_factory=dict)
    finalizers: tuple[str, ...] = ()
    deletion_requested: bool = False

    @property
    def run_name(self) -> str:
        """What its run is called at coordinator and rendezvous; empty before its first start.

        It is the same for every operator, and another one each time the job is resumed, since the
        rendezvous takes nothing more for a name that was dropped.
        """
        started = self.time("startTime")
        return f"{self.uid}.{int(started.timestamp())}" if started else ""

    @property
    def work(self) -> str:
        """Where its unfinished work lies: beside the output, and nobody else's."""
        return f"{self.spec['output']['uri']}.excamera/{self.uid}"

    @property
    def codec(self) -> str:
        """That of its chunks: the one with which it was last started."""
        return str(self.status.get("codec", ""))

    @property
    def begun(self) -> bool:
        """Whether it was ever started, and may have left something anywhere."""
        return "startTime" in self.status

    @property
    def under_way(self) -> bool:
        """Whether an operator ran it when the status was last written, so that it may have workers.
        One that waits, or was suspended, has none."""
        waits = self.condition(SUCCEEDED).get("reason") == Reason.WAITING_FOR_CAPACITY
        return self.begun and not (self.ended or waits or self.phase is Phase.SUSPENDED)

    @property
    def planned(self) -> bool:
        """Whether it was ever as far as to write unfinished objects, as the status tells: an
        operator that was killed may have been a little further."""
        return "progress" in self.status or bool(self.status.get("workers"))

    @property
    def had_workers(self) -> bool:
        """Whether any were asked for: to encode its chunks, or to look for cuts before there
        are any."""
        planned = self.condition(PLANNED).get("status") == Truth.TRUE
        return planned or bool(self.condition(WORKERS_READY))

    @property
    def suspended(self) -> bool:
        """Whether the spec asks for no workers."""
        return bool(self.spec.get("suspend", False))

    @property
    def phase(self) -> Phase:
        """The phase that was last written."""
        return Phase(self.status.get("phase", Phase.PENDING))

    @property
    def ended(self) -> bool:
        """Whether the job has succeeded or failed; it never runs again then."""
        return self.condition(SUCCEEDED).get("status") in (Truth.TRUE, Truth.FALSE)

    def condition(self, type_: str) -> Mapping[str, Any]:
        """A stored condition, or nothing."""
        conditions = self.status.get("conditions") or ()
        return next((c for c in conditions if c.get("type") == type_), {})

    def time(self, name: str) -> datetime | None:
        """A time of the status."""
        text = self.status.get(name)
        return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything that a decision about one job depends on.

    `codec` is the one that this process and its workers have (`excamera.codec`).
    `run` is None when this process does not run the job (not yet, or not any more). `admitted` says
    that the job may have workers within the cap over all jobs, or that it has some of an earlier
    operator's; `waiting` says why not. `remains`:
    seconds since this process first tried to end workers that may still be there, 0 before it has
    tried, and None once it has seen that there are none. unfinished: whether there may be objects
    of unfinished work in the store; no more once this process has removed them and nobody was left
    to write others. `rival`: the name of an older job that is to write the same output, if any.
    """

    job: Stored
    now: datetime
    run: RunView | None = None
    admitted: bool = True
    waiting: str = ""
    remains: float | None = None
    unfinished: bool = True
    rival: str = ""
    codec: str = ""

    @property
    def remains_again(self) -> float:
        """Seconds until it is worth looking again for what remains: workers on a node that is lost
        may be there for hours."""
        least, most = REMAINS_SECONDS
        return min(max(least, self.remains or 0.0), most)
