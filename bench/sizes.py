"""Size at equal quality against vpxenc over the whole clip, with the original's flags.

    python -m bench sizes                                      all shapes over all clips
    python -m bench.sizes --rebase "--option 3" --clips screen  what an option changes

The anchor is one thread of vpxenc, without a lookahead as the original had it, or with one. BD-rate
is taken over five cq-levels with Akima interpolation, on SSIM in dB of the linear mean and on PSNR
in dB of the mean error. Anchors and what libvpx makes of the chunks are kept in the folder of the
run, by clip, settings and what else they depend on (`encoder`).
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from bench import chain
from bench.chain import Way
from bench.clips import RECIPES, Clip, Recipe, clip
from bench.encoder import vpxenc_key
from bench.programs import ours_first
from bench.rate import CQ_LEVELS, Curve, bd_rate, point
from bench.table import markdown, percent

AS_LONG_AS_THE_CLIP = 100_000  # chunks; more is no chain length
WAYS = (
    Way(),
    Way(chain_length=AS_LONG_AS_THE_CLIP),
    Way(chain_length=1),
)
# The original's (FACTS: excamera/mu), with the quality still to be added.
VPXENC = (
    *("vpxenc", "--quiet", "--ivf", "--codec=vp8", "--good", "--cpu-used=0", "--end-usage=cq"),
    *("--min-q=0", "--max-q=63", "--buf-initial-sz=10000", "--buf-optimal-sz=20000"),
    *("--buf-sz=40000", "--undershoot-pct=100", "--passes=2", "--auto-alt-ref=1", "--threads=1"),
    *("--token-parts=0", "--tune=ssim", "--target-bitrate=4294967295"),
)
LOOKAHEAD = (*VPXENC, "--lag-in-frames=25")
ANCHORS = {"plain": VPXENC, "lookahead": LOOKAHEAD}
TITLES = {
    "plain": "BD-rate against vpxenc over the whole clip",
    "lookahead": "The same against vpxenc with --lag-in-frames=25",
}
THREADS = os.cpu_count() or 1

Encode = Callable[[int], Path]
Rates = tuple[float, float]  # by SSIM and by PSNR
Curves = Mapping[Clip, Sequence[Curve]]  # of all ways over each clip


def tables(folder: Path) -> Iterator[str]:
    """The tables of this section."""
    curves = measure(folder, RECIPES, WAYS)
    yield from (table(folder, anchor, WAYS, curves) for anchor in ANCHORS)


def measure(folder: Path, recipes: Iterable[Recipe], ways: Sequence[Way]) -> Curves:
    """Encodes all clips in all ways."""
    clips = [clip(folder, recipe) for recipe in recipes]
    return {
        one: [_curve(one, partial(chain.encode, way, one, folder)) for way in ways] for one in clips
    }


def table(folder: Path, anchor: str, ways: Sequence[Way], curves: Curves) -> str:
    """BD-rates of all ways over all clips, and their means."""
    rates = {
        one.name: [bd_rates(_anchor(folder, anchor, one), curve) for curve in of_ways]
        for one, of_ways in curves.items()
    }
    heads = [f"{shape(way)}, {unit}" for way in ways for unit in ("SSIM", "PSNR")]
    columns = {name: [rate for pair in row for rate in pair] for name, row in rates.items()}
    return rates_table(TITLES[anchor], heads, columns)


def rates_table(title: str, heads: Sequence[str], rates: Mapping[str, Sequence[float]]) -> str:
    """BD-rates by clip under their heads, means below them, and what these leave out."""
    columns = dict(zip(heads, zip(*rates.values(), strict=True), strict=True))
    rows = [(name, *map(_cell, row)) for name, row in rates.items()]
    rows.append(("mean", *(_cell(_mean(column)) for column in columns.values())))
    left_out = {head: _without(rates, column) for head, column in columns.items()}
    notes = [
        f"The mean of {head} is without {', '.join(names)}: a larger file was no better one there."
        for head, names in left_out.items()
        if names
    ]
    return markdown(title, ("clip", *heads), rows, notes)


def _mean(column: Iterable[float]) -> float:
    numbers = [rate for rate in column if not math.isnan(rate)]
    return statistics.mean(numbers) if numbers else math.nan


def _without(names: Iterable[str], column: Iterable[float]) -> list[str]:
    return [name for name, rate in zip(names, column, strict=True) if math.isnan(rate)]


def _cell(rate: float) -> str:
    return "–" if math.isnan(rate) else percent(rate)


def shape(way: Way) -> str:
    """The way as the paper writes it."""
    long = way.chain_length == AS_LONG_AS_THE_CLIP
    return f"[{way.chunk_frames},{'all' if long else way.chain_length}]"


def bd_rates(anchor: Curve, curve: Curve) -> Rates:
    """How much larger files are, in percent."""
    return (
        bd_rate(anchor, curve, lambda point: point.ssim),
        bd_rate(anchor, curve, lambda point: point.psnr),
    )


def _anchor(folder: Path, anchor: str, one: Clip) -> Curve:
    """Only the files are kept: measuring them again takes seconds."""
    vpxenc = ANCHORS[anchor]
    place = folder / "anchors" / vpxenc_key(vpxenc)
    place.mkdir(parents=True, exist_ok=True)
    return _curve(one, partial(_whole_clip, place, vpxenc, one))


def _whole_clip(place: Path, vpxenc: Sequence[str], one: Clip, level: int) -> Path:
    output = place / f"{one.y4m.stem}-{level}.ivf"
    if not output.exists():
        begun = output.with_suffix(".begun")
        argv = (*vpxenc, f"--cq-level={level}", "-o", str(begun), str(one.y4m))
        subprocess.run(argv, check=True, capture_output=True)
        begun.replace(output)
    return output


def _curve(one: Clip, encode: Encode) -> Curve:
    with ThreadPoolExecutor(THREADS) as pool:
        return tuple(pool.map(lambda level: point(one, encode(level)), CQ_LEVELS))


def main() -> None:
    """Tries one way out."""
    parser = argparse.ArgumentParser(prog="python -m bench.sizes", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/bench"))
    parser.add_argument("--shape", default="6,16", help="N,x (6,16); x: 0 is the whole clip")
    parser.add_argument("--rebase", default="", help="more arguments for xc rebase")
    parser.add_argument("--encode", default=chain.ENCODE, help="more arguments for xc encode")
    parser.add_argument("--xc", default="xc", help="the executable")
    parser.add_argument("--clips", nargs="*", help="names; all unless given")
    parser.add_argument("--anchors", nargs="*", default=["plain"], choices=ANCHORS)
    options = parser.parse_args()
    ours_first()
    frames, length = map(int, options.shape.split(","))
    way = Way(frames, length or AS_LONG_AS_THE_CLIP, options.encode, options.rebase, options.xc)
    chosen = [r for r in RECIPES if options.clips is None or r.name in options.clips]
    curves = measure(options.folder, chosen, [way])
    for anchor in options.anchors:
        print(table(options.folder, anchor, [way], curves))


if __name__ == "__main__":
    main()
