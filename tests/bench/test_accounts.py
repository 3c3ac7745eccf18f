"""What a job's programs take is added up from what workers report."""

import pytest

from bench.accounts import Accounting, kept, task_kept
from bench.work import Measured, by_program
from excamera.local import LocalRunner
from mu import Receive, Run, Send, Task, exchange, if_then_else, parallel, sequence
from mu.commands import Ran, Reply, Transferred
from mu.compile import compiled
from mu.observer import TaskDone
from mu.table import CallState
from mu.task import Attempt

ENCODE = exchange("encoding", Run(("xc", "encode", "a.y4m"), 1.0))
REBASE = exchange("rebasing", Run(("xc", "rebase", "b"), 1.0))
SEND = exchange("sending", Send("state", recipient="b", name="state"))
RECEIVE = exchange("waiting", Receive("b", "state", file="state"))


def names_kept(machine) -> dict[str, str]:
    table = compiled(machine)
    return {
        name: state.keep for name, state in table.states.items() if isinstance(state, CallState)
    }


def test_machines_keep_the_reply_of_every_program_and_of_nothing_else():
    machine = sequence(ENCODE, parallel(RECEIVE, SEND, REBASE))
    assert names_kept(kept(machine)) == {
        "encoding": "xc encode",
        "rebasing": "xc rebase",
        "sending": "",
        "waiting": "",
    }


def test_a_task_is_otherwise_what_it_was():
    task = Task("chunk", lambda: sequence(ENCODE), order=(1, 2), stage="first")
    watched = task_kept(task)
    assert (watched.name, watched.order, watched.stage) == ("chunk", (1, 2), "first")
    assert names_kept(watched.machine) == {"encoding": "xc encode"}


def test_what_would_not_be_accounted_for_is_refused():
    with pytest.raises(TypeError, match="would not be accounted for"):
        kept(if_then_else(lambda memory: True, ENCODE))


def test_programs_are_added_up_over_tasks():
    accounting = Accounting(LocalRunner(1, 0))
    for number in range(2):
        result: dict[str, Reply] = {
            "xc encode": Ran(0, user_seconds=2.0, system_seconds=0.5),
            "xc rebase": Ran(0, user_seconds=0.25),
            "state": Transferred(9),
        }
        name = f"chunk-{number}"
        accounting.observe(TaskDone(name, Attempt(name, 1), "first", result, {}))
    assert accounting.seconds == {"xc encode": 5.0, "xc rebase": 0.5}


def test_shares_are_by_vpxencs_time_and_a_program_without_a_name_has_its_row():
    seconds = {"xc encode": 10.0, "xc rebase": 1.0, "coordinator": 0.5, "xc dream": 2.0}
    made = by_program([Measured("clip", 1.4, seconds, 10.0)])
    assert "| `xc encode` | 1.000 |" in made
    assert "| `xc state` of chains' heads | 0.000 |" in made
    assert "| coordinator and rendezvous | 0.050 |" in made
    assert "| `xc dream` | 0.200 |" in made
    assert "| all | 1.350 |" in made
