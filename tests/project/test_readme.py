"""Every command that README.md shows exists: its make targets, and its options of `excamera`."""

import re
import shlex
import subprocess

import pytest

from tests.tiers import ROOT, TIERS

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```console\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = [
    shlex.split(line.removeprefix("$ "))
    for block in BLOCKS
    for line in block.splitlines()
    if line.startswith("$ ")
]


def starting_with(*program: str) -> list[list[str]]:
    """The arguments of the commands that begin so."""
    return [words[len(program) :] for words in COMMANDS if words[: len(program)] == list(program)]


MAKE = starting_with("make")
EXCAMERA = starting_with(".venv/bin/excamera")
PYTEST = starting_with(".venv/bin/python", "-m", "pytest")


def targets() -> set[str]:
    """What `make help` lists."""
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(re.findall(r"^  make ([a-z-]+)", listed.stdout, re.MULTILINE))


def test_every_command_is_one_that_these_tests_know():
    assert len(COMMANDS) == len(MAKE) + len(EXCAMERA) + len(PYTEST)
    assert {"demo", "test"} <= {words[0] for words in MAKE}


def test_every_make_target_exists():
    assert {words[0] for words in MAKE} <= targets()


def test_every_phony_target_for_people_is_in_the_help():
    makefile = (ROOT / "Makefile").read_text()
    parts = {"packages", "packages-test", "packages-check", "packages-arm", "venv", "stubs"}
    parts |= {"native", "native-tests", "emulator"}
    phony = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE))
    assert {name for line in phony for name in line.split()} - parts <= targets()


@pytest.mark.parametrize("words", EXCAMERA, ids=shlex.join)
def test_every_excamera_command_parses(words, capsys):
    from excamera.cli import parser

    if words == ["--help"]:
        with pytest.raises(SystemExit, match="0"):
            parser().parse_args(words)
    else:
        parser().parse_args(words)


@pytest.mark.parametrize("words", PYTEST, ids=shlex.join)
def test_every_pytest_command_names_what_is_there(words):
    tiers = {words[i + 1] for i, word in enumerate(words) if word == "--tier"}
    assert tiers <= set(TIERS)
    paths = [word for word in words if word.startswith("tests/")]
    assert all((ROOT / path).exists() for path in paths)


def test_every_tier_is_described():
    described = set(re.findall(r"^\| ([a-z]+) \|", README.split("## Tests")[1], re.MULTILINE))
    assert described - {"tier"} == set(TIERS)


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "docs/security-testing.md",
        "examples/README.md",
    ],
)
def test_every_link_to_a_file_leads_somewhere(page):
    folder = (ROOT / page).parent
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", (ROOT / page).read_text())
    missing = [link for link in links if "://" not in link and not (folder / link).exists()]
    assert not missing


def test_every_folder_of_the_tour_exists():
    tour = README.split("## The folders")[1].split("##")[0]
    folders = [
        name
        for row in re.findall(r"^\| (`.*?) \|", tour, re.MULTILINE)
        for name in re.findall(r"`([^`]+)`", row)
    ]
    assert folders
    assert not [name for name in folders if not (ROOT / name).is_dir()]
