"""Whole jobs whose workers are invocations: AWS's emulator runs the real handler."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mu.settings import RunSettings
from tests.aws_lambda.environments import Function
from tests.aws_lambda.jobs import Bucket, Command, run, running
from tests.aws_lambda.service import LOST, Service
from tests.chaos import processes
from tests.store.servers import BUCKET

pytestmark = pytest.mark.tier("lambda")

TWICE = "another worker goes by this name"


async def frozen_at_work(service: Service, command: Command) -> None:
    """The one environment stands still in the middle of an attempt."""
    (environment,) = service.environments
    await processes.until(lambda: environment.freeze_at_work() or command.has_ended)
    assert not command.has_ended, (await command.ended()).said + service.logs


async def test_a_job_on_lambda_gives_the_bytes_of_a_local_one(bucket: Bucket, logs: Path) -> None:
    output = f"s3://{BUCKET}/lambda/plain.webm"
    async with Service(Function(), logs, concurrency=2) as service:
        ended = await run(service, bucket, output, workers=2)
        assert ended.status == 0, ended.said + service.logs
    assert bucket.read(output) == bucket.expected()


async def test_throttled_and_repeated_invocations_change_nothing(
    bucket: Bucket, logs: Path
) -> None:
    """One is answered with 429, one breaks off, one is taken and breaks off, and each event is
    delivered twice."""
    output = f"s3://{BUCKET}/lambda/faults.webm"
    async with Service(
        Function(),
        logs,
        concurrency=3,
        faults=["throttle", "break", "swallow"],
        duplicates=100,
    ) as service:
        ended = await run(service, bucket, output, workers=2)
        assert ended.status == 0, ended.said + service.logs
        twice = [one for one in service.delivered if one.reason == TWICE]
    assert service.statuses[429] == 1
    assert bucket.read(output) == bucket.expected()
    assert ended.report["attempts_lost"] == 0
    assert twice, [one.answer for one in service.delivered]


async def test_workers_at_the_end_of_their_time_are_replaced_and_environments_used_again(
    bucket: Bucket, logs: Path
) -> None:
    """A worker takes nothing new in its last thirty seconds: of this function it has one before,
    which goes by while it stands still."""
    output = f"s3://{BUCKET}/lambda/short.webm"
    function = Function(timeout=31, reserved=1)
    async with (
        Service(function, logs, concurrency=1) as service,
        running(service, bucket, output, workers=5) as command,
    ):
        await frozen_at_work(service, command)
        await asyncio.sleep(RunSettings().heartbeat_seconds + 1)
        service.environments[0].thaw()
        ended = await command.ended()
        assert ended.status == 0, ended.said + service.logs
        reasons = [one.reason for one in service.delivered]
    assert bucket.read(output) == bucket.expected()
    assert reasons[0] == "its time is almost up"
    assert len(reasons) >= 2
    assert ended.report["attempts_lost"] == 0
    assert "reserved concurrency of 1, the job could use 5" in ended.said
    assert ended.report["workers"] == 1


async def test_an_environment_that_is_killed_at_work_costs_an_attempt(
    bucket: Bucket, logs: Path
) -> None:
    output = f"s3://{BUCKET}/lambda/killed.webm"
    async with (
        Service(Function(reserved=1), logs, concurrency=1) as service,
        running(service, bucket, output, workers=1) as command,
    ):
        await frozen_at_work(service, command)
        service.environments[0].kill()
        ended = await command.ended()
        assert ended.status == 0, ended.said + service.logs
        reasons = [one.reason for one in service.delivered]
    assert bucket.read(output) == bucket.expected()
    assert reasons[0] == LOST
    assert ended.report["attempts_lost"] == 1
    assert ended.report["cost"]["requests"] == service.statuses[202] == 2


async def test_a_worker_that_hangs_until_the_functions_time_is_over_costs_an_attempt(
    bucket: Bucket, logs: Path
) -> None:
    """It neither finishes its work nor hands over; Lambda ends it. Meanwhile the function has room
    for nobody else: its successor waits for the environment."""
    output = f"s3://{BUCKET}/lambda/hangs.webm"
    async with (
        Service(Function(timeout=40, reserved=1), logs, concurrency=1) as service,
        running(service, bucket, output, workers=1) as command,
    ):
        await frozen_at_work(service, command)
        ended = await command.ended()
        assert ended.status == 0, ended.said + service.logs
        reasons = [one.reason for one in service.delivered]
    assert bucket.read(output) == bucket.expected()
    assert any("Task timed out after 40" in reason for reason in reasons), reasons
    assert ended.report["attempts_lost"] >= 1


async def test_more_workers_than_lambda_has_room_for_change_nothing(
    bucket: Bucket, logs: Path
) -> None:
    """Two run, one waits, and the others are answered with 429 for as long as the job lasts."""
    output = f"s3://{BUCKET}/lambda/full.webm"
    async with Service(Function(), logs, concurrency=2, queue=1) as service:
        ended = await run(service, bucket, output, workers=6)
        assert ended.status == 0, ended.said + service.logs
    assert bucket.read(output) == bucket.expected()
    assert service.statuses[429] >= 3
    assert ended.report["attempts_lost"] == 0
    assert ended.report["cost"]["requests"] == service.statuses[202]


def all_are_there(service: Service) -> bool:
    """Whether every worker that was delivered has been welcomed: whoever dials later finds nobody
    who could end him."""
    return service.logs.count("worker number ") == len(service.delivered) == 2


async def test_a_run_that_is_interrupted_ends_its_workers_and_is_gone_on_with(
    bucket: Bucket, logs: Path
) -> None:
    output = f"s3://{BUCKET}/lambda/interrupted.webm"
    async with Service(Function(reserved=2), logs, concurrency=2) as service:
        async with running(service, bucket, output, workers=2, chunk_frames=1) as command:
            await processes.until(
                lambda: (bucket.finished(output) and all_are_there(service)) or command.has_ended,
                every=0.05,
            )
            command.interrupt()
            ended = await command.ended()
            assert ended.status == 130, ended.said + service.logs
        await processes.until(lambda: all(one.reason for one in service.delivered))
        assert {one.answer["exit_code"] for one in service.delivered} == {0}
        ended = await run(service, bucket, output, workers=2, chunk_frames=1)
        assert ended.status == 0, ended.said + service.logs
    assert bucket.read(output) == bucket.expected(chunk_frames=1)
    assert 0 < ended.report["chunks_reused"] < ended.report["chunks"]


async def test_a_function_that_is_not_there_ends_the_command_with_a_reason(
    bucket: Bucket, logs: Path
) -> None:
    async with Service(Function(), logs) as service:
        service.function = Function(name="another")
        ended = await run(service, bucket, f"s3://{BUCKET}/lambda/none.webm", workers=1)
    assert ended.status == 4
    assert "function another" in ended.said
