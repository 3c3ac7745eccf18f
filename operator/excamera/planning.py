"""How a job comes to its plan: cuts are looked for first, on workers, one stretch each.

What was found lies in the store, so whoever takes up the job comes to the same plan, and looks only
where nobody has looked yet. Where a source makes a single chain in any case, or a chain of each
chunk, nothing would be gained, and nobody looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from itertools import chain

from excamera.access import StoreAccess
from excamera.errors import StorageFailed
from excamera.finding import Finding
from excamera.found_scenes import found_scenes
from excamera.job import Job
from excamera.layout import Layout, layout, unmet
from excamera.places import Places
from excamera.plan import Chunk, Plan, plan
from excamera.progress import Progress
from excamera.stretches import Stretch, stretches
from excamera_media.index import Index
from mu import Batch


class Planning:
    """One job's. Raises BadSource if there is nothing to plan."""

    def __init__(
        self,
        job: Job,
        places: Places,
        index: Index,
        access: StoreAccess,
        progress: Progress,
        clock: Callable[[], float],
    ) -> None:
        self._job = job
        self._places = places
        self._index = index
        self._access = access
        self._progress = progress
        self._clock = clock
        self._without_cuts = regular = plan(index, job.encoding)
        nothing_gained = regular.chains in (1, len(regular.chunks))
        self._made = regular if nothing_gained else None
        self._stretches = () if self._made else stretches(index)
        self._cuts: tuple[int, ...] | None = None
        self._begun = False

    @property
    def plan(self) -> Plan:
        """Known once `next` has told that there is nothing left to do for it."""
        assert self._made is not None, "the cuts are not known yet"
        return self._made

    @property
    def layout(self) -> Layout:
        """Of the plan."""
        return layout(self._index, self._job.encoding, self.plan, self._cuts)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What cannot be as it was asked for, of this source."""
        told = unmet(self._index, self._job.encoding, self._without_cuts.chunk_frames)
        return (told,) if told else ()

    @property
    def parts(self) -> Collection[Chunk | Stretch]:
        """What tasks have been made of by now."""
        return (*self._stretches, *(self._made.chunks if self._made else ()))

    async def next(self) -> Batch | None:
        """The stretches in which cuts are to be looked for; None if all cuts are known. Raises
        StorageFailed."""
        if self._made is not None:
            return None
        found = await asyncio.to_thread(found_scenes, self._stretches, self._places, self._access)
        missing = [stretch for stretch in self._stretches if stretch.name not in found]
        if missing:
            return self._search(frozenset(found), missing[0])
        self._cuts = (*chain.from_iterable(found[one.name] for one in self._stretches),)
        self._made = plan(self._index, self._job.encoding, self._cuts)
        return None

    def _search(self, done: frozenset[str], missing: Stretch) -> Batch:
        if self._begun:
            raise StorageFailed(
                f"{self._places.scenes(missing)} is missing or damaged, though a worker has just"
                " written it; run the job again to look for the cuts anew"
            )
        self._begun = True
        names, expected = [one.name for one in self._stretches], len(self._without_cuts.chunks)
        self._progress.looking(names, done, expected, self._clock())
        finding = Finding(self._job, self._places, self._index)
        return Batch(tuple(map(finding.task, self._stretches)), done)
