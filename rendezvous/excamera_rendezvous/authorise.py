"""Who may do what: a worker the mailboxes of its own job, the operator everything.

Only the operator and its coordinator may drop a job: a worker that could would be able to end its
siblings' work, and never needs to.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Any

from excamera_proto.credentials import HasAuthContext, Identity, IdentityError, Role, peer_identity
from excamera_rendezvous.errors import NotAllowed, Unidentified


class Action(Enum):
    EXCHANGE = auto()
    DROP = auto()


def permit(identity: Identity, job: str, action: Action) -> None:
    """NotAllowed unless a peer of this identity may do that to that job. Pure."""
    if identity.role in (Role.OPERATOR, Role.COORDINATOR):
        return
    if identity.role is Role.WORKER and identity.job == job and action is Action.EXCHANGE:
        return
    raise NotAllowed(
        f"{identity.uri} may not {action.name.lower()} messages of job {job}; "
        "workers reach their own job's mailboxes only, and only the operator drops a job"
    )


class Gate:
    """`secured` False: everybody is let in, because nobody can be told from anybody else."""

    def __init__(self, *, secured: bool) -> None:
        self._secured = secured

    def check(self, context: HasAuthContext | Any, job: str, action: Action) -> None:
        if not self._secured:
            return
        try:
            identity = peer_identity(context)
        except IdentityError as error:
            raise Unidentified(str(error)) from None
        permit(identity, job, action)
