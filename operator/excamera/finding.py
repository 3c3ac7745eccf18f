"""The machine of a stretch: a worker looks for the cuts in it, and publishes what it has found."""

from __future__ import annotations

from dataclasses import dataclass

from excamera.bounds import Bounds
from excamera.job import Job
from excamera.pipeline import BAD_INPUT, BAD_REQUEST, upload
from excamera.places import Places
from excamera.stretches import Stretch
from excamera_media.index import Index
from mu import Machine, Run, Task, exchange, sequence

LOOKING = "looking"
TELLING = "telling"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the machines of all stretches of a job have in common."""

    job: Job
    places: Places
    index: Index

    def task(self, stretch: Stretch) -> Task:
        """The work on one stretch, which depends on no other."""
        return Task(
            name=stretch.name,
            machine=lambda: self.machine(stretch),
            order=(stretch.number,),
            stage="stretch",
            partition=stretch.name,
        )

    def machine(self, stretch: Stretch) -> Machine:
        """Decode, compare, publish."""
        argv = (
            *("excamera-media", "scenes", self.job.source, "--index", self.places.index),
            *("--first", str(stretch.first_frame), "--count", str(stretch.frames)),
            *("-o", "scenes.json"),
            *(("--conceal",) if self.job.encoding.keep_going else ()),
        )
        bounds = Bounds.of(self.index.picture, stretch.frames)
        reads = (self.job.source, self.places.index)
        run = Run(argv, bounds.seconds, bounds.memory(argv[0]), reads=reads)
        return sequence(
            exchange(LOOKING, run, permanent_statuses=(BAD_REQUEST, BAD_INPUT)),
            upload(TELLING, "scenes.json", self.places.scenes(stretch)),
        )
