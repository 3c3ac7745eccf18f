"""The workers' function: as it should be, and what must change for it to be so. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Final

from excamera_lambda.errors import InvalidRequest

ENTRY_POINT: Final = ("/opt/excamera/bin/python3", "-m", "awslambdaric")
HANDLER: Final = ("excamera_worker.aws_lambda.handler",)
ARCHITECTURES: Final = ("x86_64", "arm64")
MEMORY: Final = (128, 10240)
"""In MB, from and to; so is STORAGE, and in seconds TIMEOUT and EVENT_AGES."""

STORAGE: Final = (512, 10240)
TIMEOUT: Final = (60, 900)
"""A worker takes nothing new in its last thirty."""

EVENT_AGES: Final = (60, 21600)

ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
EVENT_AGE: Final = 300
"""In seconds: how long Lambda keeps an invocation that finds the function's concurrency used up.
Its worker is waited for as long."""

NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
RETENTIONS: Final = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    3653,
)


@dataclass(frozen=True, slots=True)
class Function:
    """memory and storage in MB, timeout and event_age in seconds, log_days in days.

    reserved: concurrency that is set aside for the function, and its limit; None: none is.
    retries: how often Lambda repeats an invocation that failed. That is the coordinator's business.
    event_age: how long an invocation may wait for its turn; one that comes later is of no use.
    log_days: None where the log group is kept for ever, or is not there.
    """

    name: str
    image: str
    role: str
    memory: int = 2048
    timeout: int = 900
    storage: int = 2048
    architecture: str = "x86_64"
    reserved: int | None = None
    retries: int = 0
    event_age: int = EVENT_AGE
    log_days: int | None = 14
    environment: Mapping[str, str] = field(default_factory=dict)
    entry_point: tuple[str, ...] = ENTRY_POINT
    command: tuple[str, ...] = HANDLER

    def check(self) -> None:
        """Raises InvalidRequest, and names the option at fault."""
        self.check_size()
        _require(
            (NAME.fullmatch(self.name), "--function: 1 to 64 letters, digits, - and _"),
            (
                ROLE.fullmatch(self.role),
                "--role: an ARN such as arn:aws:iam::123456789012:role/NAME",
            ),
            (self.image, "--image: the image's URI in a registry of ECR"),
            _within("--timeout", self.timeout, TIMEOUT, "seconds"),
            (self.architecture in ARCHITECTURES, f"--architecture: {' or '.join(ARCHITECTURES)}"),
            (self.reserved is None or self.reserved > 0, "--concurrency: at least 1"),
            _within("--event-age", self.event_age, EVENT_AGES, "seconds"),
            (self.log_days in RETENTIONS, f"--log-days: one of {', '.join(map(str, RETENTIONS))}"),
        )

    def check_size(self) -> None:
        """The same for what a worker has."""
        _require(
            _within("--memory", self.memory, MEMORY, "MB"),
            _within("--storage", self.storage, STORAGE, "MB"),
        )


def unqualified(name: str) -> str:
    """A function's name (`workers:live`, an ARN, a part of one), without its version or alias."""
    parts = name.split(":")
    before = parts.index("function") + 1 if "function" in parts else 0
    return ":".join(parts[: before + 1])


def _within(option: str, value: int, bounds: tuple[int, int], unit: str) -> tuple[bool, str]:
    least, most = bounds
    return least <= value <= most, f"{option}: {least} to {most} {unit}"


def _require(*conditions: tuple[object, str]) -> None:
    for holds, message in conditions:
        if not holds:
            raise InvalidRequest(message)


class Step(Enum):
    """A call to AWS, in the order in which they are made."""

    CREATE = "create"
    CODE = "code"
    CONFIGURATION = "configuration"
    CONCURRENCY = "concurrency"
    EVENTS = "events"
    LOGS = "logs"


@dataclass(frozen=True, slots=True)
class Change:
    """What a step changes, for people."""

    step: Step
    text: str


STEPS: Final = {
    "image": Step.CODE,
    "architecture": Step.CODE,
    "role": Step.CONFIGURATION,
    "memory": Step.CONFIGURATION,
    "timeout": Step.CONFIGURATION,
    "storage": Step.CONFIGURATION,
    "environment": Step.CONFIGURATION,
    "entry_point": Step.CONFIGURATION,
    "command": Step.CONFIGURATION,
    "reserved": Step.CONCURRENCY,
    "retries": Step.EVENTS,
    "event_age": Step.EVENTS,
    "log_days": Step.LOGS,
}
UNITS: Final = {"memory": " MB", "storage": " MB", "timeout": " s", "event_age": " s"}


def changes(wanted: Function, actual: Function | None) -> tuple[Change, ...]:
    """What turns `actual` into `wanted`, in order; nothing if that is so already.

    A new function is created with its code and configuration in one step.
    """
    order = list(Step)
    return tuple(sorted(_changes(wanted, actual), key=lambda change: order.index(change.step)))


def _changes(wanted: Function, actual: Function | None) -> Iterator[Change]:
    if actual is None:
        yield Change(Step.CREATE, f"new function {wanted.name} of {wanted.image}")
    made = (Step.CODE, Step.CONFIGURATION) if actual is None else ()
    for one in fields(Function):
        step = STEPS.get(one.name)
        new = getattr(wanted, one.name)
        old = None if actual is None else getattr(actual, one.name)
        if step is None or step in made or new == old:
            continue
        name = one.name.replace("_", " ")
        unit = UNITS.get(one.name, "")
        before = "" if old is None else f"{_shown(old)}{unit} -> "
        yield Change(step, f"{name}: {before}{_shown(new)}{unit if new is not None else ''}")


def _shown(value: object) -> str:
    """Values of variables may be secret: only their names are shown."""
    match value:
        case None:
            return "none"
        case tuple():
            return " ".join(map(str, value))
        case Mapping():
            return ", ".join(sorted(value)) or "no variables"
        case _:
            return str(value)
