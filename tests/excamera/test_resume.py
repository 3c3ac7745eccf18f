"""Finished chunks are read back from the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from excamera.access import StoreAccess
from excamera.errors import StorageFailed
from excamera.job import Encoding
from excamera.places import Places
from excamera.plan import plan
from excamera.resume import finished_chunks, read_finished
from tests.excamera.sources import source

CHUNKS = plan(source(24), Encoding()).chunks


def test_chunks_that_another_command_has_cleared_away_are_named_as_such(tmp_path: Path) -> None:
    places = Places(str(tmp_path))
    assert finished_chunks(CHUNKS, places, StoreAccess()) == ()
    with pytest.raises(StorageFailed, match="another command has finished the same output"):
        read_finished(CHUNKS, places, StoreAccess())
