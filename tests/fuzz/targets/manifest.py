"""An EncodeJob manifest: a job, or InvalidJob in one line."""

from __future__ import annotations

from excamera import manifest
from excamera.errors import InvalidJob


def one(data: bytes) -> None:
    try:
        read = manifest.load(data.decode("utf-8", "replace"))
    except InvalidJob as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 10_000
        return
    assert read.job.source
    assert read.job.output
