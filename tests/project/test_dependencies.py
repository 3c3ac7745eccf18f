"""pyproject.toml and the lock files say the same, and what is locked is what is installed."""

import re
import tomllib
from collections.abc import Iterator
from importlib import metadata

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.tiers import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKED = re.compile(r"^([\w.-]+)==([^\s;\\]+)(?: ; ([^\\]+?))? \\$", re.MULTILINE)


def locked(name: str) -> dict[str, str]:
    """What the lock file pins on this platform."""
    pins: dict[str, str] = {}
    for package, version, marker in LOCKED.findall((ROOT / name).read_text()):
        if not marker or Marker(marker).evaluate():
            pins[canonicalize_name(package)] = version
    return pins


def direct(group: str | None) -> Iterator[Requirement]:
    """The requirements of the project itself with its extras, or those of a dependency group."""
    project = PROJECT["project"]
    extras = [entry for extra in project["optional-dependencies"].values() for entry in extra]
    entries = PROJECT["dependency-groups"][group] if group else project["dependencies"] + extras
    for entry in entries:
        if isinstance(entry, str):
            yield Requirement(entry)
        else:
            yield from direct(entry["include-group"])


@pytest.mark.parametrize(
    ("lock", "group"),
    [
        ("requirements.lock", None),
        ("requirements-dev.lock", None),
        ("requirements-dev.lock", "dev"),
    ],
)
def test_the_lock_satisfies_every_direct_dependency(lock, group):
    pins = locked(lock)
    unmet = [
        str(wanted)
        for wanted in direct(group)
        if not wanted.specifier.contains(pins.get(canonicalize_name(wanted.name), "0"))
    ]
    assert not unmet, f"{lock} is out of date: run make lock"


def test_both_locks_agree():
    developer = locked("requirements-dev.lock")
    different = {
        name: (version, developer.get(name))
        for name, version in locked("requirements.lock").items()
        if developer.get(name) != version
    }
    assert not different


def test_every_direct_dependency_has_a_lower_bound():
    # Without one, resolvers have been seen to go back to a first release of ten years ago.
    unbounded = [
        str(wanted)
        for group in (None, "dev")
        for wanted in direct(group)
        if not any(clause.operator in (">=", "==", "~=") for clause in wanted.specifier)
    ]
    assert not unbounded


def test_what_is_installed_is_what_is_locked():
    different = {}
    for name, version in locked("requirements-dev.lock").items():
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            installed = "nothing"
        if installed != version:
            different[name] = f"{installed}, locked {version}"
    assert not different, "run make setup"
