"""Tasks, attempts, and the graph that tasks form. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mu.combinators import MachineSource
from mu.errors import InvalidTasks


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of one task; a task's attempts are numbered from 1."""

    task: str
    number: int

    def __str__(self) -> str:
        return f"{self.task}#{self.number}"


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of work that one worker does by following a machine.

    machine: what an attempt follows; or a function that makes it, which is called when the task is
        first assigned, and again if its table has since been dropped. So a job of many tasks costs
        little; but such a machine is checked late, and can use no facts (see `task_tables`).
    needs: tasks whose messages this one receives. It may run beside them, but is assigned only
        after each of them has been.
    after: tasks that must be done before this one is assigned.
    order: tasks are assigned in this order as far as needs and after permit; lower first. But a
        worker goes on with tasks of the partition that it worked on last.
    restore: a machine (or a function, as above), without needs, that sends once more what the
        finished task had sent; used when a consumer still needs a message that is gone. If it is
        None or fails for good, the task's own machine is run again.
    stage: what kind of task it is, one of a few words: a label, and the set of tasks among which
        stragglers are told from their median.
    partition: tasks that send each other messages have the same one; each partition's messages go
        through one shard of the rendezvous.
    """

    name: str
    machine: MachineSource
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    order: tuple[int, ...] = ()
    restore: MachineSource | None = None
    stage: str = "task"
    partition: str = ""


class TaskGraph:
    """Tasks by name, and who follows whom. It can grow.

    `rank` is a total order that has every task behind all that it needs or comes after, and
    otherwise goes by `order`, then by the order in which tasks were given. Tasks that are added
    later rank behind those that were there.
    """

    def __init__(self, tasks: Iterable[Task]) -> None:
        self.tasks: dict[str, Task] = {}
        self.consumers: dict[str, tuple[str, ...]] = {}
        self.followers: dict[str, tuple[str, ...]] = {}
        self.rank: dict[str, int] = {}
        self.add(tasks)

    def add(self, tasks: Iterable[Task]) -> None:
        """More tasks, which may need, or come after, each other and those that are there already.

        Raises InvalidTasks, and is of no use then.
        """
        listed = tuple(tasks)
        names = {task.name for task in listed}
        if len(names) < len(listed) or names & self.tasks.keys():
            raise InvalidTasks("two tasks have the same name")
        self.tasks |= {task.name: task for task in listed}
        for task in listed:
            self._check(task)
        self.consumers |= dict.fromkeys(names, ())
        self.followers |= dict.fromkeys(names, ())
        _invert(self.consumers, {task.name: task.needs for task in listed})
        _invert(self.followers, {task.name: task.after for task in listed})
        self._rank(listed)

    def __getitem__(self, name: str) -> Task:
        return self.tasks[name]

    def __len__(self) -> int:
        return len(self.tasks)

    def __contains__(self, name: object) -> bool:
        return name in self.tasks

    def _check(self, task: Task) -> None:
        for name in (*task.needs, *task.after):
            if name not in self.tasks:
                raise InvalidTasks(f"{task.name} waits for {name}, which is no task")
        for name in task.needs:
            if self.tasks[name].partition != task.partition:
                raise InvalidTasks(f"{task.name} needs {name}, which is in another partition")

    def _rank(self, listed: tuple[Task, ...]) -> None:
        """Kahn's algorithm with a heap, over the tasks that have no rank yet."""
        place = {task.name: (task.order, index) for index, task in enumerate(listed)}
        before = {
            task.name: sum(name in place for name in (*task.needs, *task.after)) for task in listed
        }
        heap = [(place[name], name) for name, count in before.items() if count == 0]
        heapq.heapify(heap)
        while heap:
            name = heapq.heappop(heap)[1]
            self.rank[name] = len(self.rank)
            for other in (*self.consumers[name], *self.followers[name]):
                before[other] -= 1
                if before[other] == 0:
                    heapq.heappush(heap, (place[other], other))
        if caught := sorted(place.keys() - self.rank.keys())[:3]:
            raise InvalidTasks(f"tasks wait for each other in a circle: {', '.join(caught)} …")


def _invert(into: dict[str, tuple[str, ...]], edges: Mapping[str, tuple[str, ...]]) -> None:
    inverse: dict[str, list[str]] = {}
    for name, others in edges.items():
        for other in others:
            inverse.setdefault(other, []).append(name)
    for name, followers in inverse.items():
        into[name] = (*into[name], *followers)
