"""`make chaos`: every case, one after the other, and the table.

python -m tests.chaos [WORD ...]      only cases whose name has one of the words
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos.perform import Baseline, baseline, perform
from tests.chaos.places import Place
from tests.chaos.table import CASES, HEADER, clip, line


def main(words: list[str]) -> int:
    """1 if anything was wrong, 2 if no case is meant."""
    logging.disable(logging.CRITICAL)  # that things break is no news here
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    chosen = [case for case in CASES if not words or any(word in case.name for word in words)]
    if not chosen:
        names = "\n  ".join(case.name for case in CASES)
        print(f"no case has one of these words; the cases are\n  {names}", file=sys.stderr)
        return 2
    wrong, left_out = 0, []
    folder = Path(tempfile.mkdtemp(prefix="excamera-chaos-"))
    source = clip(folder)
    places = dict.fromkeys(case.scene.place for case in chosen)
    undisturbed = {place: _baseline(source, folder, place) for place in places}
    seconds = ", ".join(f"{run.seconds:.1f} s ({it.says})" for it, run in undisturbed.items())
    print(f"{len(chosen)} cases; undisturbed, the job takes {seconds}\n")
    print(HEADER, flush=True)
    for number, case in enumerate(chosen, 1):
        if reason := case.missing():
            left_out.append(f"{case.name}: {reason}")
            continue
        against = undisturbed[case.scene.place]
        row = perform(case, source, against, folder / f"{number}")
        print(line(number, row, against), flush=True)
        wrong += bool(row.wrong + row.late)
    for reason in left_out:
        print(f"left out: {reason}")
    if wrong:
        print(f"\n{wrong} of {len(chosen)} were wrong; what they left is in {folder}")
    else:
        shutil.rmtree(folder)
    return int(bool(wrong))


def _baseline(source: Path, folder: Path, place: type[Place]) -> Baseline:
    """The faster of two runs."""
    runs = (baseline(source, folder / f"{place.__name__}-{n}", place) for n in range(2))
    return min(runs, key=lambda run: run.seconds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
