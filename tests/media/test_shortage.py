"""Telling damage from a lack of memory."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from excamera_media import shortage


@pytest.mark.parametrize(
    ("limit", "peak", "short"),
    [
        (resource.RLIM_INFINITY, 1 << 40, False),
        (1000 << 10, 400, False),
        (1000 << 10, 600, True),
    ],
)
def test_memory_is_short_when_more_than_half_of_it_was_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, peak: int, short: bool
) -> None:
    status = tmp_path / "status"
    status.write_text(f"Name:\tpython\nVmPeak:\t{peak} kB\nVmSize:\t 12 kB\n")
    monkeypatch.setattr(shortage, "STATUS", status)
    monkeypatch.setattr(resource, "getrlimit", lambda which: (limit, limit))
    if short:
        with pytest.raises(MemoryError):
            shortage.check_memory()
    else:
        shortage.check_memory()


def test_a_system_that_does_not_tell_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortage, "STATUS", Path("/nowhere/status"))
    monkeypatch.setattr(resource, "getrlimit", lambda which: (1, 1))
    shortage.check_memory()
