"""The fixture `play`: a file played by headless Chromium. Its tests are of tier browser."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.playback import browser


@pytest.fixture
def play() -> Callable[[Path], browser.PlaybackReport]:
    return browser.play
