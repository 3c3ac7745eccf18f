"""Which shard carries what: the same for everybody, evenly, and with few moves."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from excamera_proto.shards import shard_of

names = st.text(st.characters(codec="utf-8"), max_size=20)
addresses = st.lists(names.filter(bool), unique=True, max_size=8)


@given(names, names, addresses, st.randoms())
def test_everybody_who_knows_the_same_shards_chooses_the_same(job, partition, shards, chance):
    known = list(shards)
    chance.shuffle(known)
    assert shard_of(job, partition, known) == shard_of(job, partition, shards)
    assert shard_of(job, partition, shards) in (shards or [""])


@given(names, names, addresses.filter(bool), names)
def test_a_new_shard_takes_partitions_over_and_moves_no_other(job, partition, shards, new):
    before = shard_of(job, partition, shards)
    assert shard_of(job, partition, [*shards, new]) in (before, new)


@given(names, names, addresses.filter(lambda some: len(some) > 1))
def test_only_partitions_of_a_shard_that_goes_move(job, partition, shards):
    carrier = shard_of(job, partition, shards)
    for gone in shards:
        if gone != carrier:
            left = [one for one in shards if one != gone]
            assert shard_of(job, partition, left) == carrier


def test_the_choice_is_the_same_in_every_release():
    """Workers and operators of different builds must agree; a change needs a new protocol."""
    chosen = [shard_of("job", f"chain-{n}", ["a:1", "b:1", "c:1"])[0] for n in range(12)]
    assert "".join(chosen) == "cabbacaabacc"


def test_the_chains_of_a_job_spread_evenly_and_differently_for_each_job():
    shards = [f"excamera-rendezvous-{n}.excamera.svc:7100" for n in range(4)]
    by_job = []
    for job in ("one", "two"):
        by_job.append([shard_of(job, f"chain-{n}", shards) for n in range(4000)])
        carried = Counter(by_job[-1])
        assert all(900 < carried[shard] < 1100 for shard in shards)
    same = sum(a == b for a, b in zip(*by_job, strict=True))
    assert 900 < same < 1100
