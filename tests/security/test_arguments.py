"""Names and titles of a job that would like to be options, paths or lines of their own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from excamera import manifest
from excamera.errors import InvalidJob
from excamera.job import Job
from excamera_store import InvalidName, split_url
from tests.local.clips import drawn
from tests.local.command import EXCAMERA, excamera

URIS = [
    "-o/etc/x",
    "--index=s3://b/k",
    "s3://videos/a\nb.webm",
    "s3://videos/a\x1b[2J.webm",
    "s3://videos/a\x00.webm",
    " s3://videos/a.webm",
    "@/etc/passwd",
    "",
]


@pytest.mark.parametrize("uri", URIS, ids=repr)
@pytest.mark.parametrize("field", ["source", "output"])
def test_a_uri_that_is_something_else_is_no_uri(uri: str, field: str) -> None:
    places = {"source": "s3://videos/in.mp4", "output": "s3://videos/out.webm", field: uri}
    spec = {name: {"uri": place} for name, place in places.items()}
    document = {"apiVersion": manifest.API_VERSION, "kind": manifest.KIND, "spec": spec}
    with pytest.raises(InvalidJob):
        manifest.of_object({**document, "metadata": {"name": "clip"}})


@pytest.mark.parametrize("uri", ["s3://b/../k", "s3://b/a/../../k", "s3://b/a//k", "s3://b/a\nb"])
def test_a_key_that_climbs_or_breaks_a_line_is_refused(uri: str) -> None:
    with pytest.raises(InvalidName):
        split_url(uri)


@pytest.mark.parametrize("place", ["-o.webm", "--help.webm", "-.webm"])
def test_places_that_look_like_options_are_refused(place: str) -> None:
    with pytest.raises(InvalidJob, match="looks like an option"):
        Job("clip.mp4", place)
    with pytest.raises(InvalidJob, match="looks like an option"):
        Job(place, "out.webm")


@pytest.mark.tier("local")
def test_a_title_and_a_name_are_a_title_and_a_name_whatever_is_in_them(tmp_path: Path) -> None:
    """Through the plan, the workers and the join: nothing is made but the output, and it is called
    what it was to be called."""
    name, title = "$(touch x) -o 'y';%s.mp4", "-o/etc/x --stats=z"
    drawn(tmp_path / "clip.mp4", frames=6).rename(tmp_path / name)
    ran = excamera(
        *("encode", name, "-o", "out -i.webm", f"--title={title}", "--workers", 1), cwd=tmp_path
    )
    assert ran.returncode == 0, ran.stderr
    assert {path.name for path in tmp_path.iterdir()} == {name, "out -i.webm"}
    probe = ["ffprobe", "-loglevel", "error", "-show_format", "-of", "json", "out -i.webm"]
    told = subprocess.run(probe, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert json.loads(told)["format"]["tags"]["title"] == title


@pytest.mark.tier("local")
def test_a_name_that_would_move_the_cursor_is_refused_and_does_not(tmp_path: Path) -> None:
    source = tmp_path / "a\x1b[2Jb.mp4"
    source.write_bytes(b"no video")
    ran = subprocess.run(
        [EXCAMERA, "encode", source, "-o", tmp_path / "out.webm"], capture_output=True, text=True
    )
    assert ran.returncode == 2
    assert "\x1b" not in ran.stderr
