"""Sources for the media tests, made when they are first asked for."""

from collections.abc import Callable
from pathlib import Path

import pytest

from excamera_media.index import Index
from excamera_media.indexer import make_index
from tests.media.sources import FFMPEG, RECIPES, make

Source = Callable[[str], Path]


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Gives the file of a recipe by its name."""
    if FFMPEG is None:
        pytest.skip("no ffmpeg to make inputs with; install it: apt-get install ffmpeg")
    folder = tmp_path_factory.mktemp("sources")
    made: dict[str, Path] = {}

    def get(name: str) -> Path:
        if name not in made:
            file = folder / f"{name.replace(':', '')}.{RECIPES[name].suffix}"
            made[name] = make(RECIPES[name], file)
        return made[name]

    return get


def quiet_index(path: Path | str, *, conceal: bool = False) -> Index:
    return make_index(str(path), conceal=conceal, log=lambda line: None)
