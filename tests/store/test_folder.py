import errno
import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from excamera_store import (
    AccessDenied,
    BucketMissing,
    FolderStore,
    InvalidName,
    ObjectMissing,
    StoreError,
    StoreFull,
    StoreUnreachable,
    same_version,
    split_url,
)
from excamera_store.file_errors import file_errors
from excamera_store.names import RESERVED
from excamera_store.part_file import remove_stale

DIE_IN_THE_MIDDLE = """
import sys, time
from excamera_store.part_file import PartFile
part = PartFile(sys.argv[1])
part.file.write(b"half of it")
part.file.flush()
print("ready", flush=True)
time.sleep(600)
"""


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Writing more than `size` bytes into a file fails as it does on a full disk.

    For as short as can be: the limit holds for pytest's own output too, which may be a longer file.
    """
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)


def everything_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_put_that_cannot_be_finished_leaves_the_old_object(tmp_path: Path) -> None:
    source = tmp_path / "large"
    with source.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, 60_000)
    store = FolderStore(tmp_path / "store", create=True)
    store.write("k", b"old")
    with files_of_at_most(10_000):
        with pytest.raises(StoreFull, match="ulimit"):
            store.put("k", source)
        with pytest.raises(StoreFull):
            store.write("k", bytes(60_000))
    assert store.read("k") == b"old"
    assert everything_below(tmp_path / "store") == ["k"]


def test_a_fetch_that_cannot_be_finished_leaves_nothing(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store", create=True)
    store.write("k", bytes(60_000))
    (tmp_path / "scratch").mkdir()
    with files_of_at_most(10_000), pytest.raises(StoreFull):
        store.fetch("k", tmp_path / "scratch" / "copy")
    assert everything_below(tmp_path / "scratch") == []


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small tmpfs needs root")
def test_a_full_disk_says_so_and_stays_usable(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=False)
    if mounted.returncode:
        pytest.skip("may not mount a tmpfs here")
    try:
        store = FolderStore(disk)
        with pytest.raises(StoreFull, match="free some space"):
            store.write("big", bytes(1_000_000))
        assert everything_below(disk) == []
        store.write("small", b"fits")
    finally:
        subprocess.run(["umount", disk], check=True)


def test_what_a_killed_writer_left_is_removed_by_the_next_one(tmp_path: Path) -> None:
    root = tmp_path / "store"
    root.mkdir()
    writer = subprocess.Popen(
        [sys.executable, "-c", DIE_IN_THE_MIDDLE, str(root)], stdout=subprocess.PIPE
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"ready\n"
    store = FolderStore(root)
    assert list(store.list()) == []  # nobody sees half an object
    assert remove_stale(str(root)) == 0  # its writer lives

    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    assert [name.startswith(RESERVED) for name in everything_below(root)] == [True]
    store.write("k", b"x")
    assert everything_below(root) == ["k"]


def test_an_output_folder_that_is_missing_is_not_created(tmp_path: Path) -> None:
    store, key = split_url(str(tmp_path / "missing" / "out.webm"))
    for call in (
        lambda: store.check_writable(key),
        lambda: store.write(key, b""),
        lambda: store.list(),
    ):
        with pytest.raises(BucketMissing, match="create it first"):
            call()
    assert everything_below(tmp_path) == []


def test_a_folder_or_pipe_is_not_an_object(tmp_path: Path) -> None:
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    os.mkfifo(tmp_path / "pipe")
    store = FolderStore(tmp_path)
    with pytest.raises(ObjectMissing, match="is a folder"):
        store.stat("folder")
    with pytest.raises(InvalidName, match="not a regular file"):
        store.open("pipe")
    with pytest.raises(InvalidName, match="folder"):
        store.write("folder", b"")
    with pytest.raises(InvalidName, match="folder"):
        store.check_writable("folder")
    assert list(store.list()) == []
    assert everything_below(tmp_path) == ["folder", "folder/inner", "pipe"]


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.write("file", b"")
    for call in (
        lambda: store.write("file/k", b""),
        lambda: store.stat("file/k"),
        lambda: store.check_writable("file/k"),
    ):
        with pytest.raises(InvalidName, match="is a file, not a folder"):
            call()
    store.delete("file/k")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_denied(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(AccessDenied, match="permissions"):
        FolderStore(tmp_path).check_writable("k")


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.EACCES, AccessDenied),
        (errno.EROFS, AccessDenied),
        (errno.ENOSPC, StoreFull),
        (errno.EDQUOT, StoreFull),
        (errno.ENOENT, ObjectMissing),
        (errno.ENAMETOOLONG, InvalidName),
        (errno.ESTALE, StoreUnreachable),
        (errno.EIO, StoreUnreachable),
        (errno.EXDEV, StoreError),
    ],
)
def test_the_systems_errors_have_a_kind_and_an_advice(number: int, kind: type[StoreError]) -> None:
    with (
        pytest.raises(StoreError) as caught,
        file_errors("write", "/x/y", missing=ObjectMissing),
    ):
        raise OSError(number, os.strerror(number))
    assert type(caught.value) is kind
    assert str(caught.value).startswith("cannot write /x/y: ")
    assert "; " in str(caught.value)


def test_an_etag_is_the_same_on_every_machine_but_for_the_inode() -> None:
    assert same_version("1-2-3", "1-2-3")
    assert same_version("1-2-3", "9-2-3")
    assert not same_version("1-2-3", "1-2-4")
    assert not same_version("1-2-3", "1-4-3")
    assert not same_version("abc-2", "def-2")  # of S3


def test_sweeping_neither_waits_at_a_pipe_nor_follows_a_link(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / f"{RESERVED}1")
    (tmp_path / "file").touch()
    (tmp_path / f"{RESERVED}2").symlink_to(tmp_path / "file")
    remove_stale(str(tmp_path))
    assert (tmp_path / "file").exists()
