"""Pods that are taken back before they run."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from excamera_controller.api import Object
from excamera_controller.backends.pod_surplus import Surplus

PHASES = st.lists(st.sampled_from(["Pending", "Running", "Failed"]), max_size=12)


def pods(phases: list[str], job: str = "ours") -> list[Object]:
    """The first is the oldest."""
    return [
        {
            "metadata": {
                "name": f"{job}-{number}",
                "labels": {"batch.kubernetes.io/job-name": job},
                "creationTimestamp": f"2026-01-01T00:00:{number:02}Z",
            },
            "status": {"phase": phase},
        }
        for number, phase in enumerate(phases)
    ]


@given(PHASES, st.integers(0, 12))
def test_no_more_go_than_are_too_many_and_none_that_runs(phases: list[str], most: int) -> None:
    surplus = Surplus()
    surplus.look(pods(phases), {"ours"}, most + 1)
    assert len(surplus.names) == 0
    surplus.look(pods(phases), {"ours"}, most)
    live, waiting = len(phases) - phases.count("Failed"), phases.count("Pending")
    assert len(surplus.names) == min(waiting, max(0, live - most))
    running = {f"ours-{number}" for number, phase in enumerate(phases) if phase == "Running"}
    assert not surplus.names & running
    before = set(surplus.names)
    surplus.look(pods(phases), {"ours"}, most)
    assert surplus.names == before


@given(PHASES, PHASES)
def test_who_may_have_no_workers_keeps_no_pod_that_waits(ours: list[str], left: list[str]) -> None:
    surplus, found = Surplus(), [*pods(ours), *pods(left, "left")]
    surplus.look(found, {"ours"}, 0)
    assert surplus.names == {
        pod["metadata"]["name"] for pod in found if pod["status"]["phase"] == "Pending"
    }


def test_the_latest_go_first() -> None:
    surplus = Surplus()
    for most in (3, 2):
        surplus.look(pods(["Pending"] * 3), {"ours"}, most)
    assert surplus.names == {"ours-2"}


def test_a_pod_that_takes_the_place_of_a_lost_one_stays() -> None:
    """The lost one's may be seen to run for a while."""
    surplus = Surplus()
    surplus.look(pods(["Running", "Running"]), {"ours"}, 2)
    surplus.look(pods(["Running", "Running", "Pending"]), {"ours"}, 2)
    assert surplus.names == set()


def test_what_an_earlier_operator_asked_for_goes_though_the_share_is_as_it_was() -> None:
    surplus = Surplus()
    found = [*pods(["Pending", "Pending"], "left"), *pods(["Running", "Pending"])]
    surplus.look(found, {"ours"}, 2)
    assert surplus.names == {"left-0", "left-1"}


def test_a_pod_that_has_come_to_run_meanwhile_is_not_taken_back() -> None:
    surplus = Surplus()
    surplus.look(pods(["Pending"]), {"ours"}, 0)
    surplus.look(pods(["Running"]), {"ours"}, 0)
    assert surplus.names == set()
