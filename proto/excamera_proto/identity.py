"""Who a peer is: a role, and for a worker the one job that it may touch.

An identity is the URI in a certificate's subject alternative name, as in SPIFFE:
`excamera://operator`, `excamera://coordinator`, `excamera://rendezvous` and
`excamera://job/JOB/worker`. There is nothing else to be known about a peer; what it may do follows
from this alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SCHEME: Final = "excamera://"

_JOB: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?")


class IdentityError(ValueError):
    """A peer without a certificate of ours, or a name that cannot be a job's."""


class Role(StrEnum):
    OPERATOR = "operator"
    COORDINATOR = "coordinator"
    RENDEZVOUS = "rendezvous"
    WORKER = "worker"


def validate_job(job: str) -> str:
    """The same name, if a job can have it: 1 to 128 letters, digits and inner `.`, `_` and `-`.

    Such a name is harmless in a URI, as a file's name and in a log line.
    """
    if not _JOB.fullmatch(job):
        raise IdentityError(
            f"{job[:140]!r} cannot name a job: use 1 to 128 letters, digits, '.', '_' and '-', "
            "the first and last a letter or digit"
        )
    return job


@dataclass(frozen=True)
class Identity:
    role: Role
    job: str = ""

    def __post_init__(self) -> None:
        if self.role is Role.WORKER:
            validate_job(self.job)
        elif self.job:
            raise IdentityError(f"the {self.role} belongs to no job, not to {self.job!r}")

    @classmethod
    def worker(cls, job: str) -> Identity:
        return cls(Role.WORKER, job)

    @classmethod
    def parse(cls, uri: str) -> Identity:
        """The identity that `uri` stands for; IdentityError if it is none."""
        path = uri.removeprefix(SCHEME)
        if path != uri:
            match path.split("/"):
                case ["job", job, Role.WORKER.value]:
                    return cls.worker(job)
                case [(Role.OPERATOR | Role.COORDINATOR | Role.RENDEZVOUS) as role]:
                    return cls(Role(role))
        raise IdentityError(f"{uri[:200]!r} is no identity of excamera")

    @property
    def uri(self) -> str:
        if self.role is Role.WORKER:
            return f"{SCHEME}job/{self.job}/{self.role}"
        return f"{SCHEME}{self.role}"

    @property
    def server_name(self) -> str | None:
        """The DNS name in the certificate of a role that serves; None for one that only dials.

        Clients ask for this name whatever address they dial, so that a server may be reached
        through any host name, load balancer or port-forward, and so that no worker's certificate
        passes for a server's.
        """
        return None if self.role is Role.WORKER else f"{self.role}.excamera.internal"


OPERATOR: Final = Identity(Role.OPERATOR)
COORDINATOR: Final = Identity(Role.COORDINATOR)
RENDEZVOUS: Final = Identity(Role.RENDEZVOUS)
