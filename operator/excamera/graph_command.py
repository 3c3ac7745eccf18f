"""`excamera graph`: the machine of a chunk, or of a stretch, drawn from its table."""

from __future__ import annotations

import argparse
import sys

from excamera.arguments import Commands
from excamera.finding import Finding
from excamera.job import DEFAULT_CQ_LEVEL, Encoding, Job
from excamera.pipeline import Pipeline
from excamera.places import Places
from excamera.plan import plan
from excamera.stretches import stretches
from excamera_media.index import Index, Picture
from excamera_media.timeline import Timeline
from mu import compiled, dot, mermaid

SCENES, FIRST, REBASED, RESTORE = "scenes", "first", "rebased", "restore"
DRAWINGS = {"mermaid": mermaid, "dot": dot}


def add_to(commands: Commands) -> None:
    """Adds the sub-command."""
    graph = commands.add_parser(
        "graph",
        help="draw the machine of a chunk",
        description="Draws the machine that an attempt at a chunk follows, or at finding cuts.",
    )
    graph.add_argument(
        "machine",
        nargs="?",
        choices=(SCENES, FIRST, REBASED, RESTORE),
        default=REBASED,
        help="how cuts are found, the first chunk of a chain, a rebased one (default), or how a"
        " lost state is restored",
    )
    graph.add_argument("--format", choices=sorted(DRAWINGS), default="mermaid")
    graph.set_defaults(run=_graph)


def _graph(options: argparse.Namespace) -> int:
    pipeline = example()
    first, middle = pipeline.plan.chunks[:2]
    finding = Finding(pipeline.job, pipeline.places, pipeline.index)
    machine = {
        SCENES: finding.machine(stretches(pipeline.index)[0]),
        FIRST: pipeline.chunk_machine(first),
        REBASED: pipeline.chunk_machine(middle),
        RESTORE: pipeline.restore_machine(middle),
    }[options.machine]
    sys.stdout.write(DRAWINGS[options.format](compiled(machine)))
    return 0


def example() -> Pipeline:
    """The pipeline of an imagined clip of three chunks in one chain."""
    encoding = Encoding(chunk_frames=6, chain_length=3)
    index = example_index(18)
    return Pipeline(
        job=Job("s3://videos/clip.mp4", "s3://videos/clip.webm", encoding),
        plan=plan(index, encoding),
        places=Places("s3://videos/clip.webm.excamera/job"),
        index=index,
        level=DEFAULT_CQ_LEVEL,
    )


def example_index(frames: int) -> Index:
    """The index of an imagined clip, 24 frames a second."""
    return Index(
        container="mp4",
        codec="h264",
        stream=0,
        picture=Picture(1280, 720, 1280, 720, "yuv420p", 8),
        time_base=(1, 24),
        rate=(24, 1),
        access="seek",
        timeline=Timeline(tuple(range(frames))),
        end=frames,
        keys=(0,),
    )
