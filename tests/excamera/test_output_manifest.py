"""The list of an output's chunks."""

from __future__ import annotations

import json

from excamera.job import Encoding
from excamera.join import JoinedFile
from excamera.layout import Layout
from excamera.output_manifest import accounts, output_manifest
from excamera.places import SourceIdentity
from excamera.plan import Chunk
from excamera.report import Report, WorstChunk
from excamera.resume import Finished
from excamera.stages import Effort

ENCODING = Encoding(chunk_frames=4, chain_length=2)
SOURCE = SourceIdentity("s3://videos/in.mp4", 1234, "etag")
REPORT = Report(
    output="s3://videos/out.webm", frames=10, key_frames=2, chunks=3, chunks_reused=1,
    duration=0.4, bytes=999, sha256="cd" * 32, ssim=0.98, seconds=2.0, workers=2,
    attempts_lost=1, stages={}, concealed=(5,), warnings=(), cq_level=20,
    layout=Layout(4, 2, 8, 0.32, chains=2, chains_at_cuts=1),
    worst_chunk=WorstChunk(number=1, first_frame=4, frames=4, ssim_db=15.5),
)  # fmt: skip
CHUNKS = (
    Chunk(0, chain=0, position=0, first_frame=0, frames=4, ends_chain=False),
    Chunk(1, chain=0, position=1, first_frame=4, frames=4, ends_chain=True),
    Chunk(2, chain=1, position=0, first_frame=8, frames=2, ends_chain=True),
)
FINISHED = tuple(
    Finished(chunk, ssim=0.98, concealed=(), rebase_ms=None if chunk.begins_chain else 7.5)
    for chunk in CHUNKS
)
FILES = tuple(JoinedFile(100 + number, f"{number:02x}" * 32) for number in range(3))
EFFORT = Effort(attempt=2, seconds={"encoding": 1.5}, lost=1)


def test_every_chunk_is_listed_on_a_line_of_its_own() -> None:
    listed = accounts(FINISHED, FILES, {"chunk-000001": EFFORT})
    text = output_manifest(REPORT, SOURCE, ENCODING, "1.0", listed)
    lines = [line for line in text.splitlines() if line.startswith('{"number"')]
    assert [json.loads(line.rstrip(","))["number"] for line in lines] == [0, 1, 2]
    manifest = json.loads(text)
    assert [chunk["first_frame"] for chunk in manifest["chunks"]] == [0, 4, 8]
    assert [chunk["frames"] for chunk in manifest["chunks"]] == [4, 4, 2]
    assert [chunk["chain"] for chunk in manifest["chunks"]] == [0, 0, 1]
    assert [chunk["bytes"] for chunk in manifest["chunks"]] == [100, 101, 102]
    assert [chunk["rebase_ms"] for chunk in manifest["chunks"]] == [None, 7.5, None]
    assert manifest["output"]["sha256"] == REPORT.sha256
    assert manifest["layout"] == {
        "chunk_frames": 4,
        "chain_length": 2,
        "keyframe_frames": 8,
        "keyframe_seconds": 0.32,
        "chains": 2,
        "chains_at_cuts": 1,
    }
    assert manifest["source"] == {"url": SOURCE.url, "size": 1234, "etag": "etag"}


def test_the_distance_of_key_frames_is_the_one_that_was_used() -> None:
    for encoding, used in (
        (Encoding(), 4.0),
        (Encoding(keyframe_seconds=2.5), 2.5),
        (Encoding(chain_length=3), None),
    ):
        text = output_manifest(REPORT, SOURCE, encoding, "1.0", ())
        assert json.loads(text)["encoding"]["keyframe_seconds"] == used


def test_what_a_chunk_has_cost_is_null_if_another_run_had_finished_it() -> None:
    first, second, _ = (
        account.to_plain() for account in accounts(FINISHED, FILES, {"chunk-000001": EFFORT})
    )
    assert (first["attempt"], first["attempts_lost"], first["seconds"]) == (None, None, None)
    assert (second["attempt"], second["attempts_lost"]) == (2, 1)
    assert second["seconds"] == {"encoding": 1.5}
