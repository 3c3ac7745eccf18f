"""`make chaos`: every case, one after the other, and the table.

python -m tests.chaos [WORD ...]      only cases whose name has one of the words
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos.perform import baseline, perform
from tests.chaos.table import CASES, HEADER, clip, line


def main(words: list[str]) -> int:
    """1 if anything was wrong."""
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    chosen = [case for case in CASES if not words or any(word in case.name for word in words)]
    wrong, left_out = 0, []
    folder = Path(tempfile.mkdtemp(prefix="excamera-chaos-"))
    source = clip(folder)
    runs = (baseline(source, folder / f"baseline-{number}") for number in range(2))
    undisturbed = min(runs, key=lambda run: run.seconds)
    print(f"{len(chosen)} cases; undisturbed, the job takes {undisturbed.seconds:.1f} s\n")
    print(HEADER, flush=True)
    for number, case in enumerate(chosen, 1):
        if reason := case.missing():
            left_out.append(f"{case.name}: {reason}")
            continue
        row = perform(case, source, undisturbed, folder / f"{number}")
        print(line(number, row, undisturbed), flush=True)
        wrong += bool(row.wrong)
    for reason in left_out:
        print(f"left out: {reason}")
    if wrong:
        print(f"\n{wrong} of {len(chosen)} were wrong; what they left is in {folder}")
    else:
        shutil.rmtree(folder)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
