"""The command ``excamera-media``: index, scenes, frames, concat, join, and serve for workers.

Exit codes are those of `xc`: 0 done; 2 the request makes no sense; 3 the data is bad, and trying
again will not help; 4 a file, pipe or store failed, and trying again may help; 5 our own fault.
143 after SIGTERM. The last line on stderr says why, in one line.
"""

import argparse
import errno
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import gettempdir
from types import FrameType
from typing import Any, Final

from excamera_media.arguments import parser
from excamera_media.cut import Cut
from excamera_media.cut import cut as make_cut
from excamera_media.errors import MediaError, OutputFailed, UsageError, readable
from excamera_media.index import Index
from excamera_media.kept import Kept

_INTERNAL = 5
_IO = 4


def main(arguments: list[str] | None = None, kept: Kept | None = None) -> int:
    """Run one sub-command; returns the exit code. kept: what an earlier one has left."""
    signal.signal(signal.SIGTERM, _stop)
    options = parser(_COMMANDS).parse_args(arguments)
    options.kept = kept or Kept()
    try:
        options.command(options)
    except MediaError as error:
        return _failed(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _failed("interrupted", 128 + signal.SIGINT)
    except OSError as error:
        return _failed(_io_message(error), _IO)
    except MemoryError:
        return _failed("not enough memory for this video", _INTERNAL)
    except Exception as error:  # the edge of the process: everything becomes one line
        from excamera_store import StoreError

        if isinstance(error, StoreError):
            return _failed(str(error), _IO)
        if os.environ.get("EXCAMERA_TRACEBACK"):
            raise
        return _failed(f"internal error: {type(error).__name__}: {error}", _INTERNAL)
    return 0


def _index(options: argparse.Namespace) -> None:
    from excamera_media.indexer import make_index

    text = make_index(options.source, conceal=options.conceal, log=_log).to_json() + "\n"
    if options.output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        _write_text(options.output, text)


def _scenes(options: argparse.Namespace) -> None:
    from excamera_media.scene_search import find_scenes

    index, part = _read_index(options.index), (options.first, options.count)
    found = find_scenes(options.source, index, *part, options.kept, hide=options.conceal, log=_log)
    _write_text(options.output, found.to_json() + "\n")


def _frames(options: argparse.Namespace) -> None:
    from excamera_media.frames import write_frames

    cut = _cut(options)
    target = sys.stdout.fileno() if options.output == "-" else options.output
    with open(target, "wb", buffering=1 << 20) as file, _removed_on_failure(options.output):
        stats = write_frames(
            options.source, cut, file, options.kept, hide=options.conceal, log=_log
        )
        file.flush()
    _write_stats(options.stats, stats)


def _cut(options: argparse.Namespace) -> Cut:
    """As the planner made it, or made here: a cut may be too long for a command line."""
    if options.cut is not None:
        if (options.first, options.count) != (None, None):
            raise UsageError("--first and --count go with --index; a cut says them itself")
        return Cut.from_json(_argument(options.cut))
    if options.first is None or options.count is None:
        raise UsageError("--index needs --first and --count")
    index = _read_index(options.index)
    return make_cut(index, options.first, options.count, conceal=options.conceal)


def _read_index(url: str) -> Index:
    from excamera_store import split_url

    store, key = split_url(url)
    return Index.from_json(store.read(key))


@contextmanager
def _removed_on_failure(path: str) -> Iterator[None]:
    """Half a file must not be taken for a whole one. Pipes and devices stay."""
    try:
        yield
    except BaseException:
        if os.path.isfile(path):
            os.unlink(path)
        raise


def _concat(options: argparse.Namespace) -> None:
    from excamera_media.concat import concat

    with open(options.output, "wb") as file, _removed_on_failure(options.output):
        concat(options.folder, options.first, options.last, file)
        file.flush()


def _join(options: argparse.Namespace) -> None:
    from excamera_media.join import join
    from excamera_media.manifest import JoinManifest

    manifest = JoinManifest.from_json(_argument(options.manifest))
    stats = join(manifest, options.output, scratch=options.scratch, log=_log)
    _write_stats(options.stats, stats)


def _serve(options: argparse.Namespace) -> None:
    from excamera_media.serve import serve

    serve(main)


def _argument(text: str) -> str:
    if not text.startswith("@"):
        return text
    path = text[1:]
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"cannot read {path}: it does not exist; check the path") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not text in UTF-8") from error


def _write_stats(path: str | None, stats: Any) -> None:
    if path is not None:
        _write_text(path, json.dumps(asdict(stats)) + "\n")


def _write_text(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputFailed(f"cannot write {path}: {error.strerror}") from error


def _log(line: str) -> None:
    print(readable(line), file=sys.stderr, flush=True)


def _failed(message: str, code: int) -> int:
    print("excamera-media: " + " ".join(readable(message).split()), file=sys.stderr, flush=True)
    return code


def _io_message(error: OSError) -> str:
    if isinstance(error, BrokenPipeError):
        return "nobody reads the output any more"
    said = error.strerror or str(error)
    if error.filename is None and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{said} for files in {gettempdir()}; free some, or set TMPDIR to another folder"
    return f"{error.filename or 'a file'}: {said}"


_COMMANDS: Final = {
    "index": _index,
    "scenes": _scenes,
    "frames": _frames,
    "concat": _concat,
    "join": _join,
    "serve": _serve,
}


def _stop(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
