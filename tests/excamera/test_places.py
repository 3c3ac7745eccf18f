"""Where a job's objects lie."""

from __future__ import annotations

from dataclasses import replace

import pytest

from excamera.job import Encoding
from excamera.places import Places, SourceIdentity, job_id
from excamera.plan import plan
from tests.excamera.sources import source

SOURCE = SourceIdentity("s3://videos/clip.mp4", 1000, "abc")


def test_the_same_source_and_encoding_have_the_same_job() -> None:
    assert job_id(SOURCE, Encoding(), "1.0") == job_id(replace(SOURCE), Encoding(), "1.0")


def test_whatever_changes_the_bytes_changes_the_job() -> None:
    others = [
        job_id(replace(SOURCE, etag="abd"), Encoding(), "1.0"),
        job_id(replace(SOURCE, size=1001), Encoding(), "1.0"),
        job_id(replace(SOURCE, url="s3://videos/other.mp4"), Encoding(), "1.0"),
        job_id(SOURCE, Encoding(cq_level=21), "1.0"),
        job_id(SOURCE, Encoding(chunk_frames=7), "1.0"),
        job_id(SOURCE, Encoding(chunk_frames=None), "1.0"),
        job_id(SOURCE, Encoding(chain_length=17), "1.0"),
        job_id(SOURCE, Encoding(keyframe_seconds=2), "1.0"),
        job_id(SOURCE, Encoding(), "1.1"),
    ]
    assert len({job_id(SOURCE, Encoding(), "1.0"), *others}) == len(others) + 1


def test_other_settings_of_the_encoder_make_another_job(monkeypatch: pytest.MonkeyPatch) -> None:
    before = job_id(SOURCE, Encoding(), "1.0")
    monkeypatch.setattr("excamera.places.HEAD", ("--mark-changes",))
    assert job_id(SOURCE, Encoding(), "1.0") != before


def test_sound_does_not_change_the_chunks() -> None:
    assert job_id(SOURCE, Encoding(audio=False), "1.0") == job_id(SOURCE, Encoding(), "1.0")


def test_no_two_objects_of_a_job_share_a_place() -> None:
    places = Places("s3://videos/out.webm.excamera/0123")
    chunks = plan(source(100), Encoding()).chunks
    urls = [places.index]
    for chunk in chunks:
        urls += [places.ivf(chunk), places.extraction(chunk), places.quality(chunk)]
    assert len(set(urls)) == len(urls)
    assert all(url.startswith(places.prefix + "/") for url in urls)
