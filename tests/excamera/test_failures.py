"""Other parts' failures, in the words of a job's."""

from __future__ import annotations

import pytest

from excamera.errors import BadSource, ChunkFailed, JobError, StorageFailed, of_executable
from excamera.failures import for_command_line, naming_frames, of_run, of_source
from excamera.graph_command import example
from excamera.stretches import stretches
from excamera_store import NoCredentials
from mu import TaskFailed


def told(task: str, state: str, reason: str, message: str, attempts: int = 3) -> JobError:
    """What a job says whose task has failed."""
    with (
        pytest.raises(JobError) as raised,
        naming_frames(lambda: (*example().plan.chunks, *stretches(example().index))),
        of_run(),
    ):
        raise TaskFailed(task, state, reason, message, attempts=attempts, permanent=False)
    return raised.value


def test_a_chunk_that_failed_is_told_with_its_frames() -> None:
    chunk = example().plan.chunks[1]
    error = told(chunk.name, "encoding", "signal", "ended by signal 11")
    assert isinstance(error, ChunkFailed)
    assert str(error).startswith(f"{chunk.name} failed 3 times, last in state encoding")
    once = told(chunk.name, "encoding", "signal", "ended by signal 11", attempts=1)
    assert str(once).startswith(f"{chunk.name} failed 1 time, last")
    last = chunk.first_frame + chunk.frames - 1
    assert str(error).endswith(f"its frames are {chunk.first_frame} to {last}")


@pytest.mark.parametrize("reason", ["denied", "unreachable", "disk_full", "not_found"])
def test_a_chunk_that_cannot_be_published_is_the_stores_fault(reason: str) -> None:
    error = told("chunk-000000", "uploading", reason, "there is no bucket clips")
    assert isinstance(error, StorageFailed)
    assert str(error) == "chunk-000000, uploading: there is no bucket clips"


def test_a_stretch_that_failed_is_told_with_its_frames() -> None:
    error = told("stretch-000000", "looking", "signal", "ended by signal 11")
    assert isinstance(error, ChunkFailed)
    assert str(error).endswith("its frames are 0 to 17")


def test_a_source_that_is_damaged_is_told_as_such_where_cuts_are_looked_for() -> None:
    error = told("stretch-000000", "looking", "exit_status", "exit status 3: frame 7: damaged")
    assert isinstance(error, BadSource)
    assert str(error) == "frame 7: damaged"


def test_a_program_that_is_missing_is_not_the_stores_fault() -> None:
    error = told("chunk-000000", "encoding", "not_found", "there is no executable xc")
    assert isinstance(error, ChunkFailed)


def test_how_to_give_credentials_is_said_where_a_command_was_typed() -> None:
    with pytest.raises(StorageFailed) as caught, of_source():
        raise NoCredentials("cannot read s3://videos/in.mp4: there are no credentials")
    assert "AWS_ACCESS_KEY_ID" not in str(caught.value)
    assert "AWS_ACCESS_KEY_ID" in for_command_line(caught.value)
    assert for_command_line(JobError("no worker came")) == "no worker came"


def test_a_program_that_was_killed_is_named_and_the_command_goes_on_from_there() -> None:
    killed = of_executable("excamera-media", -9, "")
    assert str(killed) == "excamera-media was ended by signal 9"
    assert "run the same command again" in for_command_line(killed)
