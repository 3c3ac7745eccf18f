"""What a job's workers have to do, in batches, as it becomes known.

First the source's cuts, of which the plan is made (`planning`). Then, where the job says its
cq-level, all chunks are one batch. Where it names a quality instead, there are rounds in which a
level is searched for (`choosing`), and then the chunks at that level, as far as no round has made
them already. What was done is in the store and nowhere else. So a job that is taken up again passes
by what is through, and begins where it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from excamera.access import StoreAccess
from excamera.choosing import Choice, Kind, Round, next_step
from excamera.job import Job
from excamera.pipeline import Pipeline
from excamera.places import Places
from excamera.plan import Plan
from excamera.planning import Planning
from excamera.progress import Progress
from excamera.quality import PERFECT, decibels, shown
from excamera.report import counted
from excamera.resume import Finished, finished_chunks, read_finished
from excamera.stages import Effort
from excamera_media.index import Index
from mu import Batch

OUTPUT: Final = "output"
"""What the last batch is called among those that were begun."""


class Work:
    """One job's; `places` are the job's own. `plan` and `level` are known once `next` has come to
    the chunks of the output."""

    def __init__(
        self,
        job: Job,
        places: Places,
        index: Index,
        access: StoreAccess,
        progress: Progress,
        clock: Callable[[], float],
        log: Callable[[str], None],
    ) -> None:
        self.choice: Choice | None = None
        self.planning = Planning(job, places, index, access, progress, clock)
        self._job = job
        self._places = places
        self._index = index
        self._access = access
        self._progress = progress
        self._clock = clock
        self._log = log
        self._tried: dict[tuple[Kind, int], float] = {}
        self._begun: set[str] = set()

    @property
    def plan(self) -> Plan:
        """All chunks of the output."""
        return self.planning.plan

    @property
    def searches(self) -> bool:
        """Whether a level is searched for."""
        return self._job.encoding.cq_level is None

    @property
    def level(self) -> int:
        """The output's cq-level."""
        given = self._job.encoding.cq_level
        if given is not None:
            return given
        assert self.choice is not None, "the level is not known before `next` has told all"
        return self.choice.level

    @property
    def places(self) -> Places:
        """Of the output's chunks."""
        return self._at(self.level)

    def efforts(self, efforts: Mapping[str, Effort]) -> dict[str, Effort]:
        """By chunk of the output, from those by task: a survey may have made it."""
        survey = Round(Kind.SURVEY, self.level, self.plan.chunks)
        tasks = ((chunk, (chunk.name, survey.task(chunk))) for chunk in self.plan.chunks)
        return {
            chunk.name: efforts[name] for chunk, names in tasks for name in names if name in efforts
        }

    async def next(self) -> Batch | None:
        """What is to be done next; None if nothing is left. Raises StorageFailed."""
        if (stretches := await self.planning.next()) is not None:
            return stretches
        while isinstance(step := self._step(), Round):
            found = await self._found(step)
            if len(found) < len(step.chunks):
                return self._round(step, found)
            self._note(step, found)
        if isinstance(step, Choice) and self.choice is None:
            self.choice = step
            tries = counted(step.rounds, "round")
            self._log(f"cq-level {step.level} after {tries}, {shown(step.decibels)}")
        return None if OUTPUT in self._begun else await self._output()

    def _step(self) -> Round | Choice | None:
        target = self._job.encoding.ssim_decibels
        return None if target is None else next_step(self.plan.chunks, target, self._tried)

    def _at(self, level: int) -> Places:
        return Places(self._places.prefix, f"cq-{level}") if self.searches else self._places

    def _places_of(self, round_: Round) -> Places:
        if round_.kind is Kind.SURVEY:
            return self._at(round_.level)
        return Places(self._places.prefix, round_.name)

    async def _found(self, round_: Round) -> tuple[Finished, ...]:
        """What is finished of it: all, if it was done by this very run."""
        read = read_finished if round_.name in self._begun else finished_chunks
        places = self._places_of(round_)
        return await asyncio.to_thread(read, round_.chunks, places, self._access)

    def _round(self, round_: Round, found: tuple[Finished, ...]) -> Batch:
        self._begun.add(round_.name)
        done = frozenset(round_.task(one.chunk) for one in found)
        frames = {round_.task(chunk): chunk.frames for chunk in round_.chunks}
        if not self._progress.tasks:
            self._progress.planned(self.plan, self._index.duration, (), self._clock())
        self._progress.choosing(round_.level, frames, done)
        return Batch(self._pipeline(round_.level, self._places_of(round_), round_).tasks(), done)

    def _note(self, round_: Round, found: tuple[Finished, ...]) -> None:
        ssim = {one.chunk.number: one.ssim for one in found}
        told = min(decibels(round_.ssim(self.plan.chunks, ssim)), PERFECT)
        self._tried[round_.kind, round_.level] = told
        self._log(
            f"{round_.kind} of {counted(len(found), 'chunk')} at cq-level {round_.level}:"
            f" {shown(told)}"
        )

    async def _output(self) -> Batch | None:
        """The chunks themselves."""
        self._begun.add(OUTPUT)
        chunks = self.plan.chunks
        found = await asyncio.to_thread(finished_chunks, chunks, self.places, self._access)
        finished = frozenset(one.chunk.name for one in found)
        self._progress.planned(self.plan, self._index.duration, finished, self._clock())
        if len(finished) == len(chunks):
            return None
        if finished:
            self._log(f"going on: {len(finished)} of {len(chunks)} chunks are finished")
        return Batch(self._pipeline(self.level, self.places).tasks(), finished, last=True)

    def _pipeline(self, level: int, places: Places, round_: Round | None = None) -> Pipeline:
        return Pipeline(self._job, self.plan, places, self._index, level, round_)
