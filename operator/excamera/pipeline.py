"""The machine of a chunk: DESIGN section 2, written down once.

A worker takes the chunk's frames from the source and encodes them. The first chunk of a chain is
then finished; every other one waits for the state in which its predecessor ended and is rebased
onto it. `xc rebase` is started before the state is there, and reads it from a named pipe while it
arrives; its own state goes through another one to the next chunk before it measures what it has
made. So only the rebase itself lies on the chain's critical path.
"""

from __future__ import annotations

from dataclasses import dataclass

from excamera.bounds import Bounds
from excamera.choosing import Round
from excamera.encoder_settings import HEAD, LINKS, in_turn
from excamera.job import Job
from excamera.places import Places
from excamera.plan import Chunk, Plan
from excamera_media.index import Index
from mu import (
    Failure,
    FailureKind,
    Machine,
    Receive,
    Reply,
    Run,
    Send,
    Task,
    Upload,
    Verdict,
    exchange,
    parallel,
    sequence,
)

STATE = "state"
READING_SOURCE = "fetching"
BAD_REQUEST, BAD_INPUT = 2, 3

# As many as the worker may use: all others may be waiting for this one.
THREADS = ("--threads", "0")

# `xc rebase` waits for a whole chain before it. Stragglers are found by mu, which does not count
# the time that an attempt spends blocked.
WAITING_SECONDS = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What the machines of all chunks of a job have in common. `level`: cq-level. `round`: of the
    search for one, of whose chunks the last of each chain sends nothing, even if the plan's would.
    """

    job: Job
    plan: Plan
    places: Places
    index: Index
    level: int
    round: Round | None = None

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """Those to be made."""
        return self.plan.chunks if self.round is None else self.round.chunks

    def name(self, chunk: Chunk) -> str:
        """Of the chunk's task, which is its mailbox's as well."""
        return chunk.name if self.round is None else self.round.task(chunk)

    def tasks(self) -> tuple[Task, ...]:
        """One task a chunk; each needs the state that its predecessor sends."""
        return tuple(self.task(chunk) for chunk in self.chunks)

    def task(self, chunk: Chunk) -> Task:
        """The work on one chunk. Producers of states come before their consumers."""
        predecessor = self.plan.predecessor(chunk)
        return Task(
            name=self.name(chunk),
            machine=lambda: self.chunk_machine(chunk),
            needs=(self.name(predecessor),) if predecessor else (),
            order=(chunk.position, chunk.chain),
            restore=None if chunk.ends_chain else lambda: self.restore_machine(chunk),
            stage="first" if chunk.begins_chain else "rebased",
            partition=f"chain-{chunk.chain}",
        )

    def chunk_machine(self, chunk: Chunk) -> Machine:
        """Encode, rebase, hand the state on, publish."""
        encode = (self._fetch(chunk), self._encode(chunk))
        finish = self._measure(chunk) if chunk.begins_chain else self._rebase(chunk)
        return sequence(*encode, finish, *self._publish(chunk))

    def restore_machine(self, chunk: Chunk) -> Machine:
        """Decodes the finished chunks of the chain up to `chunk`, and sends the state again."""
        first = chunk.number - chunk.position
        links = ("--first", str(first), "--last", str(chunk.number))
        gather = ("excamera-media", "concat", self.places.folder, *links, "-o", "chain.ivf")
        chain = self.plan.chunks[first : chunk.number + 1]
        finished = tuple(self.places.ivf(one) for one in chain)
        return sequence(
            self._run(chunk, "gathering", *gather, reads=finished),
            self._decode(chunk, "chain.ivf"),
        )

    def _run(
        self,
        chunk: Chunk,
        state: str,
        *argv: str,
        stdout: str = "",
        waits: bool = False,
        reads: tuple[str, ...] = (),
    ) -> Machine:
        bounds = Bounds.of(self.index.picture, chunk.overlap + chunk.frames)
        seconds = bounds.seconds + (WAITING_SECONDS if waits else 0)
        run = Run(argv, seconds, bounds.memory(argv[0]), stdout, reads)
        # Only the source is the same on every worker; what the worker itself has made is not.
        permanent = (BAD_REQUEST, BAD_INPUT) if state == READING_SOURCE else ()
        return exchange(state, run, permanent_statuses=permanent)

    def _fetch(self, chunk: Chunk) -> Machine:
        frames = chunk.overlap + chunk.frames
        return self._run(
            chunk,
            READING_SOURCE,
            *("excamera-media", "frames", self.job.source, "--index", self.places.index),
            *("--first", str(chunk.first_frame - chunk.overlap), "--count", str(frames)),
            *("-o", "frames.y4m", "--stats", "frames.json"),
            *(("--conceal",) if self.job.encoding.keep_going else ()),
            reads=(self.job.source, self.places.index),
        )

    def _encode(self, chunk: Chunk) -> Machine:
        argv = ("xc", "encode", "frames.y4m", "-o", "p.ivf", "--cq-level", str(self.level))
        return self._run(chunk, "encoding", *argv, *in_turn(chunk, HEAD, LINKS))

    def _measure(self, chunk: Chunk) -> Machine:
        compare = ("xc", "compare", "frames.y4m", "p.ivf", "--json")
        measure = self._run(chunk, "measuring", *compare, stdout="quality.json")
        return sequence(self._decode(chunk, "p.ivf"), measure)

    def _decode(self, chunk: Chunk, stream: str) -> Machine:
        decode = self._run(chunk, "decoding", "xc", "state", stream, "-o", "state.out")
        return parallel(*self._hand_on(chunk), decode)

    def _rebase(self, chunk: Chunk) -> Machine:
        files = ("--source", "frames.y4m", "--source-overlap", "--prediction", "p.ivf")
        results = ("--state-out", "state.out", "-o", "out.ivf", "--stats", "quality.json")
        rebase = ("xc", "rebase", *files, "--state", "state.in", *results, *THREADS)
        return parallel(
            exchange("waiting", Receive(self.name(chunk), STATE, file="state.in", pipe=True)),
            *self._hand_on(chunk),
            self._run(chunk, "rebasing", *rebase, waits=True),
        )

    def _hand_on(self, chunk: Chunk) -> tuple[Machine, ...]:
        """What stands beside the program that writes the state, and comes before it."""
        successor = self.plan.successor(chunk)
        if successor is None:
            return ()
        send = Send("state.out", recipient=self.name(successor), name=STATE, pipe=True)
        return (exchange("sending", send),)

    def _publish(self, chunk: Chunk) -> tuple[Machine, ...]:
        result = "p.ivf" if chunk.begins_chain else "out.ivf"
        return (
            upload("uploading", result, self.places.ivf(chunk)),
            upload("reporting", "frames.json", self.places.extraction(chunk)),
            upload("finishing", "quality.json", self.places.quality(chunk)),
        )


def upload(state: str, file: str, url: str) -> Machine:
    """Publishes a file of the worker's."""
    return exchange(state, Upload(file, url), classify=_full_store_is_full_for_all)


def _full_store_is_full_for_all(reply: Reply) -> Verdict | None:
    """No other worker will find more room in the store; a worker's own disk is another matter."""
    full = isinstance(reply, Failure) and reply.kind is FailureKind.DISK_FULL
    return Verdict.PERMANENT if full else None
