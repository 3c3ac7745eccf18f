"""What the command ``excamera-media`` may be told."""

import argparse
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any, Final

Command = Callable[[argparse.Namespace], None]


class _Parser(argparse.ArgumentParser):
    """Takes no abbreviations, and neither do its commands'."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, **settings)


def parser(commands: Mapping[str, Command]) -> argparse.ArgumentParser:
    """Of all commands; the one that was chosen is called `command`."""
    parser = _Parser(
        prog="excamera-media",
        description="Indexes, decodes and joins video around the codec xc.",
        epilog="Exit codes: 0 done, 2 usage, 3 bad input data, 4 I/O or store, 5 internal error.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('excamera')}")
    among = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (does, fill) in _COMMANDS.items():
        command = among.add_parser(name, help=does)
        fill(command)
        command.set_defaults(command=commands[name])
    return parser


def _index(index: argparse.ArgumentParser) -> None:
    index.add_argument("source", metavar="SOURCE", help="path, file:// or s3:// URL")
    index.add_argument("-o", "--output", metavar="FILE", help="default: standard output")
    index.add_argument("--conceal", action="store_true", help="accept a source that ends early")


def _scenes(scenes: argparse.ArgumentParser) -> None:
    scenes.add_argument("source", metavar="SOURCE", help="path, file:// or s3:// URL")
    scenes.add_argument("--index", required=True, metavar="URL", help="the source's index")
    scenes.add_argument("--first", type=int, required=True, metavar="N", help="the first frame")
    scenes.add_argument("--count", type=int, required=True, metavar="M", help="how many frames")
    scenes.add_argument("-o", "--output", required=True, metavar="FILE", help="JSON")
    scenes.add_argument("--conceal", action="store_true", help="repeat a good picture for bad ones")


def _frames(frames: argparse.ArgumentParser) -> None:
    frames.add_argument("source", metavar="SOURCE", help="path, file:// or s3:// URL")
    which = frames.add_mutually_exclusive_group(required=True)
    which.add_argument("--cut", metavar="JSON|@FILE", help="which frames, made by the planner")
    which.add_argument("--index", metavar="URL", help="the source's index, to be cut here")
    frames.add_argument("--first", type=int, metavar="N", help="with --index: the first frame")
    frames.add_argument("--count", type=int, metavar="M", help="with --index: how many frames")
    frames.add_argument("-o", "--output", required=True, metavar="FILE", help="Y4M; - for stdout")
    frames.add_argument("--conceal", action="store_true", help="repeat a good picture for bad ones")
    frames.add_argument("--stats", metavar="FILE", help="write what was done as JSON")


def _concat(concat: argparse.ArgumentParser) -> None:
    concat.add_argument("folder", metavar="FOLDER", help="URL of what holds chunk-000000.ivf …")
    concat.add_argument("--first", type=int, required=True, metavar="A", help="number of a chunk")
    concat.add_argument("--last", type=int, required=True, metavar="B", help="included")
    concat.add_argument("-o", "--output", required=True, metavar="FILE", help="IVF")


def _join(join: argparse.ArgumentParser) -> None:
    join.add_argument("--manifest", required=True, metavar="JSON|@FILE", help="what to join")
    join.add_argument("-o", "--output", required=True, metavar="URL", help=".webm or .ivf")
    join.add_argument("--scratch", metavar="FOLDER", help="default: beside a local output")
    join.add_argument("--stats", metavar="FILE", help="write what was done as JSON")


_COMMANDS: Final = {
    "index": ("list a source's frames, without decoding them", _index),
    "scenes": ("list the frames that begin a new scene", _scenes),
    "frames": ("decode the frames of one cut to Y4M", _frames),
    "concat": ("put the chunks of a chain into one local IVF", _concat),
    "join": ("join encoded chunks into a WebM or IVF file", _join),
    "serve": ("do the above, again and again, for a worker", lambda serve: None),
}
