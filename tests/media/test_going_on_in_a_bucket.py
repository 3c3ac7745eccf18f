"""Leave to read a source is given for each run: what reads on uses that of the run it is in."""

from __future__ import annotations

from pathlib import Path

import pytest

from excamera_media.index import Index
from excamera_media.kept import Kept
from excamera_store import AccessDenied, Grants, S3Settings, S3Store, granted
from excamera_store.grants import FILE
from excamera_store.requests import Answer, Request, send
from tests.media.conftest import quiet_index
from tests.media.pictures import run_cut
from tests.media.sources import FFMPEG, encode
from tests.store.fixtures import moto, own_credentials
from tests.store.servers import BUCKET
from tests.store.signed import grants

__all__ = ["moto", "own_credentials"]

URL = f"s3://{BUCKET}/film.mkv"


class Runs:
    """One process's, with what it asked of the store, and how many frames it decoded last."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, file: Path, index: Index) -> None:
        self.signed: list[str] = []
        self.decoded = 0
        self._file = file
        self._index = index
        self._kept = Kept()
        monkeypatch.setenv(FILE, str(file))
        monkeypatch.setattr(granted, "send", self._send)

    def frames(self, leave: Grants, first: int, count: int) -> list[str]:
        leave.save(self._file)
        self.signed.clear()
        found, stats = run_cut(URL, self._index, first, count, kept=self._kept)
        self.decoded = stats.decoded
        return found

    def _send(self, request: Request, fine: frozenset[int] = frozenset()) -> Answer:
        self.signed.append(request.signed)
        return send(request, fine)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """With one key, and so large that it is not read all at once."""
    if FFMPEG is None:
        pytest.skip("no ffmpeg to make inputs with; install it: apt-get install ffmpeg")
    pictures = "-f lavfi -i testsrc2=s=640x360:r=25,noise=alls=50 -frames:v 16"
    return encode(f"{pictures} -c:v ffv1 -g 100", tmp_path / "film.mkv")


def test_what_reads_on_uses_the_leave_of_its_own_run(
    moto: S3Settings, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    S3Store(BUCKET, settings=moto).put("film.mkv", film)
    first, second = (grants(moto, ("GET", URL), seconds=seconds) for seconds in (600, 700))
    (tmp_path / "grants").touch()
    index = quiet_index(film)
    whole, _ = run_cut(film, index, 0, index.frames)
    first.save(tmp_path / "grants")
    monkeypatch.setenv(FILE, str(tmp_path / "grants"))
    runs = Runs(monkeypatch, tmp_path / "grants", quiet_index(URL))
    assert runs.frames(first, 0, 4) == whole[:4]
    assert set(runs.signed) == {first.signed("GET", URL)}
    assert runs.frames(second, 3, 9) == whole[3:12]
    assert set(runs.signed) == {second.signed("GET", URL)}
    assert runs.decoded == 9, "and none before them: it has read on"
    with pytest.raises(AccessDenied, match="no leave"):
        runs.frames(Grants(), 11, 4)
    assert runs.frames(first, 11, 5) == whole[11:]
