"""What one job costs: estimated before its workers are started, and accounted as they work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from excamera_lambda.cost import Prices, Usage, Work, estimate, shown
from excamera_lambda.limits import Facts
from excamera_lambda.meter import Meter


@dataclass(frozen=True, slots=True)
class Costs:
    """In US dollars. estimated: None until it is known what there is to do."""

    estimated: float | None
    accounted: float
    usage: Usage

    def sentence(self) -> str:
        """For people."""
        before = "" if self.estimated is None else f", estimated {shown(self.estimated)}"
        return (
            f"Lambda: {self.usage.requests} invocations, {self.usage.gb_seconds:.1f} GB-s,"
            f" about {shown(self.accounted)}{before}"
        )

    def figures(self) -> dict[str, object]:
        """For a status or a report: money as text, so that nobody rounds it."""
        figures: dict[str, object] = {
            "accounted": f"{self.accounted:.6f}",
            "requests": self.usage.requests,
            "gbSeconds": f"{self.usage.gb_seconds:.1f}",
            "storageGbSeconds": f"{self.usage.storage_gb_seconds:.1f}",
        }
        if self.estimated is not None:
            figures["estimated"] = f"{self.estimated:.6f}"
        return figures


class Account:
    """One run's. `meter` is to be told what mu observes. before, estimated: what earlier runs of
    the job have used, and what was said at first."""

    def __init__(
        self,
        facts: Facts,
        prices: Prices,
        clock: Callable[[], float],
        before: Usage | None = None,
        estimated: float | None = None,
    ) -> None:
        self.meter = Meter(facts, clock)
        self._facts = facts
        self._prices = prices
        self._before = before or Usage()
        self._estimated = estimated

    def plan(self, work: Work, workers: int) -> None:
        """It is known what there is to do. The first estimate stays."""
        if self._estimated is None:
            expected = self._before + estimate(work, workers, self._facts)
            self._estimated = expected.dollars(self._prices)

    @property
    def costs(self) -> Costs:
        usage = self._before + self.meter.usage
        return Costs(self._estimated, usage.dollars(self._prices), usage)
