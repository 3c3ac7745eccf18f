import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excamera_store import (
    FolderStore,
    InvalidName,
    S3Store,
    StoreError,
    UnsupportedScheme,
    open_store,
    split_url,
)


def test_a_plain_path_is_a_folder_and_a_name() -> None:
    store, key = split_url("/videos/clip.mp4")
    assert isinstance(store, FolderStore)
    assert (store.root, key) == ("/videos", "clip.mp4")


def test_a_relative_path_is_of_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store, key = split_url("../clip.mp4")
    assert isinstance(store, FolderStore)
    assert (store.root, key) == (str(tmp_path.parent), "clip.mp4")


def test_a_file_url_is_decoded() -> None:
    store, key = split_url("file:///my%20videos/a%23b.mp4")
    assert isinstance(store, FolderStore)
    assert (store.root, key) == ("/my videos", "a#b.mp4")
    assert split_url("file://localhost/x/y")[1] == "y"


def test_an_s3_url_is_a_bucket_and_a_key_taken_literally() -> None:
    store, key = split_url("s3://clips/in/a%20b?c#d.mp4")
    assert isinstance(store, S3Store)
    assert (store.bucket, key) == ("clips", "in/a%20b?c#d.mp4")


@pytest.mark.parametrize(
    "url", ["http://x/y.mp4", "https://x/y", "gs://b/k", "ftp://h/p", "x-y://"]
)
def test_another_scheme_says_what_to_do(url: str) -> None:
    for function in (split_url, open_store):
        with pytest.raises(UnsupportedScheme, match="s3://BUCKET/KEY"):
            function(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "folder/",
        "s3://",
        "s3:///key",
        "s3://bucket",
        "s3://bucket/",
        "s3://bucket/folder/",
        "s3://bucket/../x",
        "file://host/x",
        "file://x",
        "file:///x%00y",
        "a\0b",
        "s3://buc\nket/x",
    ],
)
def test_a_url_that_names_no_object_is_refused(url: str) -> None:
    with pytest.raises(InvalidName):
        split_url(url)


@pytest.mark.parametrize("bucket", ["", "My Bucket", "vidéos", "a@b", "v" * 256, "arn: x"])
def test_what_is_no_buckets_name_is_refused_before_anybody_is_asked(bucket: str) -> None:
    for function in (split_url, open_store):
        with pytest.raises(InvalidName, match="name has 3 to 63 lower-case letters"):
            function(f"s3://{bucket}/key")


def test_buckets_of_old_and_access_points_are_left_to_the_store() -> None:
    for bucket in ("My_Bucket", "arn:aws:s3:eu-west-1:000000000000:accesspoint:clips"):
        store, key = split_url(f"s3://{bucket}/clip.mp4")
        assert (store.url_of(key), key) == (f"s3://{bucket}/clip.mp4", "clip.mp4")


@given(st.text(max_size=30))
def test_any_text_is_a_location_or_a_store_error(text: str) -> None:
    for function in (split_url, open_store):
        with suppress(StoreError):
            function(text)


@given(
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=30),
    st.sampled_from(["/root folder", "s3://bucket", "s3://bucket/some/prefix", "/ü?#%41"]),
)
def test_the_url_of_an_object_leads_back_to_it(key: str, place: str) -> None:
    store = open_store(place)
    try:
        url = store.url_of(key)
    except InvalidName:
        return
    again, name = split_url(url)
    assert again.url_of(name) == url
    if isinstance(again, FolderStore):
        assert os.path.join(again.root, name) == os.path.join(place, key)
    else:
        assert f"s3://bucket/{name}" == f"{place}/{key}"
