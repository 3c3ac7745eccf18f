"""A job from its source to its output, wherever its workers are.

    identify   is the source there, can the output be written?
    index      every frame's timestamp, without decoding (kept in the store)
    plan       chunks and chains, less what an earlier run has finished
    run        the machines of all chunks, on workers
    join       the chunks, in order, with the sound: published whole

Where workers come from is the business of the `Runner`.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from excamera import executables
from excamera.access import StoreAccess
from excamera.errors import InvalidJob
from excamera.failures import of_output, of_source, of_store
from excamera.job import Job
from excamera.pipeline import Pipeline
from excamera.places import Places, SourceIdentity, job_id
from excamera.plan import Plan, plan
from excamera.progress import Progress
from excamera.report import Report
from excamera.resume import finished_chunks, read_finished
from excamera.stages import Stages
from excamera_media.errors import BadInput
from excamera_media.index import Index
from excamera_media.manifest import ChunkFile, JoinManifest
from excamera_store import ObjectMissing, StoreError
from mu import Observer, Task

INDEX = "index.json"


class Runner(Protocol):
    """Carries out tasks on workers."""

    async def run(
        self, job: str, tasks: Collection[Task], done: Collection[str], observer: Observer
    ) -> None:
        """Returns when all tasks are done. Raises JobError."""
        ...


@dataclass(slots=True)
class Encode:
    """One job under way. `clock` gives seconds; `work` is the URL under which chunks are kept.

    `source` and `index` are what is known of the source by now.
    """

    job: Job
    work: str
    clock: Callable[[], float]
    log: Callable[[str], None]
    access: StoreAccess = field(default_factory=StoreAccess)
    progress: Progress = field(init=False)
    stages: Stages = field(init=False)
    source: SourceIdentity | None = field(init=False, default=None)
    index: Index | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.progress = Progress(self.clock())
        self.stages = Stages(self.progress)

    async def run(self, runner: Runner) -> Report:
        """Does the whole job. Raises JobError; what was finished until then is kept."""
        began = self.clock()
        self.source = identity = await asyncio.to_thread(self._identify)
        name = job_id(identity, self.job.encoding, version("excamera"))
        places = Places(f"{self.work.rstrip('/')}/{name}")
        self.index = index = await self._index(places)
        planned = plan(index.frames, self.job.encoding)
        earlier = await asyncio.to_thread(finished_chunks, planned, places, self.access)
        finished = frozenset(one.chunk.name for one in earlier)
        self.progress.planned(planned, index.duration, finished, self.clock())
        if finished:
            self.log(f"going on: {len(finished)} of {len(planned.chunks)} chunks are finished")
        if len(finished) < len(planned.chunks):
            pipeline = Pipeline(self.job, planned, places, index)
            await runner.run(name, pipeline.tasks(), finished, self.stages)
        self.progress.joining()
        report = await self._join(planned, places, index, len(finished), began)
        await asyncio.to_thread(self._clear, places)
        return report

    def _identify(self) -> SourceIdentity:
        with of_source():
            store, key = self.access.split(self.job.source)
            found = store.stat(key)
        with of_output():
            output_store, output_key = self.access.split(self.job.output)
            if output_store.url_of(output_key) == store.url_of(key):
                raise InvalidJob("the output would overwrite the source; give it another name")
            output_store.check_writable(output_key)
        with of_store("store for unfinished work"):
            self.access.open(self.work).check_writable()
        return SourceIdentity(store.url_of(key), found.size, found.etag)

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
                return Index.from_json(self.access.open(places.prefix).read(INDEX))
            except (ObjectMissing, BadInput):
                return None

    async def _made_index(self) -> str:
        conceal = ("--conceal",) if self.job.encoding.keep_going else ()
        with tempfile.TemporaryDirectory(prefix="excamera-") as folder:
            made = Path(folder) / "index.json"
            await self._run("excamera-media", "index", self.job.source, *conceal, "-o", str(made))
            return made.read_text("utf-8")

    async def _run(self, *argv: str) -> None:
        await executables.run(argv, self.log, self.access.environment)

    async def _join(
        self, planned: Plan, places: Places, index: Index, reused: int, began: float
    ) -> Report:
        chunks = await asyncio.to_thread(read_finished, planned.chunks, places, self.access)
        joined = await self._joined(planned, places)
        concealed = tuple(frame for chunk in chunks for frame in chunk.concealed)
        return Report(
            output=self.job.output,
            frames=planned.frames,
            key_frames=int(joined["key_frames"]),
            chunks=len(chunks),
            chunks_reused=reused,
            duration=float(joined["duration"]),
            bytes=int(joined["bytes"]),
            ssim=sum(c.ssim * c.chunk.frames for c in chunks) / planned.frames,
            seconds=self.clock() - began,
            workers=self.stages.most_workers,
            attempts_lost=self.progress.attempts_lost,
            stages=dict(self.stages.seconds),
            concealed=concealed,
            warnings=index.warnings,
        )

    async def _joined(self, planned: Plan, places: Places) -> dict[str, Any]:
        manifest = JoinManifest(
            source=self.job.source,
            index=places.index,
            chunks=tuple(
                ChunkFile(places.ivf(chunk), chunk.first_frame, chunk.frames)
                for chunk in planned.chunks
            ),
            audio=self.job.encoding.audio,
            title=self.job.title or None,
        )
        with tempfile.TemporaryDirectory(prefix="excamera-") as folder:
            told, stats = Path(folder) / "manifest.json", Path(folder) / "stats.json"
            told.write_text(manifest.to_json(), "utf-8")
            argv = ("excamera-media", "join", "--manifest", f"@{told}", "-o", self.job.output)
            await self._run(*argv, "--stats", str(stats))
            read: dict[str, Any] = json.loads(stats.read_text("utf-8"))
        return read

    def _clear(self, places: Places) -> None:
        """The output is there: what cannot be removed is a pity and no failure."""
        try:
            self.access.open(self.work).delete_prefix(places.prefix.rpartition("/")[2])
        except StoreError as error:
            self.log(f"warning: {places.prefix} can be removed, but not by this job: {error}")
