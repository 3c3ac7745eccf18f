"""CPU of a job by program: does one as `excamera encode` does, and adds up what workers report.

    python -m bench.accounts SOURCE OUTPUT [options of `excamera encode` on how to encode]

Prints seconds of user and system time as JSON. Each program's are what it says itself, or what the
worker had from the kernel when it ended; those of workers on top are the workers' own, with what
attempts took that were given up.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import time
from collections.abc import Collection
from dataclasses import replace

from excamera import encoding_options
from excamera.encode import Encode, Runner
from excamera.job import DEFAULT_BACKOFF_LIMIT, Job
from excamera.local import LocalRunner
from excamera.local_options import absolute, real_path
from mu import Batch, Further, Machine, Observer, Run, Task
from mu.backends.local import processors
from mu.combinators import Exchange, MachineSource, Parallel, Sequence
from mu.commands import Ran
from mu.grants import Sign
from mu.observer import Observation, Observers, TaskDone

INDEX, JOIN, AGENTS, COORDINATOR = "index", "join", "agents", "coordinator"


class Accounting:
    """A runner that has workers' machines keep what programs took; and an observer, that adds it
    up. `seconds` is by program."""

    def __init__(self, runner: Runner) -> None:
        self.seconds: dict[str, float] = {}
        self.before = 0.0
        self.meanwhile = 0.0
        self._runner = runner

    async def run(
        self,
        job: str,
        tasks: Collection[Task],
        done: Collection[str],
        observer: Observer,
        sign: Sign,
        further: Further | None = None,
    ) -> None:
        """See `encode.Runner`."""
        self.before = _of_children()
        both = Observers(observer, self)
        more = _all_kept(further) if further else None
        await self._runner.run(job, [task_kept(task) for task in tasks], done, both, sign, more)
        self.meanwhile = _of_children() - self.before

    def observe(self, event: Observation) -> None:
        """Takes a finished task into account."""
        if isinstance(event, TaskDone):
            for program, reply in event.result.items():
                if isinstance(reply, Ran):
                    spent = reply.user_seconds + reply.system_seconds
                    self.seconds[program] = self.seconds.get(program, 0.0) + spent


def task_kept(task: Task) -> Task:
    """The same, but that its result holds the replies of all programs that it ran."""
    return replace(task, machine=lambda: kept(_made(task.machine)))


def kept(machine: Machine) -> Machine:
    """The same with every program's reply kept, under the program's name. TypeError where programs
    may run that would not be."""
    match machine:
        case Exchange(command=Run(argv), keep=""):
            return replace(machine, keep=" ".join(argv[:2]))
        case Exchange(command=command) if not isinstance(command, Run) and not callable(command):
            return machine
        case Sequence(machines):
            return Sequence(tuple(map(kept, machines)))
        case Parallel(branches):
            return Parallel(tuple(map(kept, branches)))
    raise TypeError(f"what {machine} runs would not be accounted for")


def _made(source: MachineSource) -> Machine:
    return source if isinstance(source, Machine) else source()


def _all_kept(further: Further) -> Further:
    async def batch() -> Batch | None:
        found = await further()
        return found and replace(found, tasks=tuple(map(task_kept, found.tasks)))

    return batch


def account(job: Job) -> dict[str, float]:
    """Does the job; seconds by program, and those of the rest."""
    accounting = Accounting(LocalRunner(processors(), job.backoff_limit))
    work = f"{job.output}.excamera"
    asyncio.run(Encode(job, work, time.monotonic, lambda _: None).run(accounting))
    return {
        **accounting.seconds,
        INDEX: accounting.before,
        JOIN: _of_children() - accounting.before - accounting.meanwhile,
        AGENTS: accounting.meanwhile - sum(accounting.seconds.values()),
        COORDINATOR: _of(resource.RUSAGE_SELF),
    }


def main() -> None:
    """Prints the account of one job."""
    parser = argparse.ArgumentParser(prog="python -m bench.accounts", description=__doc__)
    parser.add_argument("source")
    parser.add_argument("output")
    encoding_options.add_to(parser)
    options = parser.parse_args()
    encoding = encoding_options.encoding_of(options)
    source, output = real_path(options.source), absolute(options.output)
    print(json.dumps(account(Job(source, output, encoding, DEFAULT_BACKOFF_LIMIT))))


def _of_children() -> float:
    return _of(resource.RUSAGE_CHILDREN)


def _of(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
