"""What a finished job says, to people and to programs."""

from __future__ import annotations

import json
import math
from dataclasses import replace

from excamera.layout import Layout
from excamera.report import Report, WorstChunk
from excamera_controller.status import WORKER_STATES
from tests.tiers import ROOT

REPORT = Report(
    output="out.webm", frames=240, key_frames=5, chunks=41, chunks_reused=0, duration=10.0,
    bytes=1_000_000, sha256="ab" * 32, ssim=0.99, seconds=20.0, workers=2, attempts_lost=1,
    stages={"fetching": 7.0, "encoding": 3.0}, concealed=(), warnings=(), cq_level=31,
    layout=Layout(6, 16, 96, 4.0, chains=4, chains_at_cuts=2),
    worst_chunk=WorstChunk(number=7, first_frame=42, frames=6, ssim_db=14.256),
)  # fmt: skip


def test_people_read_what_was_chosen_and_where_it_is_worst() -> None:
    assert REPORT.lines() == (
        "out.webm",
        "  240 frames, 10.0 s, 1.00 MB, 0.80 Mbit/s, SSIM 20.00 dB",
        "  cq-level 31; worst chunk: number 7, from frame 42 on, SSIM 14.26 dB",
        "  41 chunks of 6 frames, 16 to a chain: a key frame every 96 frames, or 4 s, and at cuts",
        "  5 key frames: 4 chains begin with one (2 at cuts), 1 within chunks",
        "  20.0 s with 2 workers, 0.50 x real time, 1 attempt lost",
        "  workers' time: fetching (reading and decoding the source) 70 %, encoding 30 %",
    )


def test_of_a_single_chain_less_is_said() -> None:
    single = Layout(6, 16, 96, 4.0, chains=1, chains_at_cuts=None)
    lines = replace(REPORT, layout=single, key_frames=1, chunks=3, chunks_reused=2).lines()
    assert "  3 chunks of 6 frames (2 finished earlier), in one chain" in lines
    assert "  1 key frame, at the beginning" in lines


def test_frames_that_nobody_knows_the_time_of_do_not_count_for_the_speed() -> None:
    resumed = replace(REPORT, chunks_reused=31, frames_untimed=180)
    assert resumed.speed == REPORT.speed / 4
    assert any("0.12 x real time" in line for line in resumed.lines())
    joined = replace(REPORT, chunks_reused=41, frames_untimed=240, workers=0)
    assert joined.speed == 0.0
    assert "  20.0 s with 0 workers, 1 attempt lost" in joined.lines()


def test_nothing_is_said_of_cuts_where_nobody_looked_for_them() -> None:
    lines = replace(REPORT, layout=replace(REPORT.layout, chains_at_cuts=None)).lines()
    assert not any("cut" in line for line in lines)


def test_a_quality_that_was_asked_for_is_told_and_what_is_not_as_asked_is_noted() -> None:
    lines = replace(REPORT, ssim_db_asked=30.0, rounds=3, warnings=("it is interlaced",)).lines()
    assert any("cq-level 31, chosen for SSIM 30 dB in 3 rounds; worst" in line for line in lines)
    missed, interlaced = lines[-2:]
    assert missed.startswith("  note: SSIM 30 dB was asked for and missed by 10.00 dB")
    assert interlaced == "  note: it is interlaced"


def test_programs_read_the_same() -> None:
    read = json.loads(REPORT.to_json())
    assert read["layout"] == {
        "chunk_frames": 6,
        "chain_length": 16,
        "keyframe_frames": 96,
        "keyframe_seconds": 4.0,
        "chains": 4,
        "chains_at_cuts": 2,
    }
    assert read["worst_chunk"] == {
        "number": 7, "first_frame": 42, "frames": 6, "ssim_db": 14.256,
    }  # fmt: skip
    assert (read["key_frames"], read["key_frames_within_chunks"]) == (5, 1)


def test_no_difference_is_null_in_json_and_said_to_people() -> None:
    same = replace(REPORT, ssim=1.0, worst_chunk=replace(REPORT.worst_chunk, ssim_db=math.inf))
    read = json.loads(same.to_json())
    assert (read["ssim_db"], read["worst_chunk"]["ssim_db"]) == (None, None)
    assert same.lines()[2].endswith("from frame 42 on, no difference to be seen")


def test_the_page_on_tuning_has_every_field_and_every_state_of_a_worker() -> None:
    page = (ROOT / "docs" / "tuning.md").read_text()
    read = json.loads(REPORT.to_json())
    fields = [name for name in read if name != "layout"]
    fields += [f"layout.{name}" for name in read["layout"]] + list(read["worst_chunk"])
    states = [state for some in WORKER_STATES.values() for state in some]
    assert [name for name in (*fields, *states) if f"`{name}`" not in page] == []
