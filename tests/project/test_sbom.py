"""The bill of materials names what the lock file locks, each part with where it comes from."""

from __future__ import annotations

import json
import re
import subprocess
import sys

from tests.tiers import ROOT

COMMAND = [sys.executable, "make/sbom.py"]


def bill(*options: str) -> str:
    ran = subprocess.run([*COMMAND, *options], cwd=ROOT, capture_output=True, text=True, check=True)
    return ran.stdout


def test_it_lists_every_locked_package_with_its_checksums() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    locked = set(re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", lock, re.MULTILINE))
    made = json.loads(bill("--lock", "requirements.lock"))
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert {(one["name"], one["version"]) for one in made["components"]} == locked
    hashes = [one["value"] for part in made["components"] for one in part["properties"]]
    assert len(hashes) == len(re.findall("--hash=sha256:", lock))
    for part in made["components"]:
        assert part["purl"] == f"pkg:pypi/{part['name']}@{part['version'].replace('+', '%2B')}"


def test_the_same_parts_give_the_same_bytes() -> None:
    assert bill("--lock", "requirements.lock") == bill("--lock", "requirements.lock")


def test_it_lists_what_is_installed() -> None:
    import pytest

    made = json.loads(bill("--site-packages", pytest.__file__.rpartition("/pytest/")[0]))
    assert f"pkg:pypi/pytest@{pytest.__version__}" in {one["purl"] for one in made["components"]}


def test_the_image_carries_its_own() -> None:
    (step,) = re.findall(r"^RUN (python3 .*sbom\.py .*)$", (ROOT / "Dockerfile").read_text(), re.M)
    assert "--debian" in step
    assert "--site-packages" in step
