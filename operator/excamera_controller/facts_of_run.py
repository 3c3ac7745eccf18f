"""What a run under way has to say of its source, how far it is, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from excamera.encode import Encode
from excamera.on_lambda import work_left
from excamera.progress import LOOKING
from excamera_controller.backends.aws_lambda import ClusterLambda
from excamera_controller.backends.choice import ClusterBackend
from excamera_controller.observed import RunPhase, SourceFacts

PHASES: Final = {
    "Planning": RunPhase.PLANNING,
    LOOKING: RunPhase.LOOKING,
    "Choosing quality": RunPhase.CHOOSING,
    "Joining": RunPhase.JOINING,
}


def phase_of(encode: Encode | None) -> RunPhase:
    """Where it is, unless it has ended."""
    if encode is None:
        return RunPhase.PLANNING
    return PHASES.get(encode.progress.phase, RunPhase.ENCODING)


def source_of(encode: Encode | None) -> SourceFacts | None:
    """What is known of the source, once it is indexed."""
    if encode is None or encode.source is None or encode.index is None:
        return None
    index = encode.index
    return SourceFacts(
        frames=index.frames,
        width=index.picture.width,
        height=index.picture.height,
        duration=index.duration,
        bytes=encode.source.size,
        warnings=encode.warnings,
    )


def limit_of(backend: ClusterBackend | None, wanted: int) -> str:
    """What keeps more workers from coming than there are; empty if nothing is known to."""
    return backend.limit(wanted) if isinstance(backend, ClusterLambda) else ""


def cost_of(backend: ClusterBackend | None) -> Mapping[str, object]:
    """What the job costs, if that can be said."""
    return backend.account.costs.figures() if isinstance(backend, ClusterLambda) else {}


def estimate_cost(backend: ClusterBackend | None, encode: Encode | None, wanted: int) -> None:
    """Estimates the cost of what is left, once the source is indexed, for the account to tell."""
    if not isinstance(backend, ClusterLambda) or encode is None:
        return
    if encode.progress.output_left:
        backend.account.plan(work_left(encode), wanted)
