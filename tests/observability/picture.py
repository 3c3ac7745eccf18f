"""The dashboard drawn panel by panel as SVG from what its queries return: not by Grafana.

    python -m tests.observability.picture URL SECONDS NAMESPACE > docs/dashboard.svg

for the last SECONDS of the Prometheus at URL.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.observability.chart import GREY, INK, PAPER, Box, Curve, chart, sparkline, text
from tests.observability.dashboard import Panel, Query, panels
from tests.observability.prometheus import Prometheus
from tests.observability.units import written

ACROSS, DOWN, GAP = 50, 28, 6
POINTS = 150
INKS = {"green": "#37872d", "orange": "#d9730d", "red": "#c4162a"}


@dataclass(frozen=True, slots=True)
class View:
    """What Prometheus has about a namespace in a time, in seconds since the epoch."""

    prometheus: Prometheus
    namespace: str
    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start

    def curves(self, query: Query) -> Iterator[Curve]:
        step = max(1.0, self.seconds / POINTS)
        expression = query.of(self.namespace)
        for found in self.prometheus.range(expression, self.start, self.end, step):
            if found.points:
                points = tuple((at - self.start, value) for at, value in found.points)
                yield Curve(query.name_of(found.labels), points)


def picture(view: View) -> str:
    """All panels, each in its place of the dashboard's grid."""
    drawn = panels()
    height = max(panel.y + panel.height for panel in drawn) * DOWN
    parts = [part for panel in drawn for part in _panel(panel, view)]
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{24 * ACROSS}" height="{height}"'
            f' viewBox="0 0 {24 * ACROSS} {height}" font-family="sans-serif" fill="{INK}">',
            '<rect width="100%" height="100%" fill="#f3f4f6"/>',
            *parts,
            "</svg>\n",
        )
    )


def _panel(panel: Panel, view: View) -> Iterator[str]:
    x, y = panel.x * ACROSS + GAP, panel.y * DOWN + GAP
    box = Box(x, y, panel.width * ACROSS - GAP, panel.height * DOWN - GAP)
    if panel.kind == "row":
        yield text(x, y + 15, panel.title, size=14, font_weight="bold")
        return
    yield (
        f'<rect x="{x}" y="{y}" width="{box.width}" height="{box.height}" rx="3" fill="{PAPER}"'
        f' stroke="{GREY}"/>'
    )
    yield text(x + 10, y + 18, panel.title, size=12, font_weight="bold")
    inner = Box(x + 10, y + 32, box.width - 20, box.height - 38)
    curves = [curve for query in panel.queries for curve in view.curves(query)]
    if not curves:
        yield text(x + box.width / 2, y + box.height / 2, "No data", text_anchor="middle")
    elif panel.kind == "stat":
        yield from _stat(panel, inner, curves[0], view.seconds)
    else:
        yield from chart(inner, curves, panel.unit, view.seconds, stacked=panel.stacked)


def _stat(panel: Panel, box: Box, curve: Curve, seconds: float) -> Iterator[str]:
    """The last value, in the colour of the highest threshold that it has reached."""
    value = curve.points[-1][1]
    reached = [name for start, name in panel.thresholds if value >= start]
    ink = INKS[reached[-1]]
    yield sparkline(Box(box.x, box.y + 20, box.width, box.height - 20), curve.points, seconds, ink)
    x, y, words = box.x + box.width / 2, box.y + box.height / 2 + 10, written(value, panel.unit)
    yield text(x, y, words, size=30, text_anchor="middle", fill=ink, font_weight="bold")


def main() -> None:
    url, seconds, namespace = sys.argv[1:]
    end = time.time()
    sys.stdout.write(picture(View(Prometheus(url), namespace, end - float(seconds), end)))


if __name__ == "__main__":
    main()
