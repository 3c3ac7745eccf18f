"""The progress of a job on standard error, whoever looks at it."""

from __future__ import annotations

import asyncio
import io

import pytest

from excamera import display
from excamera.progress import Progress, Snapshot
from excamera.progress_line import line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Gone(io.StringIO):
    """A pipe whose reader has left, or a terminal that was closed."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self.tried = asyncio.Event()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def write(self, text: str) -> int:
        self.tried.set()
        raise BrokenPipeError(32, "Broken pipe")


class Clock:
    """Snapshots of a job that does nothing; tells how many were asked for."""

    def __init__(self) -> None:
        self.asked = 0
        self.again = asyncio.Event()
        self.progress = Progress(0.0)

    def snapshot(self) -> Snapshot:
        self.asked += 1
        if self.asked > 3:
            self.again.set()
        return self.progress.snapshot(1.0)

    @property
    def line(self) -> str:
        return line(self.progress.snapshot(1.0))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(display, "LIVE_SECONDS", 0.001)
    monkeypatch.setattr(display, "PLAIN_SECONDS", 0.001)
    return Clock()


async def test_elsewhere_than_on_a_terminal_a_line_is_printed_when_it_changes(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", written := io.StringIO())
    async with display.shown(clock.snapshot):
        await clock.again.wait()
    assert written.getvalue() == f"{clock.line}\n"


async def test_a_terminal_shows_a_panel_and_is_left_clean(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", written := Terminal())
    async with display.shown(clock.snapshot):
        await clock.again.wait()
    assert clock.line in written.getvalue()
    assert "machines:" not in written.getvalue(), "there are none"
    assert written.getvalue().endswith("\x1b[2K"), "the panel is still there"


async def test_the_panel_names_the_states_of_machines_and_what_was_lost(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.progress.looking(["stretch-000000", "stretch-000001"], (), 4, 0.0)
    clock.progress.entered("stretch-000000", "looking")
    clock.progress.entered("stretch-000001", "telling")
    clock.progress.lost("stretch-000001")
    monkeypatch.setattr("sys.stderr", written := Terminal())
    async with display.shown(clock.snapshot):
        await clock.again.wait()
    assert "machines: looking 1  lost 1" in written.getvalue()


async def test_whoever_wants_no_progress_sees_none(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    async with display.shown(clock.snapshot, quiet=True):
        await asyncio.sleep(0)
    assert capsys.readouterr() == ("", "")
    assert clock.asked == 0


@pytest.mark.parametrize("terminal", [False, True])
async def test_a_job_goes_on_when_nobody_looks_any_more(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    monkeypatch.setattr("sys.stderr", gone := Gone(terminal=terminal))
    async with display.shown(clock.snapshot):
        await gone.tried.wait()


async def test_the_jobs_own_failure_is_not_hidden_by_the_display(clock: Clock) -> None:
    with pytest.raises(ValueError, match="of the job"):
        async with display.shown(clock.snapshot):
            raise ValueError("of the job")
