"""The `excamera` command, run as a person would."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

EXCAMERA = Path(sys.executable).with_name("excamera")


def excamera(*arguments: object, env: dict[str, str] | None = None, cwd: Path | None = None):
    """Runs the command to its end."""
    argv = [str(EXCAMERA), *map(str, arguments)]
    return subprocess.run(argv, capture_output=True, text=True, env=env, cwd=cwd, timeout=240)


def encoded(source: Path, output: Path, *options: object) -> dict[str, Any]:
    """Encodes and returns the report; fails with what the command said if it fails."""
    ran = excamera("encode", source, "-o", output, "--json", *options)
    assert ran.returncode == 0, ran.stderr
    report: dict[str, Any] = json.loads(ran.stdout)
    return report
