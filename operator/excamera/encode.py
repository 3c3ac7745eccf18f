"""A job from its source to its output, wherever its workers are.

    identify   is the source there, can the output be written?
    index      every frame's timestamp, without decoding (kept in the store)
    run        on workers: first they look for the source's cuts, by which chunks and chains are
               planned; then, where the job names a quality, they encode some chunks, to find the
               cq-level that gives it; then the chunks, less what an earlier run has finished
    join       the chunks, in order, with the sound: published whole
    list       every chunk and what it cost, in the output's manifest, if that is wanted

Where workers come from is the business of the `Runner`.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from excamera import executables
from excamera.access import StoreAccess
from excamera.codec import codec
from excamera.errors import InvalidJob, StorageFailed
from excamera.failures import naming_frames, of_output, of_source, of_store
from excamera.job import Job
from excamera.join import Joined, join
from excamera.output_manifest import accounts, output_manifest
from excamera.places import Places, SourceIdentity, job_id
from excamera.plan import Chunk
from excamera.progress import Progress
from excamera.report import Report
from excamera.resume import Finished, read_finished, worst
from excamera.signing import signing
from excamera.stages import Effort, Stages
from excamera.work import Work
from excamera_media.errors import BadInput
from excamera_media.index import Index
from excamera_store import ObjectMissing, ObjectTooLarge, StoreError
from mu import Further, Observer, Task
from mu.grants import Sign

INDEX = "index.json"
INDEX_BYTES = 512 * 1024 * 1024
"""At most: a film of variable rate has two numbers a frame."""


class Runner(Protocol):
    """Carries out tasks on workers."""

    async def run(
        self,
        job: str,
        tasks: Collection[Task],
        done: Collection[str],
        observer: Observer,
        sign: Sign,
        further: Further | None = None,
    ) -> None:
        """Returns when all tasks are done, those that `further` tells of as well. `sign` makes
        workers' leave to use objects. Raises JobError, and what `further` raises."""
        ...


@dataclass(slots=True)
class Encode:
    """One job under way. `clock` gives seconds; `work` is the URL under which chunks are kept,
    `manifest` that of the output's manifest, or empty for none.

    `spent` are the seconds that earlier runs of the job have worked for, as far as that is known.
    `source` and `index` are what is known of the source by now, `warnings` what people should know
    of it and of its plan.
    """

    job: Job
    work: str
    clock: Callable[[], float]
    log: Callable[[str], None]
    access: StoreAccess = field(default_factory=StoreAccess)
    manifest: str = ""
    spent: float = 0.0
    progress: Progress = field(init=False)
    stages: Stages = field(init=False)
    source: SourceIdentity | None = field(init=False, default=None)
    index: Index | None = field(init=False, default=None)
    warnings: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        self.progress = Progress(self.spent)
        self.stages = Stages(self.progress, self.clock)

    async def run(self, runner: Runner) -> Report:
        """Does the whole job. Raises JobError; what was finished until then is kept."""
        began = self.clock()
        release = f"{version('excamera')}, {await asyncio.to_thread(codec)}"
        self.source = source = await asyncio.to_thread(self._identify)
        name = job_id(source, self.job.encoding, release)
        places = Places(f"{self.work.rstrip('/')}/{name}")
        self.index = index = await self._index(places)
        work = Work(self.job, places, index, self.access, self.progress, self.clock, self.log)
        self.warnings = (*index.warnings, *work.planning.warnings)
        for warning in work.planning.warnings:
            self.log(f"warning: {warning}")
        if (batch := await work.next()) is not None:
            # What a search has made under other names, an open run sends again.
            further = work.next if work.searches or not batch.last else None
            with naming_frames(lambda: work.planning.parts):
                async with (
                    self._missing_source_told(),
                    signing(self.access, (self.job.source, self.work)) as sign,
                ):
                    await runner.run(name, batch.tasks, batch.done, self.stages, sign, further)
        self.progress.joining()
        planned = work.plan
        chunks = await asyncio.to_thread(read_finished, planned.chunks, work.places, self.access)
        joined = await join(self.job, planned, work.places, self._run)
        efforts = work.efforts(self.stages.efforts)
        earlier = [one.chunk for one in chunks if one.chunk.name not in efforts]
        report = self._report(joined, chunks, index, work, earlier, began)
        await asyncio.to_thread(self._list_chunks, report, source, joined, chunks, efforts)
        await asyncio.to_thread(self._clear, places)
        return report

    @asynccontextmanager
    async def _missing_source_told(self) -> AsyncIterator[None]:
        """To a worker, a place that cannot be read is like another; a source that was removed
        meanwhile is a BadSource, as it would have been in the beginning."""
        try:
            yield
        except StorageFailed:
            await asyncio.to_thread(self._find_source)
            raise

    def _find_source(self) -> SourceIdentity:
        with of_source():
            store, key = self.access.split(self.job.source)
            found = store.stat(key)
            return SourceIdentity(store.url_of(key), found.size, found.etag)

    def _identify(self) -> SourceIdentity:
        identity = self._find_source()
        taken = {identity.url: "the source"}
        self._check_writable("the output", self.job.output, taken)
        if self.manifest:
            self._check_writable("the output's manifest", self.manifest, taken)
        with of_store("store for unfinished work"):
            self.access.open(self.work).check_writable()
        return identity

    def _check_writable(self, what: str, url: str, taken: dict[str, str]) -> None:
        """That it can be written, and is none of `taken` (names by URL), which it then joins."""
        with of_output():
            store, key = self.access.split(url)
            if other := taken.get(store.url_of(key)):
                raise InvalidJob(f"{what} would overwrite {other}; give it another name")
            store.check_writable(key)
        taken[store.url_of(key)] = what

    async def _index(self, places: Places) -> Index:
        """Made once; a job that goes on finds it again, unless it is damaged."""
        kept = await asyncio.to_thread(self._kept_index, places)
        if kept is not None:
            return kept
        text = await self._made_index()
        with of_store("store for unfinished work"):
            store = self.access.open(places.prefix)
            await asyncio.to_thread(store.write, INDEX, text.encode())
        return Index.from_json(text)

    def _kept_index(self, places: Places) -> Index | None:
        with of_store("store for unfinished work"):
            try:
                return Index.from_json(self.access.open(places.prefix).read(INDEX, INDEX_BYTES))
            except (ObjectMissing, ObjectTooLarge, BadInput):
                return None

    async def _made_index(self) -> str:
        conceal = ("--conceal",) if self.job.encoding.keep_going else ()
        with tempfile.TemporaryDirectory(prefix="excamera-") as folder:
            made = Path(folder) / "index.json"
            await self._run("excamera-media", "index", self.job.source, *conceal, "-o", str(made))
            return made.read_text("utf-8")

    async def _run(self, *argv: str) -> None:
        await executables.run(argv, self.log, self.access.environment)

    def _report(
        self,
        joined: Joined,
        chunks: tuple[Finished, ...],
        index: Index,
        work: Work,
        earlier: Collection[Chunk],
        began: float,
    ) -> Report:
        return Report(
            output=self.job.output,
            frames=index.frames,
            key_frames=joined.key_frames,
            chunks=len(chunks),
            chunks_reused=len(earlier),
            duration=joined.duration,
            bytes=joined.output.bytes,
            sha256=joined.output.sha256,
            ssim=sum(one.ssim * one.chunk.frames for one in chunks) / index.frames,
            cq_level=work.level,
            ssim_db_asked=self.job.encoding.ssim_decibels,
            rounds=work.choice.rounds if work.choice else 0,
            seconds=self.spent + self.clock() - began,
            workers=self.stages.most_workers,
            attempts_lost=self.progress.attempts_lost,
            stages=dict(self.stages.seconds),
            concealed=tuple(frame for one in chunks for frame in one.concealed),
            warnings=self.warnings,
            layout=work.planning.layout,
            worst_chunk=worst(chunks),
            manifest=self.manifest,
            frames_untimed=0 if self.spent else sum(chunk.frames for chunk in earlier),
        )

    def _list_chunks(
        self,
        report: Report,
        source: SourceIdentity,
        joined: Joined,
        chunks: tuple[Finished, ...],
        efforts: Mapping[str, Effort],
    ) -> None:
        if not self.manifest:
            return
        listed = accounts(chunks, joined.chunks, efforts)
        text = output_manifest(report, source, self.job.encoding, version("excamera"), listed)
        with of_output():
            store, key = self.access.split(self.manifest)
            store.write(key, text.encode())

    def _clear(self, places: Places) -> None:
        """The output is there: what cannot be removed is a pity and no failure."""
        try:
            self.access.open(self.work).delete_prefix(places.prefix.rpartition("/")[2])
        except StoreError as error:
            self.log(f"warning: {places.prefix} can be removed, but not by this job: {error}")
