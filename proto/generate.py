"""Generate the Python stubs and their types from the .proto files, next to them.

    python proto/generate.py [--check]

Needs grpcio-tools and mypy-protobuf. Without `--check` only what is older than its .proto file is
written again, so that it costs nothing to call it from every target of a Makefile. With `--check`
nothing is written, and the exit status is 1 if something is missing or older.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from importlib import resources
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PACKAGE = "excamera_proto"
SUFFIXES = ("_pb2.py", "_pb2.pyi", "_pb2_grpc.py", "_pb2_grpc.pyi")
PLUGINS = ("mypy", "mypy_grpc")


def products(source: Path) -> list[Path]:
    """The files that are made from one .proto file."""
    return [source.with_name(source.stem + suffix) for suffix in SUFFIXES]


def stale(root: Path = ROOT) -> list[Path]:
    """The .proto files whose stubs are missing or older than they are."""
    return [
        source
        for source in sorted((root / PACKAGE).glob("*.proto"))
        if any(
            not made.exists() or made.stat().st_mtime < source.stat().st_mtime
            for made in products(source)
        )
    ]


def generate(root: Path = ROOT, *, force: bool = False) -> list[Path]:
    """Bring the stubs up to date; returns the files that were written."""
    sources = sorted((root / PACKAGE).glob("*.proto")) if force else stale(root)
    if not sources:
        return []
    # Compiled elsewhere and moved into place: whoever imports meanwhile sees old or new, not half.
    with tempfile.TemporaryDirectory(dir=root) as made:
        _compile(root, sources, Path(made))
        written = [product for source in sources for product in products(source)]
        for product in written:
            os.replace(Path(made) / product.relative_to(root), product)
    return written


def _compile(root: Path, sources: list[Path], out: Path) -> None:
    from grpc_tools import protoc  # type: ignore[import-untyped]

    arguments = [
        "protoc",
        f"--proto_path={root}",
        f"--proto_path={resources.files('grpc_tools') / '_proto'}",
        *(f"--plugin=protoc-gen-{name}={_plugin(name)}" for name in PLUGINS),
        *(f"--{kind}_out={out}" for kind in ("python", "grpc_python", *PLUGINS)),
        *(str(source) for source in sources),
    ]
    if status := protoc.main(arguments):
        raise SystemExit(f"protoc failed with status {status} on {', '.join(map(str, sources))}")


def _plugin(name: str) -> Path:
    """mypy-protobuf's plugin in the environment that runs this, which need not be on PATH."""
    program = Path(sys.executable).with_name(f"protoc-gen-{name}")
    if not program.exists():
        raise SystemExit(f"{program} is missing: install mypy-protobuf into this environment")
    return program


def main() -> int:
    parser = argparse.ArgumentParser(description="Generate the gRPC stubs.")
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if out of date")
    parser.add_argument("--force", action="store_true", help="write even what is up to date")
    options = parser.parse_args()
    if options.check:
        outdated = stale()
        for source in outdated:
            print(f"{source}: stubs are missing or older; run python proto/generate.py")
        return 1 if outdated else 0
    for path in generate(force=options.force):
        print(path.relative_to(ROOT.parent))
    return 0


if __name__ == "__main__":
    sys.exit(main())
