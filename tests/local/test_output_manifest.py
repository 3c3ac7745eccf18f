"""The list of chunks that a job writes beside its output, if it is asked to."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tests.local.clips import drawn
from tests.local.command import encoded, excamera

SHAPE = ("--chunk-frames", "4", "--chain-length", "3")


def test_the_manifest_lists_every_chunk_and_the_checksum_of_the_output(tmp_path: Path) -> None:
    clip = drawn(tmp_path / "clip.mp4", frames=18)
    output, listed = tmp_path / "out.webm", tmp_path / "chunks.json"
    report = encoded(clip, output, *SHAPE, "--output-manifest", listed)
    digest = hashlib.sha256(output.read_bytes()).hexdigest()
    manifest = json.loads(listed.read_text())
    assert report["sha256"] == manifest["output"]["sha256"] == digest
    assert report["manifest"] == str(listed)
    chunks = manifest["chunks"]
    assert [chunk["first_frame"] for chunk in chunks] == [0, 4, 8, 12, 16]
    assert sum(chunk["frames"] for chunk in chunks) == manifest["output"]["frames"] == 18
    assert [chunk["rebase_ms"] is None for chunk in chunks] == [True, False, False, True, False]
    for chunk in chunks:
        assert chunk["attempt"] == 1
        assert chunk["attempts_lost"] == 0
        assert 0 < chunk["ssim"] <= 1
        assert chunk["seconds"]["encoding"] > 0


def test_a_manifest_that_would_overwrite_the_output_is_refused(tmp_path: Path) -> None:
    clip = drawn(tmp_path / "clip.mp4", frames=4)
    output = tmp_path / "out.webm"
    ran = excamera("encode", clip, "-o", output, "--output-manifest", output)
    assert ran.returncode == 2
    assert "the output's manifest would overwrite the output" in ran.stderr
    assert not output.exists()
