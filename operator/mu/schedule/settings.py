"""How a schedule behaves. All times are in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """One for each run.

    workers: how many to have at most; with 0 a run waits. surplus: how many to start beyond need,
        because some launches fail or are slow. spares: how many may be idle with nothing left to
        assign.
    backoff_limit: how many attempts of a task may be lost or fail without the task failing.
    retry_seconds: the delay after a first failed attempt; doubles up to retry_seconds_max. Lost
        attempts are tried again at once.
    grace_seconds: how long a silent worker may take to come back.
    goodbye_seconds: after a worker with attempts has said goodbye, how long its backend may take to
        say why, before the attempts are lost by the reason `goodbye`.
    launch_seconds: after which a worker that was started and has not come is given up.
    starts_per_second: refills the budget for starting workers after the first burst.
    postponed_seconds: the delay after a start that is refused for now; doubles from refusal to
        refusal, up to postponed_seconds_max, until a worker comes.
    fruitless_limit: how many launches may fail and workers be lost in a row, without one finished
        attempt, before no more are started; None: 3 × workers + 10, of the most workers that
        there ever were to be.
    drain_seconds: a worker with less than this left of its time limit gets nothing new.
    straggler_*: an attempt is given a rival when it has been active for longer than factor × the
        median of at least `samples` finished ones of its stage, and for at least `seconds`.
    attempts_per_worker: how many a worker may hold, all but one of them blocked.
    reunion_seconds: after a coordinator's restart, how long to wait for workers with attempts
        before anything is started or assigned, unless all workers are back earlier.
    """

    workers: int = 1
    surplus: int = 0
    spares: int = 1
    backoff_limit: int = 6
    retry_seconds: float = 1.0
    retry_seconds_max: float = 60.0
    grace_seconds: float = 20.0
    goodbye_seconds: float = 3.0
    launch_seconds: float = 120.0
    starts_per_second: float = 10.0
    postponed_seconds: float = 1.0
    postponed_seconds_max: float = 15.0
    fruitless_limit: int | None = None
    drain_seconds: float = 30.0
    straggler_factor: float = 3.0
    straggler_samples: int = 5
    straggler_seconds: float = 10.0
    attempts_per_worker: int = 3
    reunion_seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.workers < 0 or self.attempts_per_worker < 1:
            raise ValueError("workers cannot be fewer than none; each takes at least one attempt")

    @property
    def fruitless_starts(self) -> int:
        """The limit in force."""
        return 3 * self.workers + 10 if self.fruitless_limit is None else self.fruitless_limit
