"""What a backend hands to a worker that it starts: everything that it needs to dial in.

As JSON it is a file on standard input, a Lambda payload or an HTTP body, and a contract with the
worker (excamera_worker.invitation):

    coordinator   "host:port" to dial
    job           the job's identifier, as in the certificate
    backend       "local", "pod", "knative" or "lambda"
    tls           {"authority": PEM, "certificate": PEM, "key": PEM}
    worker        optional: the name to go by, which must be unique; otherwise one is made up
    seconds       optional: the time limit under which the worker runs

The credential is short-lived and good for this job only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from excamera_proto.credentials import Credential


@dataclass(frozen=True, slots=True)
class Invitation:
    """See the module; `repr` leaves the key out."""

    coordinator: str
    job: str
    backend: str
    credential: Credential
    worker: str = ""
    seconds: float | None = None

    def named(self, worker: str) -> Invitation:
        """The same for a worker whose name the backend chooses, so that it can tell of its end."""
        return replace(self, worker=worker)

    def lasting(self, seconds: float) -> Invitation:
        """The same for a worker that has a time limit."""
        return replace(self, seconds=seconds)

    def to_json(self) -> str:
        """Holds the key: for the worker's eyes only."""
        values: dict[str, Any] = {
            "coordinator": self.coordinator,
            "job": self.job,
            "backend": self.backend,
            "tls": {
                "authority": self.credential.authority_pem.decode(),
                "certificate": self.credential.certificate_pem.decode(),
                "key": self.credential.key_pem.decode(),
            },
        }
        if self.worker:
            values["worker"] = self.worker
        if self.seconds is not None:
            values["seconds"] = self.seconds
        return json.dumps(values)
