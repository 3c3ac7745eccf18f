"""Lines and areas over time as SVG. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from tests.observability.units import steps, written

COLOURS = (
    "#3f7fbf", "#e08e2b", "#4f9d4f", "#c9423f", "#8d6bb8", "#7c5a4b",
    "#d273b0", "#6f7680", "#a8a52c", "#2fa7b5", "#1f4e79", "#8c4a10",
)  # fmt: skip
GREY, INK, PAPER = "#d9dce1", "#2b2f36", "#ffffff"
LINE = 14
"""Height of a line of the legend, and about that of all small text, in pixels."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels, from the left and from the top."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Curve:
    """points: (seconds since the picture's beginning, value)."""

    name: str
    points: tuple[tuple[float, float], ...]


def text(x: float, y: float, words: str, *, size: int = 11, **attributes: str) -> str:
    more = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}"{more}>{escape(words)}</text>'


def colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def chart(
    box: Box, curves: Sequence[Curve], unit: str, seconds: float, *, stacked: bool
) -> Iterator[str]:
    """A grid with axes, the curves, and the legend below."""
    entries = list(_legend(box, [curve.name for curve in curves]))
    left, lines = 58, max((entry.line for entry in entries), default=0) + 1
    plot = Box(box.x + left, box.y, box.width - left - 8, box.height - lines * LINE - 22)
    drawn = list(_stacked(curves)) if stacked else [(curve.points, ()) for curve in curves]
    most = max((value for upper, _ in drawn for _, value in upper), default=0.0)
    ticks = steps(most, unit)
    scale = Scale(plot, seconds, ticks[-1])
    yield from _axes(scale, ticks, unit)
    for number, (upper, lower) in reversed(list(enumerate(drawn))):
        yield from _curve(scale, upper, lower, colour(number), filled=stacked)
    for number, entry in enumerate(entries):
        y = box.y + box.height - (lines - entry.line) * LINE + 8
        yield f'<path d="M{entry.x:.0f} {y - 8:.0f}h9v9h-9Z" fill="{colour(number)}"/>'
        yield text(entry.x + 13, y, entry.name)


def sparkline(box: Box, points: Sequence[tuple[float, float]], seconds: float, ink: str) -> str:
    """One curve as an area without axes."""
    scale = Scale(box, seconds, max((value for _, value in points), default=0.0) or 1.0)
    area = scale.area(points, [(points[0][0], 0.0), (points[-1][0], 0.0)])
    return f'<path d="{area}" fill="{ink}" opacity="0.15"/>'


@dataclass(frozen=True, slots=True)
class Scale:
    """Where in `plot` a value is at a time."""

    plot: Box
    seconds: float
    most: float

    def x(self, moment: float) -> float:
        return self.plot.x + self.plot.width * moment / self.seconds

    def y(self, value: float) -> float:
        return self.plot.y + self.plot.height * (1 - value / self.most)

    def path(self, points: Sequence[tuple[float, float]]) -> str:
        spots = (f"{self.x(moment):.1f} {self.y(value):.1f}" for moment, value in points)
        return "M" + "L".join(spots)

    def area(
        self, upper: Sequence[tuple[float, float]], lower: Sequence[tuple[float, float]]
    ) -> str:
        return self.path([*upper, *reversed(lower)]) + "Z"


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    x: float
    line: int


def _legend(box: Box, names: Sequence[str]) -> Iterator[_Entry]:
    """From left to right, in as many lines as it takes."""
    x, line = box.x, 0
    for name in names:
        width = 26 + 5.8 * len(name)
        if x > box.x and x + width > box.x + box.width:
            x, line = box.x, line + 1
        yield _Entry(name, x, line)
        x += width


def _stacked(curves: Sequence[Curve]) -> Iterator[tuple[tuple[tuple[float, float], ...], ...]]:
    """Each curve's upper and lower edge, one upon the other; where there is no value it is 0."""
    moments = sorted({moment for curve in curves for moment, _ in curve.points})
    below = dict.fromkeys(moments, 0.0)
    for curve in curves:
        values = dict(curve.points)
        above = {moment: below[moment] + values.get(moment, 0.0) for moment in moments}
        yield tuple(above.items()), tuple(below.items())
        below = above


def _axes(scale: Scale, ticks: Sequence[float], unit: str) -> Iterator[str]:
    plot = scale.plot
    for tick in ticks:
        y = scale.y(tick)
        yield f'<path d="M{plot.x:.0f} {y:.1f}h{plot.width:.0f}" stroke="{GREY}"/>'
        yield text(plot.x - 6, y + 4, written(tick, unit), text_anchor="end")
    every = next(each for each in (10, 30, 60, 120, 300, 600) if scale.seconds / each <= 7)
    for moment in range(0, int(scale.seconds) + 1, every):
        label = f"{moment // 60}:{moment % 60:02}"
        yield text(scale.x(moment), plot.y + plot.height + 15, label, text_anchor="middle")


def _curve(
    scale: Scale,
    upper: Sequence[tuple[float, float]],
    lower: Sequence[tuple[float, float]],
    ink: str,
    *,
    filled: bool,
) -> Iterator[str]:
    if not upper:
        return
    if filled:
        yield f'<path d="{scale.area(upper, lower)}" fill="{ink}" opacity="0.45"/>'
    yield f'<path d="{scale.path(upper)}" fill="none" stroke="{ink}" stroke-width="1.4"/>'
