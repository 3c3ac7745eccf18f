"""`python -m bench`: ratios against peers, measured in one run.

Machines differ, so no figure here stands alone: each is taken next to a peer's on the same clip,
the two in turn, and given as a ratio. docs/benchmarks.md holds a run's table with its machine.

Sections of a run, each with the tables that it prints:

    codec       xc decode and the rebase of a chunk against vpxdec and ffmpeg
    memory      peak resident memory of the codec's commands
    profile     where a link's time goes by function, where perf is installed
    state       a state on the wire: compressed, and what a hand-over takes
    sizes       ExCamera in several shapes against whole-clip vpxenc: BD-rate
    work        CPU of the whole job against vpxenc
    target      jobs that name a quality

What they are made of:

    timing      commands in turn, their CPU time and the ratio
    peak        the most memory that a command had
    footage     real footage, out of packages that carry some
    clips       the clips, made with ffmpeg
    chain       what a job does to a clip, with what does not change kept from run to run
    encoder     what decides what an encoder's output is, as a key for what is kept
    link        two chunks of a chain, to be linked again and again
    accounts    CPU of a job by program
    rate        rate, quality and BD-rate
    state_file  where a state's pictures lie
    above       the difference from the sample above
    handover    what handing a state over takes

By itself stands `python -m bench.invocations`; see there.
"""
