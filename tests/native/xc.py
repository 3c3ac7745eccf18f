"""Runs the built xc: $XC, or else the one on PATH (make setup leaves it in .venv/bin)."""

import os
import subprocess
import sys
from dataclasses import dataclass
from io import BufferedReader

from bench import peak

OK, USAGE, BAD_INPUT, IO, INTERNAL = 0, 2, 3, 4, 5


@dataclass(frozen=True)
class Result:
    code: int
    out: bytes
    err: str


def command(*arguments: object) -> list[str]:
    return [os.environ.get("XC") or "xc", *map(str, arguments)]


def run(*arguments: object, stdin: bytes = b"", stdout: int = subprocess.PIPE) -> Result:
    done = subprocess.run(
        command(*arguments), input=stdin, stdout=stdout, stderr=subprocess.PIPE, timeout=120
    )
    return Result(done.returncode, done.stdout or b"", done.stderr.decode())


def run_with(stdin: BufferedReader, *arguments: object) -> Result:
    """The same with an open file as standard input."""
    done = subprocess.run(command(*arguments), stdin=stdin, capture_output=True, timeout=120)
    return Result(done.returncode, done.stdout, done.stderr.decode())


def succeed(*arguments: object, stdin: bytes = b"") -> bytes:
    result = run(*arguments, stdin=stdin)
    assert result.code == OK, f"xc {arguments}: exit code {result.code}\n{result.err}"
    return result.out


def peak_memory(*arguments: object) -> int:
    """The most that was resident, in bytes."""
    measured = [sys.executable, "-I", "-S", peak.__file__, *command(*arguments)]
    done = subprocess.run(measured, capture_output=True, text=True, timeout=120)
    assert done.returncode == OK, done.stderr
    return int(done.stdout)


def fail(code: int, message: str, *arguments: object, stdin: bytes = b"") -> None:
    """Expects this exit code and one line on standard error that holds the message."""
    check_failure(run(*arguments, stdin=stdin), code, message)


def check_failure(result: Result, code: int, message: str) -> None:
    assert result.code == code, result.err
    assert message in result.err
    assert result.err.startswith("xc")
    assert result.err.count("\n") == 1, "one line is enough"
