"""The chart's dashboard and alerts as tests and the drawing of the dashboard see them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from tests.chart.charts import CHART

DASHBOARD = CHART / "dashboards" / "excamera.json"
RULES = CHART / "rules" / "excamera.yaml"
COMPARISON = re.compile(r"(?P<watched>.+?) [<>]=? [\d.]+")


@dataclass(frozen=True, slots=True)
class Query:
    """One line of a panel, or several by a label. legend: with labels as {{name}}."""

    expression: str
    legend: str

    def of(self, namespace: str) -> str:
        """The expression with the dashboard's variable put in."""
        return self.expression.replace("$namespace", namespace)

    def name_of(self, labels: dict[str, str]) -> str:
        """The legend of the series with these labels."""
        return re.sub(r"{{(\w+)}}", lambda found: labels[found[1]], self.legend)


@dataclass(frozen=True, slots=True)
class Panel:
    """x, y, width, height: in units of the grid, which is 24 wide. thresholds: (from, colour)."""

    title: str
    kind: str
    x: int
    y: int
    width: int
    height: int
    unit: str
    stacked: bool
    thresholds: tuple[tuple[float, str], ...]
    queries: tuple[Query, ...]


def panels() -> tuple[Panel, ...]:
    """All panels from top to bottom; a row's title is one of kind `row`."""
    return tuple(_panel(each) for each in json.loads(DASHBOARD.read_text())["panels"])


def queries() -> dict[str, Query]:
    """Every query of the dashboard, by its panel's title and its letter or legend."""
    return {
        f"{panel.title}: {query.legend}".rstrip(": "): query
        for panel in panels()
        for query in panel.queries
    }


def alerts() -> dict[str, dict[str, Any]]:
    """The rules by their names."""
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def watched(expression: str) -> Iterator[str]:
    """What an alert looks at: each of its expressions without what it is compared with, so that
    there is a value also when all is well. ValueError if it is written otherwise."""
    for part in expression.split(" and "):
        absent = re.fullmatch(r"absent\((.+)\)", part)
        compared = COMPARISON.fullmatch(part)
        if absent:
            yield absent[1]
        elif compared:
            yield compared["watched"]
        else:
            raise ValueError(f"neither absent(…) nor a comparison with a number: {part}")


def _panel(given: dict[str, Any]) -> Panel:
    place, field = given["gridPos"], given.get("fieldConfig", {}).get("defaults", {})
    steps = field.get("thresholds", {}).get("steps", ())
    stacking = field.get("custom", {}).get("stacking", {}).get("mode")
    return Panel(
        title=given["title"],
        kind=given["type"],
        x=place["x"],
        y=place["y"],
        width=place["w"],
        height=place["h"],
        unit=field.get("unit", "none"),
        stacked=stacking == "normal",
        thresholds=tuple((step["value"] or 0.0, step["color"]) for step in steps),
        queries=tuple(
            Query(target["expr"], target["legendFormat"]) for target in given.get("targets", ())
        ),
    )
