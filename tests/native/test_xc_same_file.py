"""xc refuses to overwrite what it reads, by whatever name, before it writes anything."""

import os
from pathlib import Path

import pytest

from tests.native import xc
from tests.native.clips import Clip

pytestmark = pytest.mark.tier("conformance")

NAMES = {
    "the same": lambda path: path,
    "by way of another folder": lambda path: path.parent / ".." / path.parent.name / path.name,
    "a symbolic link": lambda path: linked(path, os.symlink),
    "a hard link": lambda path: linked(path, os.link),
    "a chain of symbolic links": lambda path: linked(linked(path, os.symlink), os.symlink, "chain"),
}


def linked(path, link, name="link"):
    other = path.with_name(name)
    link(path, other)
    return other


@pytest.fixture
def folder(tmp_path):
    """A clip, a stream and the state behind it."""
    (tmp_path / "y4m").write_bytes(Clip().y4m())
    xc.succeed("encode", tmp_path / "y4m", "-o", tmp_path / "ivf")
    xc.succeed("state", tmp_path / "ivf", "-o", tmp_path / "state")
    return tmp_path


def refused(folder, *arguments):
    before = {path: path.read_bytes() for path in folder.iterdir()}
    xc.fail(xc.USAGE, "are the same file", *arguments)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def rebase(folder, *, out="out.ivf", state_out="out.state", stats="out.json"):
    return [
        "rebase",
        f"--source={folder / 'y4m'}",
        "--source-overlap",
        f"--prediction={folder / 'ivf'}",
        f"--state={folder / 'state'}",
        f"--output={folder / out}",
        f"--state-out={folder / state_out}",
        f"--stats={folder / stats}",
    ]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("arguments", "read"),
    [
        (["encode", "{}/y4m"], "y4m"),
        (["decode", "{}/ivf"], "ivf"),
        (["state", "{}/ivf"], "ivf"),
        (["state", "{}/ivf", "--from={}/state"], "state"),
    ],
    ids=str,
)
def test_an_output_that_is_an_input_is_refused(folder, arguments, read, name):
    words = [word.format(folder) for word in arguments]
    refused(folder, *words, "-o", NAMES[name](folder / read))


def test_standard_input_is_a_file_like_any_other(folder):
    y4m = folder / "y4m"
    before = y4m.read_bytes()
    with y4m.open("rb") as opened:
        done = xc.run_with(opened, "encode", "-", "-o", y4m)
    xc.check_failure(done, xc.USAGE, "are the same file")
    assert y4m.read_bytes() == before


@pytest.mark.parametrize("out", ["-", "/dev/stdout"])
def test_standard_output_is_a_file_like_any_other(folder, out):
    ivf = folder / "ivf"
    before = ivf.read_bytes()
    with ivf.open("ab") as opened:
        done = xc.run("decode", ivf, "-o", out, stdout=opened.fileno())
    xc.check_failure(done, xc.USAGE, f"are the same file, which would be overwritten: {ivf}")
    assert ivf.read_bytes() == before


@pytest.mark.parametrize("read", ["y4m", "ivf", "state"])
@pytest.mark.parametrize("written", ["out", "state_out", "stats"])
def test_nothing_that_a_rebase_reads_is_written(folder, read, written):
    refused(folder, *rebase(folder, **{written: read}))


@pytest.mark.parametrize(
    "two", [{"out": "x", "state_out": "x"}, {"state_out": "x", "stats": "x"}], ids=str
)
@pytest.mark.parametrize("there", [False, True])
def test_two_outputs_that_are_one_file_are_refused(folder, two, there):
    if there:
        (folder / "x").write_bytes(b"old")
    refused(folder, *rebase(folder, **two))


def test_two_names_of_a_file_in_the_working_folder_are_one(folder, monkeypatch):
    monkeypatch.chdir(folder)
    refused(folder, *rebase(Path(), out="x", state_out=f"../{folder.name}/x"))
    refused(folder, *rebase(Path(), out="x", stats=folder / "x"))


def test_a_link_to_a_file_that_is_not_there_yet_is_that_file(folder):
    (folder / "link").symlink_to("x")
    (folder / "chain").symlink_to(folder / "link")
    xc.fail(xc.USAGE, "are the same file", *rebase(folder, out="chain", state_out="x"))
    xc.succeed(*rebase(folder, out="chain", state_out="state-out"))
    assert (folder / "x").read_bytes().startswith(b"DKIF")


def test_devices_and_streams_may_stand_for_several(folder):
    nothing = {"out": "/dev/null", "state_out": "/dev/null", "stats": "/dev/null"}
    xc.succeed(*rebase(folder, **nothing))
    xc.succeed("decode", folder / "ivf", "-o", "/dev/stdout")
    xc.succeed("compare", folder / "y4m", folder / "y4m")
