"""An operator with another codec than a job was begun with: what is there is of no use."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from excamera_controller.conditions import Phase, Reason
from excamera_controller.decision import Action
from excamera_controller.observed import Observed
from excamera_controller.policies.starting import policy
from excamera_controller.reconcile import reconcile
from tests.controller.test_reconcile import NOW, next_observed, stored

PLANNED = {"type": "Planned", "status": "True", "lastTransitionTime": "2026-01-02T03:00:00Z"}
STATUS: dict[str, Any] = {
    "phase": "Running",
    "startTime": "2026-01-02T03:00:00Z",
    "codec": "xc 1",
    "conditions": [PLANNED],
}


def test_the_status_says_with_which_codec_a_job_was_begun() -> None:
    observed = Observed(stored(), NOW, codec="xc 1")
    assert next_observed(observed, reconcile(observed)).job.codec == "xc 1"


def test_an_operator_with_the_same_codec_goes_on() -> None:
    observed = Observed(stored(status=STATUS), NOW, codec="xc 1")
    decision = reconcile(observed)
    assert decision.actions == (Action.START_RUN,)
    assert next_observed(observed, decision).job.run_name == observed.job.run_name


def test_one_with_another_codec_ends_the_workers_and_begins_anew_under_another_name() -> None:
    observed = Observed(stored(status=STATUS), NOW, codec="xc 2")
    decision = reconcile(observed)
    assert decision.actions == (Action.STOP_RUN, Action.START_RUN)
    assert decision.phase is Phase.PLANNING
    assert [event.reason for event in decision.events] == [Reason.CODEC_CHANGED]
    after = next_observed(observed, decision)
    assert after.job.codec == "xc 2"
    assert after.job.run_name != observed.job.run_name
    again = reconcile(replace(after, now=NOW + timedelta(seconds=5)))
    assert again.actions == (Action.START_RUN,), (
        "once is enough, if this operator is killed as well"
    )


def test_a_job_of_an_operator_that_did_not_say_its_codec_is_begun_anew() -> None:
    status = {name: value for name, value in STATUS.items() if name != "codec"}
    decision = policy(Observed(stored(status=status), NOW, codec="xc 2"))
    assert decision is not None
    assert Action.STOP_RUN in decision.actions


def test_a_job_that_is_resumed_with_another_codec_is_not_said_to_go_on() -> None:
    suspended = {
        "type": "Suspended",
        "status": "True",
        "lastTransitionTime": "2026-01-02T03:00:00Z",
    }
    status = STATUS | {"phase": "Suspended", "conditions": [PLANNED, suspended]}
    decision = policy(Observed(stored(status=status), NOW, codec="xc 2"))
    assert decision is not None
    (event,) = decision.events
    assert event.reason is Reason.JOB_RESUMED
    assert event.message.startswith("beginning anew")
