"""The machines of a run, without a wire: a schedule, a clock, and calls that a test answers."""

from __future__ import annotations

from excamera_proto import mu_pb2 as pb
from mu import Attempt, Echo, Receive, Task, Transferred, Value, exchange, sequence
from mu import observer as seen
from mu.commands import Reply
from mu.machines import Machines
from mu.schedule import Schedule, ScheduleSettings
from mu.schedule import decisions as d
from mu.schedule import events as e
from mu.settings import RunSettings
from mu.step import Replied
from mu.wire import attempt_to_wire, journals_from_wire, reply_to_wire


class Play:
    """As much of a run as machines need."""

    def __init__(self, tasks, done=(), messages_held=False, **settings) -> None:
        schedule = ScheduleSettings(workers=2, **settings)
        self.settings = RunSettings(schedule, transfer_seconds=10.0)
        self.schedule = Schedule(tasks, schedule, done, messages_held=messages_held)
        self.now = 0.0
        self.sent: list[tuple[str, pb.ToWorker]] = []
        self.seen: list[seen.Observation] = []
        self.failures: list[d.JobFailed] = []
        self.machines = Machines(
            self.schedule,
            self.settings,
            self.tell,
            lambda worker, message: self.sent.append((worker, message)),
            self.seen.append,
            lambda: self.now,
        )

    def tell(self, *events: e.ScheduleEvent) -> None:
        for event in events:
            for decision in self.schedule.handle(event, self.now):
                match decision:
                    case d.Assign():
                        self.machines.assign(decision, "fake")
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

    def reply(self, attempt: Attempt, call: int, reply: Reply) -> None:
        self.machines.replied(attempt, Replied(call, reply))

    def come_back(self, worker: str, *journals: tuple[Attempt, dict[int, Reply]]) -> None:
        """The worker connects (again) with these journals."""
        held = self.machines.compared(worker, "fake", journals_from_wire(hello(*journals)))
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


WORKS_THEN_WAITS = Task(
    "t",
    sequence(
        exchange("working", Echo("x")),
        exchange("waiting", Receive("t", "state", "in")),
        exchange("finishing", Echo("y")),
    ),
)
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
