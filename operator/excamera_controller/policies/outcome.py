"""A run that has ended: the job has succeeded or failed, for good; `finished` clears it away."""

from __future__ import annotations

from excamera.quality import named
from excamera.report import Report, clock, size
from excamera_controller.advice import CREATE_AGAIN
from excamera_controller.conditions import Phase, Reason, Truth, succeeded
from excamera_controller.decision import Action, Decision, Event
from excamera_controller.observed import Failure, Observed, RunPhase, RunView
from excamera_controller.policies.losses import losses


def policy(observed: Observed) -> Decision | None:
    run = observed.run
    if run is None or run.phase is not RunPhase.ENDED:
        return None
    if run.report is not None:
        return _success(run, run.report)
    return ended(run, run.failure or Failure(Reason.INTERNAL_ERROR, "the run ended unexplained"))


def ended(run: RunView | None, failure: Failure) -> Decision:
    """The job has failed, for good."""
    message = f"{failure.message}; {CREATE_AGAIN}"
    return Decision(
        actions=(Action.STOP_RUN,),
        phase=Phase.FAILED,
        conditions=(succeeded(Truth.FALSE, failure.reason, message),),
        events=(*losses(run), Event(failure.reason, message, warning=True)),
        view=run,
        completes=True,
        again_seconds=0,
    )


def _success(run: RunView, report: Report) -> Decision:
    made = (
        f"{report.output}: {report.frames} frames, {clock(report.duration)}, {size(report.bytes)},"
        f" {named(report.ssim_decibels)}, in {clock(report.seconds)}"
    )
    message = "; ".join((made, *report.notes))
    return Decision(
        actions=(Action.STOP_RUN,),
        phase=Phase.SUCCEEDED,
        conditions=(succeeded(Truth.TRUE, Reason.OUTPUT_PUBLISHED, message),),
        events=(*losses(run), Event(Reason.OUTPUT_PUBLISHED, message)),
        view=run,
        completes=True,
        again_seconds=0,
    )
