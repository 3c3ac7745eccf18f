"""The generated stubs are there, importable and of this protocol."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PROTO = Path(__file__).parents[2] / "proto"


def run(script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(script), *arguments], capture_output=True, text=True, check=False
    )


def test_stubs_are_made_once_and_again_only_when_a_proto_file_is_newer(tmp_path: Path) -> None:
    (tmp_path / "excamera_proto").mkdir()
    script = Path(shutil.copy(PROTO / "generate.py", tmp_path))
    source = Path(shutil.copy(PROTO / "excamera_proto/mu.proto", tmp_path / "excamera_proto"))
    assert run(script, "--check").returncode == 1
    assert run(script).stdout.count("mu_pb2") == 4
    assert run(script, "--check").returncode == 0
    assert run(script).stdout == ""
    made = source.with_name("mu_pb2.py").stat().st_mtime
    os.utime(source, (made + 10, made + 10))
    assert run(script, "--check").returncode == 1


def test_a_proto_file_that_does_not_compile_leaves_the_old_stubs(tmp_path: Path) -> None:
    (tmp_path / "excamera_proto").mkdir()
    script = Path(shutil.copy(PROTO / "generate.py", tmp_path))
    (tmp_path / "excamera_proto" / "mu.proto").write_text("no protocol")
    (tmp_path / "excamera_proto" / "mu_pb2.py").write_text("old")
    assert run(script, "--force").returncode != 0
    assert (tmp_path / "excamera_proto" / "mu_pb2.py").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2
