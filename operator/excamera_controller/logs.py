"""Log lines on standard error, as text for people or as JSON for machines, with job and chunk.

Which job a line is about follows from where it is written: a job's run and its passes are tasks of
their own, which carry the job's name along (`about`). A chunk is given with the line, as an extra.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

FORMATS: Final = ("text", "json")
LEVELS: Final = ("debug", "info", "warning", "error")
QUIET: Final = ("kopf", "aiohttp.access", "asyncio", "botocore", "grpc", "urllib3")
"""Others' loggers, which are heard from when there is something to worry about."""

INTENDED: Final = ("OS signals are ignored",)
"""How others' warnings begin of what is as it should be: kopf has a thread of its own, and signals
are the main thread's."""

_job: ContextVar[str] = ContextVar("job", default="")


@contextmanager
def about(job: str) -> Iterator[None]:
    """Lines within, and in tasks started within, are about `job` (namespace/name)."""
    token = _job.set(job)
    try:
        yield
    finally:
        _job.reset(token)


class Subject(logging.Filter):
    """Adds `job` and `chunk` to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.job = getattr(record, "job", "") or _job.get()
        record.chunk = getattr(record, "chunk", "")
        return True


def is_news(record: logging.LogRecord) -> bool:
    """Whether somebody may want to know."""
    return not record.getMessage().startswith(INTENDED)


class TextLines(logging.Formatter):
    """time LEVEL namespace/name chunk-3: message"""

    def format(self, record: logging.LogRecord) -> str:
        words = (getattr(record, "job", ""), getattr(record, "chunk", ""))
        subject = " ".join(filter(None, words))
        record.subject = f"{subject}: " if subject else ""
        return super().format(record)


class JsonLines(logging.Formatter):
    """One object a line, with the same keys as the worker's."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in ("job", "chunk"):
            if value := getattr(record, name, ""):
                line[name] = value
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


def set_up(log_format: str, level: str) -> None:
    """To be called once, at the start."""
    handler = logging.StreamHandler(sys.stderr)
    text = TextLines("%(asctime)s %(levelname)s %(subject)s%(message)s")
    handler.setFormatter(JsonLines() if log_format == "json" else text)
    handler.addFilter(Subject())
    handler.addFilter(is_news)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
