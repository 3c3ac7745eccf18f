"""Writes a software bill of materials in CycloneDX 1.6, as JSON: what the image is made of.

    python make/sbom.py --lock requirements.lock                  what the lock file names
    python make/sbom.py --site-packages FOLDER --debian           what is installed, as in the image

The same parts give the same bytes: there is no date in it, and its serial number is a digest.
Needs nothing but Python. It knows nothing of what is linked into wheels (FFmpeg in PyAV's, for
instance): their authors' own bills would have to say that.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

Component = dict[str, Any]

_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(.*)$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def locked(text: str) -> Iterator[Component]:
    """The packages of a lock file; any of the files of a version may be what is installed."""
    logical = text.replace("\\\n", " ")
    for line in logical.splitlines():
        if match := _LOCKED.match(line):
            found = _python(match[1], match[2])
            hashes = _HASH.findall(match[3])
            found["properties"] = [{"name": "excamera:sha256", "value": one} for one in hashes]
            yield found


def installed(folder: Path) -> Iterator[Component]:
    """The distributions in a folder of packages."""
    for found in metadata.distributions(path=[str(folder)]):
        component = _python(found.metadata["Name"], found.version)
        if "License-Expression" in found.metadata:
            component["licenses"] = [{"expression": found.metadata["License-Expression"]}]
        yield component


def debian() -> Iterator[Component]:
    """The Debian packages of this system."""
    form = "${db:Status-Status}\\t${Package}\\t${Version}\\t${Architecture}\\t${source:Package}\\n"
    listed = subprocess.run(
        ["dpkg-query", "-W", "-f", form], capture_output=True, text=True, check=True
    ).stdout
    for line in listed.splitlines():
        status, name, version, architecture, source = line.split("\t")
        if status == "installed":
            purl = f"pkg:deb/debian/{quote(name)}@{quote(version)}?arch={architecture}"
            properties = [{"name": "debian:source", "value": source}]
            yield _component(name, version, purl) | {"properties": properties}


def bill(components: Iterable[Component]) -> dict[str, Any]:
    listed = sorted(components, key=lambda one: str(one["bom-ref"]))
    digest = hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest)}",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "excamera"}},
        "components": listed,
    }


def _python(name: str, version: str) -> Component:
    canonical = re.sub(r"[-_.]+", "-", name).lower()
    return _component(canonical, version, f"pkg:pypi/{quote(canonical)}@{quote(version)}")


def _component(name: str, version: str, purl: str) -> Component:
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


def main() -> int:
    parser = argparse.ArgumentParser(description="Write a software bill of materials.")
    parser.add_argument("--lock", type=Path, metavar="FILE")
    parser.add_argument("--site-packages", type=Path, metavar="FOLDER")
    parser.add_argument("--debian", action="store_true", help="the packages of this system")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="default: standard output"
    )
    options = parser.parse_args()
    components: list[Component] = []
    if options.lock:
        components += locked(options.lock.read_text("utf-8"))
    if options.site_packages:
        components += installed(options.site_packages)
    if options.debian:
        components += debian()
    if not components:
        parser.error("there is nothing to list")
    text = json.dumps(bill(components), indent=1) + "\n"
    if options.output:
        options.output.write_text(text, "utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
