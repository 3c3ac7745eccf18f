#!/usr/bin/env python3
"""Write a container image of one layer as a docker archive, without docker.

    archive.py NAME:TAG OUT --add SOURCE:TARGET... --entrypoint WORD... --user UID:GID

Good for images that hold one static program. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import platform
import tarfile
from pathlib import Path

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """The entry as root's, without a time."""
    entry.mtime = entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def folder(name: str, mode: int) -> tarfile.TarInfo:
    """An empty folder."""
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, mode
    return entry


def sum_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def layer_of(files: list[tuple[str, str]]) -> bytes:
    """A layer with `files`, pairs of source and target, and the folders that programs expect."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.GNU_FORMAT) as tar:
        tar.addfile(folder("tmp", 0o1777))
        tar.addfile(folder("etc", 0o755))
        for source, target in files:
            tar.add(source, target.lstrip("/"), filter=anonymous)
    return content.getvalue()


def config_of(layer: bytes, entrypoint: list[str], user: str) -> bytes:
    """The image's configuration, which names its layer by its sum."""
    return json.dumps(
        {
            "architecture": {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()],
            "os": "linux",
            "created": "1970-01-01T00:00:00Z",
            "config": {"Entrypoint": entrypoint, "User": user, "Env": [PATH]},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{sum_of(layer)}"]},
        }
    ).encode()


def write(name: str, out: Path, layer: bytes, config: bytes) -> None:
    """Write the archive; nobody sees half of one."""
    config_name = f"{sum_of(config)}.json"
    manifest = [{"Config": config_name, "RepoTags": [name], "Layers": ["layer.tar"]}]
    new = out.with_suffix(".new")
    with tarfile.open(new, "w", format=tarfile.GNU_FORMAT) as tar:
        for member, content in (
            ("manifest.json", json.dumps(manifest).encode()),
            (config_name, config),
            ("layer.tar", layer),
        ):
            entry = tarfile.TarInfo(member)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    os.replace(new, out)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name")
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--add", action="append", default=[], type=lambda pair: tuple(pair.split(":"))
    )
    parser.add_argument("--entrypoint", nargs="+", required=True)
    parser.add_argument("--user", default="")
    arguments = parser.parse_args()
    layer = layer_of(arguments.add)
    config = config_of(layer, arguments.entrypoint, arguments.user)
    write(arguments.name, arguments.out, layer, config)


if __name__ == "__main__":
    main()
