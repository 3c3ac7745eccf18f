"""What a backend hands to a worker that it starts: everything the worker needs to dial in.

As JSON it is a file on standard input, a Lambda payload or an HTTP body, so its keys are part of
the contract with the worker:

    coordinator        "host:port" to dial
    job                the job's identifier, as in the certificate
    backend            "local", "pod", "knative" or "lambda"
    certificate_pem    the worker's certificate (identity `excamera://job/JOB/worker`)
    key_pem            its key
    authority_pem      the authority that both ends trust
    worker             the name to use in Hello; absent or empty: choose one that is unique

The credential is short-lived and good for this job only.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace

from excamera_proto.credentials import Credential


@dataclass(frozen=True, slots=True)
class Invitation:
    """See the module. `repr` leaves the key out."""

    coordinator: str
    job: str
    backend: str
    certificate_pem: str
    key_pem: str = field(repr=False)
    authority_pem: str
    worker: str = ""

    @classmethod
    def made(cls, coordinator: str, job: str, backend: str, credential: Credential) -> Invitation:
        """An invitation with `credential`, whose parts are PEM."""
        return cls(
            coordinator=coordinator,
            job=job,
            backend=backend,
            certificate_pem=credential.certificate_pem.decode(),
            key_pem=credential.key_pem.decode(),
            authority_pem=credential.authority_pem.decode(),
        )

    def named(self, worker: str) -> Invitation:
        """The same for a worker whose name the backend chooses, so that it can tell of its end."""
        return replace(self, worker=worker)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Invitation:
        return cls(**json.loads(text))
