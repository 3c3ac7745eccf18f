"""Telling a lack of memory from other ends of a program."""

from __future__ import annotations

from pathlib import Path

import pytest

from excamera_worker import memory


@pytest.mark.parametrize(
    ("status", "limited", "stderr", "oom_killed", "short"),
    [
        (0, True, "MemoryError", True, False),
        (1, True, "...\nMemoryError\n", False, True),
        (-6, True, "terminate called after throwing an instance of 'std::bad_alloc'", False, True),
        (5, True, "xc: not enough memory for a picture", False, True),
        (3, True, "xc encode: libvpx: Memory allocation error", False, True),
        (5, True, "ImportError: libx265.so.216: failed to map segment from", False, True),
        (1, False, "MemoryError", False, False),
        (1, True, "bad input", False, False),
        (1, True, "MemoryError" + "x" * 5000, False, False),
        (-9, False, "", True, True),
        (-9, False, "", False, False),
        (-11, False, "", True, False),
    ],
)
def test_a_lack_of_memory_is_told_by_its_signs(
    status: int, limited: bool, stderr: str, oom_killed: bool, short: bool
) -> None:
    reason = memory.shortage(status, limited=limited, stderr=stderr, oom_killed=oom_killed)
    assert (reason is not None) is short


def test_kills_are_counted_from_the_control_group(tmp_path: Path) -> None:
    events = tmp_path / "memory.events"
    assert memory.oom_kills(events) == 0
    events.write_text("low 0\noom 4\noom_kill 3\n")
    assert memory.oom_kills(events) == 3
    events.write_text("something else entirely\n")
    assert memory.oom_kills(events) == 0
