"""What a look at the repository alone can tell: sizes, docstrings, nothing of one machine in it."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.tiers import ROOT

PACKAGE_FOLDERS = ("operator", "proto", "rendezvous", "worker")
LONGEST = 500
# Files that are tables, locks or someone else's text, and may be long.
LONG = re.compile(
    r"requirements(-dev)?\.lock|.*_tables?\.[ch]pp|.*go\.sum|LICENSE|uv\.lock"
    r"|crds/.*|.*/templates/crd\.yaml|.*\.crd\.yaml|tests/cluster/manifests/.*|.*\.snap"
    r"|.*dashboard.*\.json|.*/values\.schema\.json"
)
TABBED = re.compile(
    r"(^|/)(Makefile|LICENSE|go\.(mod|sum)|.*\.(mk|go|ivf|patch|snap))$|^tests/cluster/modules/"
)
# What only one workplace has. Written so that this file does not match itself.
FOREIGN = {
    "the host of a package registry": re.compile(
        r"\b(py"
        r"pi\.(org|io)|files\.python"
        r"hosted\.|registry\.npm"
        r"js\.|crates"
        r"\.io\b"
        r"|proxy\.golang"
        r"\.org|sum\.golang"
        r"\.org|deb\.debian"
        r"\.org|repo\d?\.maven"
        r"\.)"
    ),
    "a path of one machine": re.compile(r"(?<![\w.])/(work|root)/[\w.]"),
    "a path beside the repository": re.compile(r"(?<![\w./])(\.\./)+shared\b"),
}


# Takes the VP8 test vectors from beside the repository, unless VP8_TEST_VECTORS names a folder.
BESIDE = {"native/tests/vp8/conformance_test.cpp"}


def tracked() -> list[str]:
    """Everything in git or about to be: neither ignored files nor those that were deleted."""
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted({name for name in found.stdout.splitlines() if (ROOT / name).is_file()})


def texts() -> list[tuple[str, str]]:
    """Name and content of each text file; a fuzzer's inputs are bytes, whatever they look like."""
    found = []
    for name in tracked():
        if "/corpus/" in name:
            continue
        content = (ROOT / name).read_bytes()
        if b"\0" not in content[:8192]:
            found.append((name, content.decode(errors="replace")))
    return found


TEXTS = texts()


def packages() -> list[Path]:
    return sorted(
        path
        for folder in PACKAGE_FOLDERS
        for path in (ROOT / folder).iterdir()
        if path.is_dir() and any(path.glob("*.py"))
    )


@pytest.mark.parametrize("what", FOREIGN)
def test_nothing_names_what_only_one_machine_has(what):
    found = [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in TEXTS
        if name not in BESIDE
        for number, line in enumerate(text.splitlines(), 1)
        if FOREIGN[what].search(line)
    ]
    assert not found, f"{what} in\n" + "\n".join(found)


def test_no_file_is_longer_than_500_lines_except_tables():
    lengths = {
        name: text.count("\n")
        for name, text in TEXTS
        if not LONG.fullmatch(name) and text.count("\n") > LONGEST
    }
    assert not lengths


def test_only_makefiles_have_tabs_and_no_line_ends_in_a_blank():
    found = [
        f"{name}:{number}"
        for name, text in TEXTS
        if not TABBED.search(name)
        for number, line in enumerate(text.splitlines(), 1)
        if "\t" in line or line != line.rstrip()
    ]
    assert not found


def test_every_text_file_ends_with_one_line_end():
    found = [
        name
        for name, text in TEXTS
        if text and (not text.endswith("\n") or text.endswith("\n\n") or "\r" in text)
    ]
    assert not found


def test_no_file_is_larger_than_four_megabytes():
    large = [name for name in tracked() if (ROOT / name).stat().st_size > 4 << 20]
    assert not large


def test_every_module_says_what_it_is_for():
    modules = [
        name
        for name in tracked()
        if name.endswith(".py") and not Path(name).name.startswith("test_")
    ]
    silent = [
        name for name in modules if not ast.get_docstring(ast.parse((ROOT / name).read_text()))
    ]
    assert not silent


@pytest.mark.parametrize("package", packages(), ids=lambda path: path.name)
def test_every_package_is_documented_typed_and_shipped(package):
    start = package / "__init__.py"
    assert start.is_file()
    assert ast.get_docstring(ast.parse(start.read_text()))
    assert (package / "py.typed").is_file()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    shipped = project["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert package.relative_to(ROOT).as_posix() in shipped
    assert package.name in project["importlinter"]["root_packages"]


@pytest.mark.parametrize("folder", PACKAGE_FOLDERS)
def test_no_package_sits_directly_in_a_folder_of_the_root(folder):
    # operator/__init__.py would shadow the standard library's module.
    assert not (ROOT / folder / "__init__.py").exists()
