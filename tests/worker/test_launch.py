"""Both ways of starting a program: by util-linux, and by a bare Python where that is missing."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys

import pytest

from excamera_worker import launch
from tests.worker.processes import gone


@pytest.fixture(params=[True, False], ids=["util-linux", "python"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    if request.param and not launch.util_linux():
        pytest.skip("no setpriv and prlimit of util-linux on this machine")
    monkeypatch.setattr(launch, "util_linux", lambda: request.param)
    return bool(request.param)


def output(argv: list[str]) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


@pytest.mark.usefixtures("way")
def test_a_program_has_its_arguments_and_its_limit() -> None:
    source = "import resource, sys; print(resource.getrlimit(resource.RLIMIT_AS), sys.argv[1:])"
    argv = [sys.executable, "-c", source, "--x", "a b"]
    assert output(launch.prepared(argv, 1 << 30)) == f"({1 << 30}, {1 << 30}) ['--x', 'a b']\n"
    unlimited = resource.getrlimit(resource.RLIMIT_AS)
    assert output(launch.prepared(argv)) == f"{unlimited} ['--x', 'a b']\n"


@pytest.mark.usefixtures("way")
def test_a_program_ends_with_the_process_that_started_it() -> None:
    prepared = launch.prepared(["/bin/sleep", "3600"])
    # The parent waits until the child has become what it is meant to be, and then dies.
    source = f"""
import os, subprocess
argv = [str(os.getpid()) if a == "{os.getpid()}" else a for a in {prepared!r}]
child = subprocess.Popen(argv)
while b"sleep" not in open(f"/proc/{{child.pid}}/comm", "rb").read(): pass
print(child.pid, flush=True)
os.kill(os.getpid(), {int(signal.SIGKILL)})
"""
    parent = subprocess.run([sys.executable, "-c", source], stdout=subprocess.PIPE, check=False)
    assert parent.returncode == -signal.SIGKILL
    asyncio.run(gone(int(parent.stdout)))


def test_a_program_whose_parent_is_gone_already_ends_at_once() -> None:
    argv = [sys.executable, "-I", "-S", launch.__file__, "1", "0", "/bin/echo", "still here"]
    ended = subprocess.run(argv, capture_output=True, check=False)
    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, b"")
