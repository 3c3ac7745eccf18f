"""Log lines on standard error, as text for people or JSON for machines."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from typing import Final

FORMATS: Final = ("text", "json")
LEVELS: Final = ("debug", "info", "warning", "error")


class JsonLines(logging.Formatter):
    """One object a line; `context` (job, worker) is in each."""

    def __init__(self, context: Mapping[str, str]) -> None:
        super().__init__()
        self._context = dict(context)

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **self._context,
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


def set_up(log_format: str, level: str, context: Mapping[str, str]) -> None:
    handler = logging.StreamHandler(sys.stderr)
    if log_format == "json":
        handler.setFormatter(JsonLines(context))
    else:
        who = " ".join(context.values()).replace("%", "%%")
        handler.setFormatter(logging.Formatter(f"%(asctime)s %(levelname)s {who} %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
