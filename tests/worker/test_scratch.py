"""Scratch folders: names, and the removal of whatever programs leave."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excamera_worker.failures import CommandFailed
from excamera_worker.journal import Attempt
from excamera_worker.scratch import PREFIX, Folder, Scratch, check_name, folder_name, remove_tree


@given(st.text(st.sampled_from("ab./\\\0\n~-"), max_size=12))
def test_a_name_that_passes_stays_in_the_folder(name: str) -> None:
    try:
        check_name(name)
    except CommandFailed:
        return
    path = (Path("/scratch") / name).resolve()
    assert path.is_relative_to("/scratch")
    assert path != Path("/scratch")


@pytest.mark.parametrize("name", ["a", "a.ivf", "sub/a", ".hidden", "a..b", "é", "a b"])
def test_ordinary_names_pass(name: str) -> None:
    assert check_name(name) == name


@given(st.text(max_size=200), st.text(max_size=200), st.integers(0, 9))
def test_attempts_have_folders_of_their_own(one: str, other: str, number: int) -> None:
    names = {folder_name(Attempt(task, number)) for task in (one, other)}
    assert len(names) == len({one, other})
    for name in names:
        assert check_name(name) == name
        assert "/" not in name
        assert len(name) < 100


def test_a_folder_is_made_where_a_name_needs_one(tmp_path: Path) -> None:
    assert Folder(tmp_path).file("a/b/c").parent.is_dir()


def test_only_regular_files_exist(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("missing", "folder"):
        with pytest.raises(CommandFailed, match="no scratch file"):
            Folder(tmp_path).existing(name)


def test_a_tree_that_forbids_it_is_removed_all_the_same(tmp_path: Path) -> None:
    inner = tmp_path / "tree" / "inner"
    inner.mkdir(parents=True)
    (inner / "file").touch()
    (inner / "link").symlink_to("/etc")
    inner.chmod(0o000)
    (tmp_path / "tree").chmod(0o500)
    remove_tree(tmp_path / "tree")
    assert list(tmp_path.iterdir()) == []
    assert Path("/etc").is_dir()


def test_what_a_dead_worker_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / (PREFIX + "dead") / "x").mkdir(parents=True)
    (tmp_path / (PREFIX + "file")).touch()
    (tmp_path / "others").mkdir()
    with Scratch(tmp_path) as alive, Scratch(tmp_path) as second:
        names = {path.name for path in tmp_path.iterdir()}
        assert names == {PREFIX + "file", "others", alive.path.name, second.path.name}
    assert {path.name for path in tmp_path.iterdir()} == {PREFIX + "file", "others"}
