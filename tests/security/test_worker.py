"""What a worker lets be done with it by whoever speaks for its coordinator, and by programs."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from excamera_proto.credentials import Authority, Identity
from excamera_proto.mu_pb2 import Failure, Run, Set
from excamera_worker.executables import find
from excamera_worker.failures import CommandFailed
from excamera_worker.invitation import Invitation
from excamera_worker.journal import Attempt
from excamera_worker.scratch import Scratch
from excamera_worker.settings import Settings
from tests.worker.conftest import *  # noqa: F403 - its fixtures
from tests.worker.fake_coordinator import Connection

IMAGE = Settings(search_path=os.environ["PATH"])


@pytest.mark.parametrize("name", ["sh", "python3", "env", "bash", "true"])
def test_a_worker_of_the_image_runs_nothing_but_what_the_image_is_for(name: str) -> None:
    with pytest.raises(CommandFailed, match="only excamera-media, xc"):
        find([name, "-c", "id"], IMAGE)


@pytest.mark.parametrize(
    "name", ["", "/bin/sh", "./xc", "../xc", "-c", "xc\n", "x c", "xc\0", "~/xc", "xc/../sh"]
)
def test_a_program_is_named_and_not_pointed_to(name: str) -> None:
    with pytest.raises(CommandFailed) as refused:
        find([name], IMAGE)
    assert refused.value.kind == Failure.INVALID


def test_its_own_programs_are_found() -> None:
    assert Path(find(["xc", "decode"], IMAGE)).name == "xc"


@pytest.fixture
def generous_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_scratch_folders_are_nobody_elses(tmp_path: Path, generous_umask: None) -> None:
    with Scratch(tmp_path) as scratch:
        folder = scratch.folder(Attempt("task", 1)).path
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (scratch.path, folder)]
    assert modes == [0o700, 0o700]
    assert list(tmp_path.iterdir()) == []


async def test_arguments_are_seen_by_no_shell(connection: Connection, tmp_path: Path) -> None:
    nasty = ["$(touch x)", "`id`", ";id", "-o/etc/x", "a\nb", "*", "'", '"', "\\", "%s"]
    reply = await connection.ask(
        run=Run(argv=["printf", "%s|", *nasty], timeout_seconds=60),
    )
    assert reply.ran.stdout == "".join(f"{one}|" for one in nasty)


async def test_a_scratch_file_cannot_be_run(connection: Connection) -> None:
    """Not even one that has the name of a program."""
    put = Run(argv=["printf", "#!/bin/sh\necho taken\n"], timeout_seconds=60, stdout_file="b2sum")
    await connection.ask(run=put)
    reply = await connection.ask(run=Run(argv=["./b2sum"], timeout_seconds=60))
    assert reply.failure.kind == Failure.INVALID
    reply = await connection.ask(run=Run(argv=["b2sum", "b2sum"], timeout_seconds=60))
    assert "taken" not in reply.ran.stdout


async def test_a_program_sees_neither_the_invitation_nor_what_else_the_worker_has(
    connection: Connection,
) -> None:
    """Its environment, and the files that it has open."""
    show = "import os; print(sorted(os.environ)); print(os.listdir('/proc/self/fd'))"
    reply = await connection.ask(run=Run(argv=["py", "-c", show], timeout_seconds=60))
    names, files = reply.ran.stdout.splitlines()
    assert "SECRET" not in names
    assert [one for one in eval(names) if "EXCAMERA" in one] == ["EXCAMERA_GRANTS"]
    assert len(files.split(",")) == 4  # the three standard ones, and the folder that is listed


async def test_values_of_one_attempt_are_not_files_or_variables(connection: Connection) -> None:
    await connection.ask(set=Set(name="PATH", value="/tmp/evil"))
    reply = await connection.ask(run=Run(argv=["py", "-V"], timeout_seconds=60))
    assert reply.ran.exit_status == 0


def test_an_invitation_sets_no_variables() -> None:
    tls = Authority.create("x").issue(Identity.worker("job-1"))
    values = {
        "coordinator": "c:1",
        "job": "job-1",
        "backend": "knative",
        "tls": {
            "authority": tls.authority_pem.decode(),
            "certificate": tls.certificate_pem.decode(),
            "key": tls.key_pem.decode(),
        },
    }
    evil = dict.fromkeys(("PATH", "LD_PRELOAD", "EXCAMERA_GRANTS", "AWS_REGION"), "x")
    invitation = Invitation.read({**values, "environment": evil, "worker": "w"})
    assert invitation == Invitation.read({**values, "worker": "w"})
    assert tls.key_pem.decode() not in repr(invitation)
