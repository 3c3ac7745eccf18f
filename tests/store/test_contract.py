"""What every store does, be it a folder, moto or MinIO."""

import os
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from excamera_store import (
    InvalidName,
    ObjectChanged,
    ObjectInfo,
    ObjectMissing,
    ObjectTooLarge,
    Store,
    split_url,
)
from excamera_store.s3_transfer import PIECE

ODD_KEYS = ["a", "a-b", "a/b", "a/b c+d&e=f", "ä/ö.webm", "a/percent%20.mp4", "q?x#y", "z/~/'\""]


def keys(store: Store, folder: str = "") -> list[str]:
    return [info.key for info in store.list(folder)]


def test_what_is_written_is_read_back(store: Store) -> None:
    for data in (b"", b"x", random.Random(21).randbytes(100_000)):
        store.write("folder/name.bin", data)
        assert store.read("folder/name.bin") == data
        assert store.stat("folder/name.bin").size == len(data)


def test_an_object_that_is_larger_than_expected_is_not_read(store: Store) -> None:
    store.write("k", b"12345")
    assert store.read("k", 5) == b"12345"
    with pytest.raises(ObjectTooLarge, match="more than 4 bytes"):
        store.read("k", 4)


def test_what_is_put_is_fetched(store: Store, tmp_path: Path) -> None:
    source, copy = tmp_path / "source", tmp_path / "copy"
    source.write_bytes(random.Random(29).randbytes(200_000))
    copy.write_bytes(b"something older, and longer" * 10_000)
    store.put("k", source)
    store.fetch("k", copy)
    assert copy.read_bytes() == source.read_bytes()


def test_a_large_object_travels_in_pieces(store: Store, tmp_path: Path) -> None:
    data = random.Random(1).randbytes(PIECE * 2 + 12_345)
    source, copy = tmp_path / "source", tmp_path / "copy"
    source.write_bytes(data)
    store.put("large", source)
    assert store.stat("large").size == len(data)
    store.fetch("large", copy)
    assert copy.read_bytes() == data


def test_an_open_object_can_be_read_anywhere(store: Store) -> None:
    data = random.Random(2).randbytes(3_000_000)
    store.write("k", data)
    with store.open("k") as file:
        assert file.seekable()
        assert file.read(10) == data[:10]
        assert file.seek(-5, os.SEEK_END) == len(data) - 5
        assert file.read() == data[-5:]
        file.seek(1_000_000)
        assert file.read(1_500_000) == data[1_000_000:2_500_000]
        assert file.seek(1, os.SEEK_CUR) == 2_500_001
        assert file.read() == data[2_500_001:]
        assert file.read() == b""


def test_an_empty_object_can_be_opened_and_fetched(store: Store, tmp_path: Path) -> None:
    store.write("empty", b"")
    with store.open("empty") as file:
        assert file.read() == b""
    store.fetch("empty", tmp_path / "empty")
    assert (tmp_path / "empty").read_bytes() == b""


def test_the_etag_tells_that_an_object_was_replaced(store: Store) -> None:
    store.write("k", b"one")
    first = store.stat("k")
    assert store.stat("k") == first
    store.write("k", b"two")
    assert store.stat("k").etag != first.etag


def test_missing_objects_say_so(store: Store, tmp_path: Path) -> None:
    for ask in (store.stat, store.open, store.read):
        with pytest.raises(ObjectMissing, match="nothing-here"):
            ask("nothing-here")
    with pytest.raises(ObjectMissing, match="nothing-here"):
        store.fetch("nothing-here", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_local_file_that_is_missing_is_the_callers_mistake(store: Store, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        store.put("k", tmp_path / "missing")
    assert keys(store) == []


def test_the_list_is_in_the_order_of_the_keys(store: Store) -> None:
    for key in reversed(ODD_KEYS[1:]):
        store.write(key, key.encode())
    expected = sorted(ODD_KEYS[1:], key=str.encode)
    assert keys(store) == expected
    assert all(isinstance(info, ObjectInfo) for info in store.list())
    assert [store.read(key) for key in expected] == [key.encode() for key in expected]


def test_a_folder_holds_what_lies_below_it_only(store: Store) -> None:
    for key in ("job-1/a", "job-1/b/c", "job-10/a", "other"):
        store.write(key, b"")
    assert keys(store, "job-1") == keys(store, "job-1/") == ["job-1/a", "job-1/b/c"]
    assert keys(store, "nobody") == []


def test_deleting_is_idempotent(store: Store) -> None:
    store.write("k/l", b"x")
    store.delete("k/l")
    store.delete("k/l")
    store.delete("never/was")
    assert keys(store) == []


def test_deleting_a_folder_leaves_its_neighbours(store: Store) -> None:
    for key in ("job-1/a", "job-1/b/c", "job-10/a"):
        store.write(key, b"")
    assert store.delete_prefix("job-1") == 2
    assert store.delete_prefix("job-1") == 0
    assert keys(store) == ["job-10/a"]


def test_everything_is_never_deleted_at_once(store: Store) -> None:
    store.write("k", b"")
    with pytest.raises(InvalidName, match="refusing"):
        store.delete_prefix("")
    assert keys(store) == ["k"]


def test_a_writable_store_is_not_touched_by_the_check(store: Store) -> None:
    store.check_writable("some/new/key")
    store.check_writable()
    assert keys(store) == []


def test_bad_names_never_reach_the_store(store: Store, tmp_path: Path) -> None:
    for bad in ("../up", "/abs", "", "a\nb"):
        for call in (
            lambda bad=bad: store.stat(bad),
            lambda bad=bad: store.open(bad),
            lambda bad=bad: store.read(bad),
            lambda bad=bad: store.write(bad, b""),
            lambda bad=bad: store.put(bad, __file__),
            lambda bad=bad: store.fetch(bad, tmp_path / "x"),
            lambda bad=bad: store.delete(bad),
            lambda bad=bad: store.url_of(bad),
        ):
            with pytest.raises(InvalidName):
                call()


def test_readers_see_one_whole_object_while_writers_compete(store: Store, tmp_path: Path) -> None:
    contents = [bytes([65 + n]) * 70_000 for n in range(4)]
    for number, data in enumerate(contents):
        (tmp_path / str(number)).write_bytes(data)
    store.write("k", contents[0])

    def write(number: int) -> None:
        for _ in range(5):
            store.put("k", tmp_path / str(number))

    def read(_: int) -> list[bytes]:
        return [_read_or_changed(store) for _ in range(10)]

    with ThreadPoolExecutor(6) as pool:
        writing = [pool.submit(write, n) for n in range(4)]
        reading = [pool.submit(read, n) for n in range(2)]
        for future in writing:
            future.result()
        seen = [data for future in reading for data in future.result()]
    assert set(seen) <= set(contents)
    assert keys(store) == ["k"]


def _read_or_changed(store: Store) -> bytes:
    while True:
        try:
            return store.read("k")
        except ObjectChanged:
            continue


def test_the_url_leads_to_the_same_object(store: Store) -> None:
    for key in ODD_KEYS[1:]:
        store.write(key, key.encode())
        again, name = split_url(store.url_of(key), getattr(store, "_settings", None))
        assert again.read(name) == key.encode()
