"""What was seen of a job: by an observer in this process, or line by line from another's."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass

from mu import Observation, Observer
from mu import observer as seen

Sees = Callable[["Seen"], None]


@dataclass(frozen=True, slots=True)
class Seen:
    """One observation of mu's, flat. at: seconds on this machine's monotonic clock, which all of
    its processes share."""

    kind: str
    at: float
    task: str = ""
    number: int = 0
    worker: str = ""
    state: str = ""
    reason: str = ""
    lost: bool = False
    restoring: bool = False
    speculative: bool = False
    adopted: bool = False
    redone: bool = False

    @classmethod
    def of(cls, event: Observation) -> Seen:
        attempt = getattr(event, "attempt", None)
        flat = {
            name: getattr(event, name)
            for name in cls.__dataclass_fields__
            if name not in ("kind", "at", "task", "number") and hasattr(event, name)
        }
        task, number = (attempt.task, attempt.number) if attempt else ("", 0)
        return cls(type(event).__name__, time.monotonic(), task, number, **flat)

    def to_line(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_line(cls, line: str) -> Seen:
        return cls(**json.loads(line))


class Telling(Observer):
    """An observer of mu's that passes on what it sees."""

    def __init__(self, sees: Sees) -> None:
        self._sees = sees

    def observe(self, event: Observation) -> None:
        self._sees(Seen.of(event))


class Tally:
    """All that was seen of one job, under however many coordinators."""

    def __init__(self) -> None:
        self.events: list[Seen] = []
        self._waiting: list[tuple[Callable[[Seen], bool], asyncio.Future[Seen]]] = []

    def see(self, event: Seen) -> None:
        self.events.append(event)
        for waiting in list(self._waiting):
            suits, future = waiting
            if future.done():
                self._waiting.remove(waiting)
            elif suits(event):
                future.set_result(event)
                self._waiting.remove(waiting)

    async def next(self, suits: Callable[[Seen], bool]) -> Seen:
        """The next event that suits."""
        future: asyncio.Future[Seen] = asyncio.get_running_loop().create_future()
        self._waiting.append((suits, future))
        return await future

    def of(self, kind: type) -> list[Seen]:
        return [event for event in self.events if event.kind == kind.__name__]

    @property
    def chunks_done(self) -> list[Seen]:
        """That chunks are done, and not stretches."""
        return [event for event in self.of(seen.TaskDone) if event.task.startswith("chunk-")]

    @property
    def attempts_lost(self) -> int:
        return sum(event.lost for event in self.of(seen.AttemptEnded))

    @property
    def begun_again(self) -> int:
        """Attempts at a chunk that another was lost at, or is slow at."""
        begun = Counter(
            event.task
            for event in self.of(seen.AttemptStarted)
            if not event.restoring and not event.adopted
        )
        return sum(count - 1 for count in begun.values())

    @property
    def states_sent_again(self) -> int:
        return len(self.of(seen.TaskRestored))

    def noticed(self, after: float) -> float | None:
        """Seconds from `after` until the coordinator acted on something that went wrong."""
        signs = (
            event.at - after for event in self.events if event.at >= after and _is_reaction(event)
        )
        return next(signs, None)


def _is_reaction(event: Seen) -> bool:
    begun = event.kind == seen.AttemptStarted.__name__
    unusual = begun and (event.speculative or event.adopted or event.restoring)
    return event.lost or unusual
