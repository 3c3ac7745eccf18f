"""Fuzzes one target with atheris: `python -m tests.fuzz TARGET [libFuzzer's arguments]`.

Only the project's own packages are watched for coverage; what they import is loaded before.
"""

from __future__ import annotations

import sys

import atheris

from tests.fuzz.corpus import TARGETS, target

PACKAGES = [
    "excamera",
    "excamera_media",
    "excamera_proto",
    "excamera_rendezvous",
    "excamera_store",
    "excamera_worker",
    "mu",
]


def main() -> None:
    program, name, *arguments = sys.argv
    if name not in TARGETS:
        raise SystemExit(f"there is no target {name!r}, only {', '.join(TARGETS)}")
    with atheris.instrument_imports(include=PACKAGES):
        one = target(name)
    atheris.Setup([program, *arguments], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
