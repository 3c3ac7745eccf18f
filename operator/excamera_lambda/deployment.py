"""Makes the workers' function what it should be, with boto3. Blocking.

    actual    what AWS has
    deploy    the changes that are needed, carried out in order; each is told when it is made
    remove    the function and its log group

What to change is decided in `function`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from excamera_lambda.aws import in_words
from excamera_lambda.errors import Absent, NotDone
from excamera_lambda.function import Change, Function, Step, changes
from excamera_lambda.settling import Pause, once_the_role_is_known, settled, standing
from excamera_lambda.standing import Standing

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient

Say = Callable[[str], None]


class Deployment:
    """say: takes a line for each thing that was done."""

    def __init__(
        self,
        lambda_: LambdaClient,
        logs: CloudWatchLogsClient,
        say: Say,
        pause: Pause = time.sleep,
    ) -> None:
        self._lambda = lambda_
        self._logs = logs
        self._say = say
        self._pause = pause

    def actual(self, name: str) -> Function | None:
        """None if there is no such function. Raises LambdaError."""
        try:
            with in_words(f"reading function {name}"):
                found = self._lambda.get_function(FunctionName=name)
        except Absent:
            return None
        configuration: Any = found["Configuration"]
        image = (configuration.get("ImageConfigResponse") or {}).get("ImageConfig") or {}
        events = self._events(name)
        return Function(
            name=name,
            image=found["Code"].get("ImageUri", ""),
            role=configuration["Role"],
            memory=configuration["MemorySize"],
            timeout=configuration["Timeout"],
            storage=(configuration.get("EphemeralStorage") or {}).get("Size", 512),
            architecture=(configuration.get("Architectures") or ["x86_64"])[0],
            reserved=(found.get("Concurrency") or {}).get("ReservedConcurrentExecutions"),
            retries=events.get("MaximumRetryAttempts", 2),
            event_age=events.get("MaximumEventAgeInSeconds", 21600),
            log_days=self._log_days(name),
            environment=(configuration.get("Environment") or {}).get("Variables") or {},
            entry_point=tuple(image.get("EntryPoint") or ()),
            command=tuple(image.get("Command") or ()),
        )

    def state(self, name: str) -> str:
        """What AWS says of a function that is there: Active, Pending, Failed and why."""
        return standing(self._lambda, name).text

    def deploy(self, wanted: Function, *, dry: bool, refresh: bool = False) -> tuple[Change, ...]:
        """What was changed, or with `dry` would be. refresh: the image's tag may have been moved,
        and is resolved anew, as after an update that failed. What AWS is just doing to the function
        is waited for. Raises LambdaError."""
        wanted.check()
        stands = self._standing(wanted.name, wait=not dry)
        needed = changes(wanted, self.actual(wanted.name))
        if stands is not None and (refresh or stands.update_failed):
            needed = _with_code(wanted, needed)
        done: set[Step] = set()
        for change in needed:
            if not dry and change.step not in done:
                with in_words(f"{change.step.value} of function {wanted.name}"):
                    self._carry_out(change.step, wanted)
                done.add(change.step)
            self._say(f"to do: {change.text}" if dry else change.text)
        return needed

    def remove(self, name: str) -> bool:
        """False if there was nothing to remove. Raises LambdaError."""
        function = self._gone(
            f"function {name}", lambda: self._lambda.delete_function(FunctionName=name)
        )
        group = _group(name)
        logs = self._gone(
            f"log group {group}", lambda: self._logs.delete_log_group(logGroupName=group)
        )
        return function or logs

    def _gone(self, what: str, delete: Callable[[], object]) -> bool:
        try:
            with in_words(f"deleting {what}"):
                delete()
        except Absent:
            return False
        self._say(f"deleted {what}")
        return True

    def _standing(self, name: str, *, wait: bool) -> Standing | None:
        try:
            if wait:
                return settled(self._lambda, name, self._pause)
            now = standing(self._lambda, name)
        except Absent:
            return None
        now.check(name)
        return now

    def _finish(self, name: str) -> None:
        """Returns when AWS has done what it was told."""
        now = settled(self._lambda, name, self._pause)
        if now.update_failed:
            raise NotDone(f"AWS could not change function {name}: {now.text}")

    def _carry_out(self, step: Step, wanted: Function) -> None:
        name = wanted.name
        match step:
            case Step.CREATE:
                self._create(wanted)
                self._finish(name)
            case Step.CODE:
                self._lambda.update_function_code(
                    FunctionName=name,
                    ImageUri=wanted.image,
                    Architectures=[wanted.architecture],  # type: ignore[list-item]
                )
                self._finish(name)
            case Step.CONFIGURATION:
                once_the_role_is_known(
                    lambda: self._lambda.update_function_configuration(
                        FunctionName=name, **_configuration(wanted)
                    ),
                    self._pause,
                )
                self._finish(name)
            case Step.CONCURRENCY:
                self._reserve(name, wanted.reserved)
            case Step.EVENTS:
                self._lambda.put_function_event_invoke_config(
                    FunctionName=name,
                    MaximumRetryAttempts=wanted.retries,
                    MaximumEventAgeInSeconds=wanted.event_age,
                )
            case Step.LOGS:
                self._keep_logs(name, wanted.log_days)

    def _create(self, wanted: Function) -> None:
        def create() -> object:
            return self._lambda.create_function(
                FunctionName=wanted.name,
                PackageType="Image",
                Code={"ImageUri": wanted.image},
                Architectures=[wanted.architecture],  # type: ignore[list-item]
                **_configuration(wanted),
            )

        try:
            once_the_role_is_known(create, self._pause)
        except self._lambda.exceptions.ResourceConflictException:
            # It was made, and the answer was lost; or else somebody is making another one.
            made = changes(wanted, self.actual(wanted.name))
            if any(one.step in (Step.CREATE, Step.CODE, Step.CONFIGURATION) for one in made):
                raise

    def _reserve(self, name: str, concurrency: int | None) -> None:
        if concurrency is None:
            self._lambda.delete_function_concurrency(FunctionName=name)
        else:
            self._lambda.put_function_concurrency(
                FunctionName=name, ReservedConcurrentExecutions=concurrency
            )

    def _keep_logs(self, name: str, days: int | None) -> None:
        with suppress(self._logs.exceptions.ResourceAlreadyExistsException):
            self._logs.create_log_group(logGroupName=_group(name))
        assert days is not None, "checked before"
        self._logs.put_retention_policy(logGroupName=_group(name), retentionInDays=days)

    def _events(self, name: str) -> Mapping[str, Any]:
        try:
            with in_words(f"reading how {name} is invoked"):
                found = self._lambda.get_function_event_invoke_config(FunctionName=name)
        except Absent:
            return {}
        return dict(found)

    def _log_days(self, name: str) -> int | None:
        with in_words(f"reading log group {_group(name)}"):
            groups = self._logs.describe_log_groups(logGroupNamePrefix=_group(name))["logGroups"]
        for group in groups:
            if group["logGroupName"] == _group(name):
                return group.get("retentionInDays")
        return None


def _with_code(wanted: Function, needed: tuple[Change, ...]) -> tuple[Change, ...]:
    """The same, and the image taken once more."""
    if any(one.step is Step.CODE for one in needed):
        return needed
    return (Change(Step.CODE, f"image: {wanted.image} again"), *needed)


def _group(name: str) -> str:
    return f"/aws/lambda/{name}"


def _configuration(wanted: Function) -> dict[str, Any]:
    return {
        "Role": wanted.role,
        "MemorySize": wanted.memory,
        "Timeout": wanted.timeout,
        "EphemeralStorage": {"Size": wanted.storage},
        "Environment": {"Variables": dict(wanted.environment)},
        "ImageConfig": {
            "EntryPoint": list(wanted.entry_point),
            "Command": list(wanted.command),
        },
    }
