"""What is kept of an encoder's output is found again only while the encoder is the same."""

import os
from pathlib import Path

import pytest

from bench.encoder import COMMAND, digest, made_of, vpxenc_key
from tests.tiers import ROOT


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    for name, text in {
        "cli/encode.cpp": '#include <string>\n#include "media/a.hpp"\n',
        "media/a.hpp": '#pragma once\n#include "media/b.hpp"\n',
        "media/a.cpp": '#include "media/a.hpp"\n#include "media/c.hpp"\n',
        "media/b.hpp": "// alone\n",
        "media/c.hpp": "// used by a.cpp alone\n",
        "vp8/rebase.cpp": '#include "media/a.hpp"\n',
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def executable(sources: Path) -> Path:
    """Newer than its sources."""
    path = sources.parent / "xc"
    path.touch()
    newest = max(file.stat().st_mtime for file in sources.rglob("*.?pp"))
    os.utime(path, (newest + 10, newest + 10))
    return path


def changed(file: Path) -> None:
    """As by an editor long before the executable was built."""
    before = file.stat().st_mtime
    file.write_text(file.read_text() + "// changed\n")
    os.utime(file, (before, before))


def test_a_command_is_made_of_what_it_includes_and_of_the_sources_of_that(sources: Path):
    assert made_of(sources, COMMAND) == {
        *("cli/encode.cpp", "media/a.hpp", "media/a.cpp", "media/b.hpp", "media/c.hpp"),
    }


def test_the_rebase_is_no_part_of_encoding():
    parts = made_of(ROOT / "native/src", COMMAND)
    assert {"media/vpx_encoder.cpp", "media/first_pass.cpp", "media/y4m.cpp"} <= parts
    assert not [name for name in parts if name.startswith("vp8/")]


@pytest.mark.parametrize("name", ["cli/encode.cpp", "media/a.cpp", "media/c.hpp"])
def test_a_change_of_any_part_changes_the_digest(sources: Path, executable: Path, name: str):
    before = digest(sources, COMMAND, executable)
    changed(sources / name)
    assert digest(sources, COMMAND, executable) != before


def test_a_change_of_the_rebase_does_not(sources: Path, executable: Path):
    before = digest(sources, COMMAND, executable)
    changed(sources / "vp8/rebase.cpp")
    assert digest(sources, COMMAND, executable) == before


def test_an_executable_older_than_its_sources_is_refused(sources: Path, executable: Path):
    newer = executable.stat().st_mtime + 1
    os.utime(sources / "media/c.hpp", (newer, newer))
    with pytest.raises(RuntimeError, match=r"media/c\.hpp is newer than xc: build it first"):
        digest(sources, COMMAND, executable)


def test_vpxenc_is_told_apart_by_its_version_and_its_arguments(tmp_path: Path):
    def vpxenc(version: str) -> str:
        path = tmp_path / f"vpxenc-{version}"
        path.write_text(f"#!/bin/sh\necho 'vp8 - WebM Project VP8 Encoder {version}'\n")
        path.chmod(0o755)
        return str(path)

    old, new = vpxenc("v1.12.0"), vpxenc("v1.13.0")
    keys = {vpxenc_key(argv) for argv in ((old,), (old, "--lag-in-frames=25"), (new,))}
    assert len(keys) == 3
    assert vpxenc_key((old,)).startswith("v1.12.0-")
