"""Which codec there is: said by `xc`, the same to coordinator and workers."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from excamera.codec import codec
from excamera.errors import JobError
from excamera_worker.programs import programs
from excamera_worker.settings import Settings


@pytest.fixture
def installed(tmp_path: Path, monkeypatch):
    """Installs an `xc` that is a shell script, in place of any other, and outside any checkout."""
    monkeypatch.setattr("excamera.codec.DIGEST", tmp_path / "digest.sh")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def install(script: str) -> None:
        program = tmp_path / "xc"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    codec.cache_clear()
    yield install
    codec.cache_clear()


def test_worker_and_coordinator_say_the_same_of_the_codec(installed) -> None:
    installed("echo xc 0.1.0, sources 0123456789ab, libvpx v1.12.0")
    assert programs(Settings()) == (codec(),) == ("xc 0.1.0, sources 0123456789ab, libvpx v1.12.0",)


def test_a_codec_that_does_not_say_what_it_is_is_none(installed) -> None:
    installed("exit 3")
    with pytest.raises(JobError, match="does not say what it is"):
        codec()
    assert programs(Settings()) == ()


def test_a_codec_of_other_sources_than_those_of_the_checkout_is_refused(
    installed, tmp_path: Path
) -> None:
    digest = tmp_path / "digest.sh"
    digest.write_text("#!/bin/sh\necho 0123456789ab\n")
    digest.chmod(0o755)
    installed("echo xc 0.1.0, sources 0123456789ab, libvpx v1.12.0")
    assert codec().startswith("xc 0.1.0")
    codec.cache_clear()
    for version in ("xc 0.1.0, sources ba9876543210, libvpx v1.12.0", "xc 0.1.0"):
        installed(f"echo {version}")
        with pytest.raises(JobError, match=r"sources of this checkout .*; `make setup` builds it"):
            codec()


def test_the_codec_of_this_checkout_was_built_from_its_sources() -> None:
    codec.cache_clear()
    assert codec().startswith("xc ")
