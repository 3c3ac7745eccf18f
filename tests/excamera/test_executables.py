"""Programs beside the coordinator: what they say, how they end, and that they do."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from excamera.errors import BadSource, InvalidJob, JobError, StorageFailed
from excamera.executables import KEPT_LINES, LINE_LIMIT, run


def shell(script: str) -> tuple[str, ...]:
    return "sh", "-c", script


async def said(script: str) -> list[str]:
    lines: list[str] = []
    await run(shell(script), lines.append)
    return lines


async def test_each_line_is_handed_on_and_the_last_one_needs_no_end() -> None:
    assert await said("echo one >&2; printf 'two\\n\\nthree' >&2; echo unheard") == [
        "one",
        "two",
        "",
        "three",
    ]


async def test_a_line_without_an_end_is_handed_on_in_pieces() -> None:
    lines = await said(f"head -c {5 * LINE_LIMIT} /dev/zero | tr '\\0' x >&2")
    assert sum(map(len, lines)) <= 5 * LINE_LIMIT
    assert len(lines) > 1
    assert set("".join(lines)) <= {"x", "…"}
    assert max(len(line.removesuffix("…")) for line in lines) <= LINE_LIMIT


async def test_what_is_no_text_is_made_one() -> None:
    (line,) = await said("printf 'a\\377b\\033[2J\\n' >&2")
    assert line.startswith("a")
    assert line.isprintable()


@pytest.mark.parametrize(
    ("status", "kind"), [(2, InvalidJob), (3, BadSource), (4, StorageFailed), (5, JobError)]
)
async def test_an_exit_status_is_the_error_that_it_stands_for(
    status: int, kind: type[JobError]
) -> None:
    with pytest.raises(JobError, match=r"^this is why$") as caught:
        await run(shell(f"echo first >&2; echo 'sh: this is why' >&2; exit {status}"))
    assert type(caught.value) is kind


async def test_a_program_that_says_nothing_is_named_with_its_status() -> None:
    with pytest.raises(JobError, match="sh ended with status 5 and said nothing"):
        await run(shell("exit 5"))


async def test_a_program_that_a_signal_ended_is_told_as_such() -> None:
    with pytest.raises(JobError, match="sh was ended by signal 9"):
        await run(shell("kill -9 $$"))


async def test_the_reason_is_found_behind_any_number_of_lines() -> None:
    script = f"i=0; while [ $i -le {2 * KEPT_LINES} ]; do echo $i >&2; i=$((i+1)); done; exit 3"
    with pytest.raises(BadSource, match=f"^{2 * KEPT_LINES}$"):
        await run(shell(script))


async def test_a_program_that_is_not_there_says_what_to_do() -> None:
    with pytest.raises(JobError, match="no-such-program is not installed"):
        await run(("no-such-program",))


async def test_its_environment_is_the_one_that_is_given_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the operator's own")
    lines: list[str] = []
    given = {"PATH": os.defpath, "AWS_REGION": "mars"}
    await run(shell("echo $AWS_REGION $AWS_SECRET_ACCESS_KEY >&2"), lines.append, given)
    assert lines == ["mars"]


@pytest.mark.parametrize("stubborn", [False, True])
async def test_a_program_ends_when_the_job_is_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stubborn: bool
) -> None:
    monkeypatch.setattr("excamera.executables.KILL_AFTER_SECONDS", 0.2)
    trap = "trap '' TERM;" if stubborn else ""
    pid: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    script = f"{trap} echo $$ >&2; while :; do sleep 0.05; done"
    running = asyncio.ensure_future(run(shell(script), lambda line: pid.set_result(int(line))))
    number = await pid
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
