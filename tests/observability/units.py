"""Numbers as people read them, by Grafana's names of units. Pure."""

from __future__ import annotations

import math

BINARY = ("B", "KiB", "MiB", "GiB", "TiB")
DECIMAL = ("B/s", "kB/s", "MB/s", "GB/s")


def written(value: float, unit: str) -> str:
    """With its unit. ValueError for a unit that the dashboard has no need of so far."""
    match unit:
        case "none":
            return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
        case "percentunit":
            return f"{100 * value:.3g} %"
        case "cps":
            return f"{value:.2g}/s"
        case "s":
            return _seconds(value)
        case "bytes":
            return _scaled(value, 1024, BINARY)
        case "Bps":
            return _scaled(value, 1000, DECIMAL)
    raise ValueError(f"no unit called {unit}")


def steps(most: float, unit: str) -> list[float]:
    """Round numbers from 0 until `most` is covered, four or five of them."""
    if most <= 0:
        return [0.0, 1.0]
    scale = 1024.0 ** int(math.log(most, 1024)) if unit == "bytes" and most > 1 else 1.0
    size = most / scale / 4
    power = 10.0 ** math.floor(math.log10(size))
    step = scale * next(power * each for each in (1, 2, 2.5, 5, 10) if power * each >= size)
    ticks = [0.0]
    while ticks[-1] < most:
        ticks.append(ticks[-1] + step)
    return ticks


def _seconds(value: float) -> str:
    if value == 0 or value >= 1:
        return f"{value:.3g} s" if value < 120 else f"{value / 60:.3g} min"
    return f"{1000 * value:.3g} ms"


def _scaled(value: float, base: int, names: tuple[str, ...]) -> str:
    power = 0
    while value >= base and power < len(names) - 1:
        value, power = value / base, power + 1
    return f"{value:.3g} {names[power]}"
