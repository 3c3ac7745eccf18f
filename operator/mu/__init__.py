"""mu: a coordinator drives workers by remote calls, each according to a finite-state machine.

After the framework of the same name (Fouladi et al., NSDI'17, section 3). A pipeline is a machine
for each task, put together from combinators; the tasks of a job and their dependencies are
scheduled on workers of a backend.

    pure    commands, combinators -> table -> step; task -> schedule
    shell   server (`mu.server.Server`), a job's run (`mu.run.JobRun`), `mu.backends`

This module exports what one writes pipelines and observers with. It loads no gRPC.
"""

from mu.combinators import (
    Machine,
    MachineSource,
    exchange,
    if_then_else,
    parallel,
    publish,
    repeat,
    sequence,
    wait_for,
    while_,
)
from mu.commands import (
    Command,
    Echo,
    Failure,
    FailureKind,
    Get,
    Ran,
    Receive,
    Reply,
    Retrieve,
    Run,
    Send,
    Set,
    Transferred,
    Upload,
    Value,
)
from mu.compile import compiled
from mu.errors import (
    BackendError,
    IllegalEvent,
    InvalidMachine,
    InvalidTasks,
    JobFailed,
    MuError,
    NoWorkers,
    TaskFailed,
    WireError,
)
from mu.further import Batch, Further
from mu.graph import dot, mermaid
from mu.memory import Memory
from mu.observer import Observation, Observer, Observers
from mu.schedule import ScheduleSettings
from mu.table import Table
from mu.task import Attempt, Task
from mu.verdict import Verdict

__all__ = [
    "Attempt",
    "BackendError",
    "Batch",
    "Command",
    "Echo",
    "Failure",
    "FailureKind",
    "Further",
    "Get",
    "IllegalEvent",
    "InvalidMachine",
    "InvalidTasks",
    "JobFailed",
    "Machine",
    "MachineSource",
    "Memory",
    "MuError",
    "NoWorkers",
    "Observation",
    "Observer",
    "Observers",
    "Ran",
    "Receive",
    "Reply",
    "Retrieve",
    "Run",
    "ScheduleSettings",
    "Send",
    "Set",
    "Table",
    "Task",
    "TaskFailed",
    "Transferred",
    "Upload",
    "Value",
    "Verdict",
    "WireError",
    "compiled",
    "dot",
    "exchange",
    "if_then_else",
    "mermaid",
    "parallel",
    "publish",
    "repeat",
    "sequence",
    "wait_for",
    "while_",
]
