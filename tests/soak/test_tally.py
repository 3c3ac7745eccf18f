"""A soak whose faults come too late shows nothing, and says so."""

from __future__ import annotations

from tests.soak.faults import interrupt_the_job, kill_a_worker, nothing
from tests.soak.tally import Tally


def test_what_hit_nothing_is_told_from_what_did() -> None:
    tally = Tally()
    for hit in (True, True, False):
        tally.note(kill_a_worker, hit=hit)
    tally.note(nothing, hit=True)
    assert str(tally) == "kill_a_worker: 2 of 3\nnothing: 1 of 1"
    assert not tally.wrong


def test_a_soak_that_has_disturbed_little_is_none() -> None:
    tally = Tally()
    for hit in (True, False, False):
        tally.note(interrupt_the_job, hit=hit)
        tally.note(nothing, hit=True)
    assert tally.wrong == ["only 1 of 3 faults have hit anything"]
