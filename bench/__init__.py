"""`python -m bench`: ratios against peers, measured in one run.

Machines differ, so no figure here stands alone: each is taken next to a peer's on the same clip,
the two in turn, and given as a ratio. docs/benchmarks.md holds a run's table with its machine.

    timing      commands in turn, their CPU time and the ratio
    clips       the clips, made from examples/ with ffmpeg
    codec       xc decode and the rebase of a chunk against vpxdec and ffmpeg
    sizes       ExCamera[6,16] and [6,1] against whole-clip vpxenc: BD-rate, and CPU of the job
"""
