"""A bucket, a clip in it, and what the command says about the same clip without Lambda."""

from __future__ import annotations

from pathlib import Path

import pytest

from excamera_store import S3Settings, split_url
from tests.aws_lambda.jobs import SOURCE, Bucket
from tests.local.clips import drawn
from tests.store.fixtures import moto, own_credentials

__all__ = ["moto", "own_credentials"]


@pytest.fixture(scope="session")
def bucket(moto: S3Settings, tmp_path_factory: pytest.TempPathFactory) -> Bucket:
    clip = drawn(tmp_path_factory.mktemp("lambda") / "clip.mp4", frames=48)
    store, key = split_url(SOURCE, moto)
    store.put(key, clip)
    return Bucket(moto, clip)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "environments"
    folder.mkdir()
    return folder
