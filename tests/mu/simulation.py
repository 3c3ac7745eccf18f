"""A world for a schedule: workers that come and go, messages that are really needed.

The world keeps its own books and asserts, at every decision, what the schedule promises. Attempts
do what real ones do: wait until every message that they need is at the rendezvous, work for a
while, and leave their own messages there when they are done. Time is virtual.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

from hypothesis import strategies as st

from mu.combinators import exchange
from mu.commands import Echo
from mu.schedule import Schedule, ScheduleSettings
from mu.schedule import decisions as d
from mu.schedule import events as e
from mu.task import Attempt, Task

MACHINE = exchange("working", Echo())
END = 2_000.0


@st.composite
def graphs(draw, tasks: int = 10) -> list[Task]:
    """Random DAGs of two partitions; some tasks can be restored without their own machine."""
    number = draw(st.integers(1, tasks))
    made: list[Task] = []
    for index in range(number):
        partition = draw(st.sampled_from("pq"))
        needs = draw(_some([one.name for one in made if one.partition == partition]))
        after = [one for one in draw(_some([one.name for one in made])) if one not in needs]
        restore = draw(st.sampled_from([None, MACHINE]))
        order = (draw(st.integers(0, 3)),)
        task = Task(f"t{index}", MACHINE, tuple(needs), tuple(after), order, restore)
        made.append(replace(task, partition=partition))
    return draw(st.permutations(made))


def _some(names: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), max_size=2, unique=True) if names else st.just([])


def chains(number: int, length: int) -> list[Task]:
    return [
        Task(
            f"{chain}.{position}",
            MACHINE,
            needs=(f"{chain}.{position - 1}",) if position else (),
            order=(position, chain),
            partition=f"{chain}",
        )
        for chain in range(number)
        for position in range(length)
    ]


@dataclass
class Faults:
    """How often things go wrong, as probabilities, and how many times at most altogether."""

    lose_worker: float = 0.0
    fail: float = 0.0
    silence: float = 0.0
    restart: float = 0.0
    lose_attempt: float = 0.0
    failed_launch: float = 0.0
    postponed_launch: float = 0.0
    lose_messages: float = 0.0
    restore_fails: float = 0.0
    slow: float = 0.0
    budget: int = 12


@dataclass
class Doing:
    """An attempt on a simulated worker."""

    attempt: Attempt
    restoring: bool
    begun: bool = False
    blocked: bool = False
    sent: bool = False


@dataclass
class World:
    tasks: list[Task]
    settings: ScheduleSettings
    faults: Faults
    seed: int
    done: tuple[str, ...] = ()
    later: tuple[list[Task], ...] = ()
    now: float = 0.0
    log: list[str] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    failed: d.JobFailed | None = None
    ended: bool = False
    attempts_lost: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.instalments = list(self.later)
        self.by_name = {task.name: task for task in self.tasks}
        self.schedule = Schedule(self.tasks, self.settings, self.done, open_=bool(self.later))
        self.workers: dict[str, dict[Attempt, Doing]] = {}
        self.present: set[str] = set()
        self.mailboxes: set[tuple[str, str]] = set()
        self.was_assigned: set[str] = set(self.done)
        self.won: set[str] = set(self.done)
        self.numbers: set[Attempt] = set()
        self.names = count()
        self.agenda: list[tuple[float, int, Callable[[], None]]] = []
        self.tie = count()

    # The clock

    def at(self, delay: float, what) -> None:
        heapq.heappush(self.agenda, (self.now + delay, next(self.tie), what))

    def run(self) -> World:
        self.at(0.0, self.tick)
        while self.agenda and not self.ended:
            self.now, _, what = heapq.heappop(self.agenda)
            assert self.now < END, "deadlock: " + "\n".join(self.log[-60:])
            what()
        assert self.ended, "deadlock: " + "\n".join(self.log[-60:])
        return self

    def tick(self) -> None:
        if self.go_wrong(self.faults.lose_messages):
            self.lose_messages()
        if self.go_wrong(self.faults.restart):
            self.begin_anew()
        self.tell(e.Tick())
        self.at(1.0, self.tick)

    def lose_messages(self) -> None:
        """One of the shards begins anew: the messages of some of the partitions are gone."""
        partitions = sorted({task.partition for task in self.tasks})
        lost = frozenset(one for one in partitions if self.chance.random() < 0.6)
        self.mailboxes = {
            edge for edge in self.mailboxes if self.by_name[edge[0]].partition not in lost
        }
        live = [one for held in self.workers.values() for one in held.values()]
        self.tell(e.MessagesLost(lost, frozenset(one.attempt for one in live if one.sent)))

    def go_wrong(self, probability: float) -> bool:
        wrong = self.faults.budget > 0 and self.chance.random() < probability
        self.faults.budget -= wrong
        return wrong

    # What the schedule is told, and what it decides

    def tell(self, event: e.ScheduleEvent) -> None:
        if self.ended:
            return
        self.log.append(f"{self.now:7.2f} {event}")
        for decision in self.schedule.handle(event, self.now):
            self.log.append(f"{'':7} -> {decision}")
            self.carry_out(decision)

    def carry_out(self, decision: d.Decision) -> None:
        match decision:
            case d.StartWorkers(number):
                self.start(number)
            case d.Assign(worker, attempt, restoring):
                self.assigned(worker, attempt, restoring)
            case d.Forget(worker, attempt):
                self.workers.get(worker, {}).pop(attempt, None)
            case d.QuitWorker(worker):
                self.workers.pop(worker, None)
                self.present.discard(worker)
            case d.TaskDone(attempt):
                assert attempt.task not in self.won, "a task was done twice"
                self.won.add(attempt.task)
                self.finished.append(attempt.task)
                self.release(attempt.task)
            case d.TaskRestored(attempt, redone=True):
                self.release(attempt.task)
            case d.AttemptEnded(counted=True):
                self.attempts_lost += 1
            case d.AllDone():
                assert self.won == set(self.by_name)
                self.at(self.chance.uniform(0, 5), self.tell_more)
            case d.JobDone():
                assert self.won == set(self.by_name)
                assert not self.instalments
                self.ended = True
            case d.JobFailed():
                self.failed = decision
                self.ended = True

    def tell_more(self) -> None:
        """The next instalment of tasks, or that there is none."""
        if not self.instalments:
            self.tell(e.NoMoreTasks())
            return
        tasks = self.instalments.pop(0)
        self.tasks = [*self.tasks, *tasks]
        self.by_name |= {task.name: task for task in tasks}
        last = not self.instalments and self.chance.random() < 0.5
        self.tell(e.TasksAdded(tuple(tasks), last=last))

    def release(self, recipient: str) -> None:
        """The application drops the mailboxes of a task that has finished."""
        self.mailboxes = {edge for edge in self.mailboxes if edge[1] != recipient}

    def assigned(self, worker: str, attempt: Attempt, restoring: bool) -> None:
        task = self.by_name[attempt.task]
        assert attempt not in self.numbers, "a number was given twice"
        self.numbers.add(attempt)
        assert worker in self.present, "an attempt went to a worker that is not there"
        assert restoring or self.was_assigned.issuperset(task.needs), "consumer before producer"
        if attempt.task not in self.won:
            assert self.won.issuperset(task.after), "a task was assigned too early"
        assert len(self.workers[worker]) < self.settings.attempts_per_worker
        self.was_assigned.add(attempt.task)
        self.workers[worker][attempt] = Doing(attempt, restoring)
        self.at(0.0, lambda: self.go_on(worker, attempt))

    # Workers

    def start(self, number: int) -> None:
        if self.go_wrong(self.faults.postponed_launch):
            refused = self.chance.uniform(0, 2)
            self.at(refused, lambda: self.tell(e.LaunchesPostponed(number)))
            return
        for _ in range(number):
            self.at(self.chance.uniform(0, 3), self.launch)

    def launch(self) -> None:
        if self.go_wrong(self.faults.failed_launch):
            self.tell(e.LaunchesFailed(1, "the launch failed"))
            return
        name = f"w{next(self.names)}"
        self.workers[name] = {}
        self.present.add(name)
        self.tell(e.WorkerJoined(name))
        if self.go_wrong(self.faults.lose_worker):
            self.at(self.chance.uniform(0, 12), lambda: self.lose(name))
        if self.go_wrong(self.faults.silence):
            self.at(self.chance.uniform(0, 12), lambda: self.fall_silent(name))

    def lose(self, name: str) -> None:
        """Its end may be told of at once, or some time after its goodbye."""
        if self.workers.pop(name, None) is None:
            return
        self.present.discard(name)
        if self.chance.random() < 0.5:
            self.tell(e.WorkerGone(name, "killed"))
        else:
            self.tell(e.WorkerLeaving(name))
            self.at(self.chance.uniform(0, 6), lambda: self.tell(e.WorkerGone(name, "killed")))

    def fall_silent(self, name: str) -> None:
        if name in self.present:
            self.present.discard(name)
            self.tell(e.WorkerSilent(name))
            self.at(
                self.chance.uniform(0, 2 * self.settings.grace_seconds), lambda: self.back(name)
            )

    def begin_anew(self) -> None:
        """The worker that holds most is restarted under its name, and has nothing left."""
        name = max(self.present, key=lambda one: (len(self.workers[one]), one), default=None)
        if name is not None:
            self.workers[name].clear()
            self.tell(e.WorkerSilent(name))
            self.tell(e.WorkerJoined(name))

    def back(self, name: str) -> None:
        """A silent worker reconnects with what it still holds, perhaps too late."""
        if name not in self.workers:
            return
        self.present.add(name)
        doing = self.workers[name].values()
        held = tuple(e.Held(one.attempt, one.sent, one.blocked) for one in doing)
        self.tell(e.WorkerJoined(name, held))
        for one in held:
            self.go_on(name, one.attempt)

    def go_on(self, worker: str, attempt: Attempt) -> None:
        """Waits for messages, then works, then is done. Late, fenced attempts speak up as well."""
        doing = self.workers.get(worker, {}).get(attempt)
        if doing is None or doing.begun:
            return
        task = self.by_name[attempt.task]
        missing = not doing.restoring and any(
            (name, task.name) not in self.mailboxes for name in task.needs
        )
        if missing != doing.blocked and worker in self.present:
            doing.blocked = missing
            self.tell(e.AttemptBlocked(attempt, missing))
        if missing:
            self.at(0.5, lambda: self.go_on(worker, attempt))
            return
        doing.begun = True
        slow = 50.0 if self.go_wrong(self.faults.slow) else 1.0
        seconds = self.chance.uniform(0.5, 3.0) * slow
        self.at(seconds * self.chance.random(), lambda: self.send(worker, doing))
        self.at(seconds, lambda: self.end(worker, doing))

    def send(self, worker: str, doing: Doing) -> None:
        """Some time before its end. Fenced attempts send, too: the same bytes do no harm."""
        if worker in self.workers:
            doing.sent = True
            task = doing.attempt.task
            consumers = [other.name for other in self.tasks if task in other.needs]
            self.mailboxes.update((task, name) for name in consumers)

    def end(self, worker: str, doing: Doing) -> None:
        if worker not in self.present:
            if worker in self.workers:
                self.at(1.0, lambda: self.end(worker, doing))
            return
        event = self.result(doing)
        live = self.schedule.holder(doing.attempt) == worker
        before = set(self.won)
        self.tell(event)
        self.workers.get(worker, {}).pop(doing.attempt, None)
        assert live or self.won == before, "a fenced attempt was accepted"
        if self.chance.random() < 0.2:
            self.tell(event)

    def result(self, doing: Doing) -> e.ScheduleEvent:
        attempt = doing.attempt
        if doing.restoring and self.go_wrong(self.faults.restore_fails):
            return e.AttemptFailed(attempt, "restoring", "not_found", "no checkpoint", True)
        if self.go_wrong(self.faults.fail):
            return e.AttemptFailed(attempt, "working", "exit_status", "exit status 1")
        if self.go_wrong(self.faults.lose_attempt):
            return e.AttemptLost(attempt, "deadline")
        return e.AttemptDone(attempt)
