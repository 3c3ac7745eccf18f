"""The machines of a run, without a wire: a schedule, a clock, and calls that a test answers."""

from __future__ import annotations

from collections import deque

import pytest

from excamera_proto import mu_pb2 as pb
from mu import (
    Attempt,
    Echo,
    Machine,
    Receive,
    Send,
    Task,
    Transferred,
    Value,
    exchange,
    publish,
    sequence,
    wait_for,
)
from mu import observer as seen
from mu.commands import Reply
from mu.grants import unsigned
from mu.machines import Machines
from mu.schedule import Schedule, ScheduleSettings
from mu.schedule import decisions as d
from mu.schedule import events as e
from mu.settings import RunSettings
from mu.step import Replied
from mu.wire import attempt_to_wire, journals_from_wire, reply_to_wire


class Play:
    """As much of a run as machines need."""

    def __init__(self, tasks, done=(), **settings) -> None:
        schedule = ScheduleSettings(workers=2, **settings)
        self.settings = RunSettings(schedule, transfer_seconds=10.0)
        self.schedule = Schedule(tasks, schedule, done)
        self.now = 0.0
        self.inbox: deque[e.ScheduleEvent] = deque()
        self.busy = False
        self.sent: list[tuple[str, pb.ToWorker]] = []
        self.seen: list[seen.Observation] = []
        self.failures: list[d.JobFailed] = []
        self.machines = Machines(
            self.schedule,
            self.settings,
            "fake",
            self.tell,
            lambda worker, message: self.sent.append((worker, message)),
            self.seen.append,
            lambda: self.now,
            unsigned,
        )

    def tell(self, *events: e.ScheduleEvent) -> None:
        self.inbox.extend(events)
        if self.busy:  # what follows from a decision is told when all of them are carried out
            return
        self.busy = True
        while self.inbox:
            for decision in self.schedule.handle(self.inbox.popleft(), self.now):
                match decision:
                    case d.Assign():
                        self.machines.assign(decision)
                    case d.Adopt(attempt=attempt):
                        self.machines.adopt(attempt)
                    case d.AttemptEnded():
                        self.machines.ended(decision)
                    case d.TaskDone(attempt):
                        self.machines.done(attempt)
                    case d.TaskRestored(attempt, redone):
                        self.machines.restored(attempt, redone=redone)
                    case d.JobFailed():
                        self.failures.append(decision)
        self.busy = False

    def reply(self, attempt: Attempt, call: int, reply: Reply) -> None:
        self.machines.replied(attempt, Replied(call, reply))

    def come_back(self, worker: str, *journals: tuple[Attempt, dict[int, Reply]]) -> None:
        """The worker connects (again) with these journals."""
        held = self.machines.compared(worker, journals_from_wire(hello(*journals)))
        self.tell(e.WorkerJoined(worker, held))
        self.machines.resume(worker, [one.attempt for one in held])

    def of(self, kind):
        return [event for event in self.seen if isinstance(event, kind)]

    def calls(self, attempt: Attempt) -> list[pb.Call]:
        """All that were made for the attempt."""
        made = [message.call for _, message in self.sent if message.HasField("call")]
        return [call for call in made if (call.attempt.task, call.attempt.number) == key(attempt)]


def key(attempt: Attempt) -> tuple[str, int]:
    return attempt.task, attempt.number


def hello(*journals: tuple[Attempt, dict[int, Reply]]) -> pb.Hello:
    return pb.Hello(
        journals=[
            pb.Journal(
                attempt=attempt_to_wire(attempt),
                replies=[reply_to_wire(attempt, call, reply) for call, reply in replies.items()],
            )
            for attempt, replies in journals
        ]
    )


MACHINE = sequence(
    exchange("working", Echo("x")),
    exchange("waiting", Receive("t", "state", "in")),
    exchange("finishing", Echo("y")),
)
WORKS_THEN_WAITS = Task("t", MACHINE)
T = Attempt("t", 1)


def test_a_call_that_the_journal_answers_is_no_longer_due():
    play = Play([WORKS_THEN_WAITS])
    play.tell(e.WorkerJoined("v"))
    play.tell(e.WorkerSilent("v"))
    play.now = 5.0
    play.come_back("v", (T, {0: Value("x")}))
    assert play.calls(T)[-1].command.HasField("receive")
    play.now = 500.0
    assert play.machines.overdue() == []


def test_of_an_adopted_attempt_only_states_are_timed_that_were_seen_to_begin():
    play = Play([WORKS_THEN_WAITS], reunion_seconds=5.0)
    play.come_back("v", (T, {}))
    play.now = 2.0
    play.reply(T, 0, Value("x"))
    play.now = 5.0
    play.reply(T, 1, Transferred(1))
    play.now = 6.0
    play.reply(T, 2, Value("y"))
    seconds = {"waiting": 3.0, "finishing": 1.0, "done": 0.0}
    assert [event.seconds for event in play.of(seen.TaskDone)] == [seconds]


def test_a_call_that_the_journal_does_not_answer_stays_due():
    play = Play([WORKS_THEN_WAITS])
    play.tell(e.WorkerJoined("v"))
    play.tell(e.WorkerSilent("v"))
    play.come_back("v", (T, {}))
    play.now = 10.5
    assert [activity.attempt for activity in play.machines.overdue()] == [T]


class Counted:
    """A function that makes a machine, and how often it was called."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.calls = 0

    def __call__(self) -> Machine:
        self.calls += 1
        return self.machine


def test_a_machine_given_as_a_function_is_made_when_its_task_is_assigned():
    machines = [Counted(exchange("working", Echo("x"))) for _ in range(4)]
    again = Counted(exchange("sending", Send("out", "b", "state")))
    play = Play([Task(f"t{n}", machine, restore=again) for n, machine in enumerate(machines)])
    assert [machine.calls for machine in machines] == [0, 0, 0, 0]
    play.tell(e.WorkerJoined("v"), e.WorkerJoined("w"))
    assert [machine.calls for machine in machines] == [1, 1, 0, 0]
    play.reply(Attempt("t0", 1), 0, Value("x"))
    assert [machine.calls for machine in machines] == [1, 1, 1, 0]
    assert play.machines.results == {"t0": {}}
    assert again.calls == 0


def test_an_attempt_whose_machine_is_made_by_a_function_can_be_adopted():
    play = Play([Task("t", lambda: MACHINE)])
    play.come_back("v", (T, {0: Value("x")}))
    assert play.calls(T)[-1].command.HasField("receive")


def no_machine() -> Machine:
    raise OSError("the index cannot be read")


@pytest.mark.parametrize(
    ("machine", "message"),
    [
        (no_machine, "the index cannot be read"),
        (lambda: sequence(exchange("a", Echo()), exchange("a", Echo())), "two states are named"),
        (lambda: publish("ready"), "uses the fact 'ready'"),
        (lambda: sequence(wait_for("ready"), publish("ready")), "uses the fact 'ready'"),
    ],
)
def test_a_function_that_makes_no_good_machine_fails_its_task_for_good(machine, message):
    play = Play([Task("t", machine)])
    play.tell(e.WorkerJoined("v"))
    (failure,) = play.failures
    assert message in failure.message
    assert failure.task is not None
    assert (failure.task.reason, failure.task.permanent) == ("pipeline", True)


def test_a_restore_machine_that_cannot_be_made_is_made_good_by_the_tasks_own():
    producer = Task("a", lambda: exchange("sending", Send("out", "b", "m")), restore=no_machine)
    consumer = Task("b", exchange("waiting", Receive("b", "m", "in")), needs=("a",))
    play = Play([producer, consumer], done=["a"])
    play.tell(e.WorkerJoined("v"))
    assert [call.command.WhichOneof("command") for call in play.calls(Attempt("a", 2))] == ["send"]
    assert not play.failures
