"""The counts of a job's progress, which are kept rather than counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from excamera.plan import Chunk, Plan
from excamera.progress import Choosing, Progress
from excamera.progress_line import line
from excamera.tally import ENCODED, REBASED

FRAMES = (6, 6, 6, 3)
CHUNKS = tuple(
    Chunk(number, 0, number, 6 * number, frames, number == len(FRAMES) - 1)
    for number, frames in enumerate(FRAMES)
)
NAMES = [chunk.name for chunk in CHUNKS]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(NAMES), st.sampled_from(["fetching", *ENCODED, *REBASED, "done", "lost"])
    ),
    max_size=40,
)


@given(st.sets(st.sampled_from(NAMES)), STEPS)
def test_counts_are_those_of_what_each_chunk_has_ever_reached(
    earlier: set[str], steps: list[tuple[str, str]]
) -> None:
    progress = Progress(0.0)
    progress.planned(Plan(sum(FRAMES), 6, CHUNKS), 1.0, earlier, 0.0)
    reached = {name: {"encoded", "rebased", "done"} if name in earlier else set() for name in NAMES}
    for name, step in steps:
        match step:
            case "done":
                progress.done(name)
                reached[name] = {"encoded", "rebased", "done"}
            case "lost":
                progress.lost(name)
            case _:
                progress.entered(name, step)
                reached[name] |= {"encoded"} if step in ENCODED | REBASED else set()
                reached[name] |= {"rebased"} if step in REBASED else set()
    done = {name for name in NAMES if "done" in reached[name]}
    frames = {chunk.name: chunk.frames for chunk in CHUNKS}
    now = progress.snapshot(1.0)
    assert now.encoded == sum("encoded" in one for one in reached.values())
    assert now.rebased == sum("rebased" in one for one in reached.values())
    assert (now.published, progress.tasks_left) == (len(done), len(NAMES) - len(done))
    assert now.frames_done == sum(frames[name] for name in done)
    assert 0 <= now.percent <= 100
    assert (now.percent == 100) == (len(done) == len(NAMES))
    assert now.frames_done_here == sum(frames[name] for name in done - earlier)


def test_what_is_encoded_counts_as_done_before_anything_is_finished() -> None:
    progress = Progress(0.0)
    progress.planned(Plan(sum(FRAMES), 6, CHUNKS), 1.0, (), 0.0)
    for name in NAMES:
        progress.entered(name, "waiting")
    assert progress.snapshot(1.0).percent == 90
    progress.entered(NAMES[0], "sending")
    progress.done(NAMES[0])
    assert progress.snapshot(2.0).percent == 92


def at_work(progress: Progress, chunk: str, began: float, until: float) -> None:
    """A worker comes, finishes the chunk, and goes."""
    progress.staffed(1, began)
    progress.done(chunk)
    progress.staffed(0, until)


def test_while_the_output_is_joined_no_time_is_said_to_be_left() -> None:
    progress = Progress(0.0)
    progress.planned(Plan(sum(FRAMES), 6, CHUNKS), 1.0, (), 0.0)
    progress.staffed(1, 0.0)
    for name in NAMES[:-1]:
        progress.done(name)
    assert line(progress.snapshot(1.0)).startswith("encoding: 75 %, 0.17 s left, chunks 3")
    progress.done(NAMES[-1])
    progress.joining()
    assert line(progress.snapshot(1.0)) == "joining: 100 %, 4 chunks published"
    assert line(progress.snapshot(9.0)) == "joining: 100 %, 4 chunks published"


def test_seconds_without_workers_count_for_neither_speed_nor_time_left() -> None:
    progress = Progress()
    progress.planned(Plan(sum(FRAMES), 6, CHUNKS), 21.0, (), 0.0)
    at_work(progress, NAMES[0], began=600.0, until=603.0)
    at_work(progress, NAMES[1], began=9000.0, until=9003.0)
    now = progress.snapshot(99_999.0)
    assert (now.worked, now.frames_per_second, now.speed) == (6.0, 2.0, 2.0)
    assert now.remaining == 4.5


def test_a_run_that_knows_how_long_earlier_ones_took_counts_on_from_them() -> None:
    earlier, known, unknown = NAMES[:2], Progress(6.0), Progress()
    for progress in (known, unknown):
        progress.planned(Plan(sum(FRAMES), 6, CHUNKS), 21.0, earlier, 100.0)
    assert known.snapshot(100.0).remaining == 4.5
    assert unknown.snapshot(100.0).remaining is None
    at_work(known, NAMES[2], began=100.0, until=103.0)
    assert known.snapshot(500.0).worked == 9.0
    assert known.snapshot(500.0).frames_done_here == 6


ROUND = {f"{name}.survey-30": frames for name, frames in zip(NAMES, FRAMES, strict=True)}


def searching() -> Progress:
    """In a round of which one chunk was finished earlier, and one has been by now."""
    progress = Progress(0.0)
    progress.planned(Plan(sum(FRAMES), 6, CHUNKS), 1.0, (), 0.0)
    earlier, now = list(ROUND)[:2]
    progress.choosing(30, ROUND, [earlier])
    progress.staffed(2, 0.0)
    progress.entered(now, "encoding")
    progress.done(now)
    return progress


def test_while_a_level_is_searched_for_a_rounds_chunks_are_counted_apart_from_the_outputs() -> None:
    progress = searching()
    now = progress.snapshot(10.0)
    assert now.phase == "Choosing quality"
    assert now.choosing == Choosing(level=30, chunks=4, finished=2)
    assert (now.chunks, now.published, now.percent) == (4, 0, 0)
    assert progress.tasks_left == 4, "workers are needed to the end of the round, and of the search"
    assert progress.output_left == 4
    assert "cq-level 30, 2 of 4 chunks" in line(now)


def test_frames_that_were_encoded_to_find_a_level_count_for_the_rate_but_not_as_done() -> None:
    progress = searching()
    now = progress.snapshot(10.0)
    assert (now.frames_done, now.frames_done_here) == (0, 6)
    assert now.frames_per_second == 0.6
    assert now.remaining is None, "nobody knows how many rounds there will be"
    progress.planned(Plan(sum(FRAMES), 6, CHUNKS), 1.0, NAMES[:2], 10.0)
    now = progress.snapshot(10.0)
    assert (now.phase, now.choosing) == ("Encoding", None)
    assert (now.frames_done, now.frames_done_here, now.published) == (12, 6, 2)
    assert (now.frames_per_second, now.remaining) == (0.6, 15.0)
