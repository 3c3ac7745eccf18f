"""The drawing of the dashboard, from figures that are made up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest

from tests.observability.dashboard import panels, watched
from tests.observability.picture import View, picture
from tests.observability.prometheus import Prometheus, Series
from tests.observability.units import steps, written
from tests.tiers import ROOT

LABELS = {name: f"some {name}" for name in ("phase", "state", "backend", "reason", "result", "pod")}


@dataclass(frozen=True, slots=True)
class Scripted(Prometheus):
    """Has the same series for every query."""

    points: tuple[tuple[float, float], ...] = ()

    def range(self, query: str, start: float, end: float, step: float = 1.0) -> list[Series]:
        return [Series(LABELS, self.points)]


def words_of(svg: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(svg).iter() if "text" in one.tag]


def drawn(*points: tuple[float, float]) -> list[str]:
    """All words in the picture of a minute."""
    return words_of(picture(View(Scripted("", points), "video", 100.0, 160.0)))


def test_every_panel_is_there_with_its_legends_and_its_unit() -> None:
    words = drawn((100.0, 0.0), (130.0, 2.5), (160.0, 2.0))
    for panel in panels():
        assert panel.title in words
        for query in panel.queries if panel.kind == "timeseries" else ():
            assert query.name_of(LABELS) in words
    assert {"2", "200 %", "3 s", "3 B/s", "3 B", "3/s", "0:30"} <= set(words)


def test_the_picture_in_the_readme_is_of_the_dashboard_as_it_is() -> None:
    words = words_of((ROOT / "docs" / "dashboard.svg").read_text())
    assert {panel.title for panel in panels()} <= set(words)
    assert "No data" not in words


def test_a_panel_without_data_says_so() -> None:
    graphs = [panel for panel in panels() if panel.queries]
    assert drawn().count("No data") == len(graphs)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0357, "percentunit", "3.57 %"),
        (0.0131, "cps", "0.013/s"),
        (0.25, "s", "250 ms"),
        (90.0, "s", "90 s"),
        (300.0, "s", "5 min"),
        (20 * 2**20, "bytes", "20 MiB"),
        (4.2e6, "Bps", "4.2 MB/s"),
        (1500, "none", "1500"),
    ],
)
def test_numbers_are_as_people_read_them(value: float, unit: str, text: str) -> None:
    assert written(value, unit) == text


@pytest.mark.parametrize(
    ("most", "unit", "ticks"),
    [
        (0.0, "none", [0, 1]),
        (7.0, "none", [0, 2, 4, 6, 8]),
        (0.013, "cps", [0, 0.005, 0.01, 0.015]),
        (3 * 2**20, "bytes", [0, 2**20, 2 * 2**20, 3 * 2**20]),
    ],
)
def test_axes_have_round_numbers(most: float, unit: str, ticks: list[float]) -> None:
    assert steps(most, unit) == pytest.approx(ticks)


def test_what_an_alert_looks_at_is_there_also_when_all_is_well() -> None:
    assert list(watched('absent(up{job="a"})')) == ['up{job="a"}']
    assert list(watched("a / b > 0.1 and c > 5")) == ["a / b", "c"]
    with pytest.raises(ValueError, match=re.escape("a == b")):
        list(watched("a == b"))
