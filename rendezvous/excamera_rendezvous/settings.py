"""All that can be set, in one frozen object."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from excamera_proto.credentials import Credential
from excamera_rendezvous import costs
from excamera_rendezvous.address import LONGEST
from excamera_rendezvous.tls import CredentialFiles

MIB: Final = 1024 * 1024
ASIDE: Final = costs.PART + costs.MAILBOX + 2 * LONGEST * costs.CHARACTER
"""The most that is kept of a message of one part, beside its bytes."""


class SettingsError(ValueError):
    """Settings that contradict each other or make no sense."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Sizes are in bytes, times in seconds.

    credential       what clients are shown; from files it is read again when they change. None is
                     plain text without any identity, for tests and benchmarks on one machine.
    memory_limit     of all that messages take in memory; what is on its way through gRPC is extra,
                     about one part for every transfer.
    disk_limit       of the spill folder. A sixteenth of it is left free: files are removed a little
                     later than they are given up, and folders take something too.
    job_limit        of one job's messages, in memory and on disk
    expiry           after which a job that nobody touched is forgotten. Jobs are normally dropped
                     when they end, so this is for jobs that nobody ended.
    part_limit       the largest part that is accepted
    stall            how long a put, or the reader of a message that is there, may stand still
    patience         how long a put waits for room while none is made
    grace            how long transfers may go on when it is told to stop
    metrics_port     of an HTTP server for /metrics, /healthz and /readyz; 0: any; None: no server
    """

    listen: str = "127.0.0.1:0"
    credential: Credential | CredentialFiles | None = None
    memory_limit: int = 1024 * MIB
    disk_limit: int = 64 * 1024 * MIB
    job_limit: int = 64 * 1024 * MIB
    expiry: float = 3600.0
    part_limit: int = 4 * MIB
    stall: float = 60.0
    patience: float = 300.0
    grace: float = 20.0
    spill_dir: Path = field(default_factory=lambda: Path(tempfile.gettempdir()))
    metrics_port: int | None = None
    log_format: Literal["text", "json"] = "text"

    def __post_init__(self) -> None:
        host, colon, port = self.listen.rpartition(":")
        if not (host and colon and port.isdecimal() and int(port) < 65536):
            raise SettingsError(f"cannot listen at {self.listen!r}: write HOST:PORT")
        if self.part_limit < 1 or self.memory_limit < 2 * (self.part_limit + ASIDE):
            raise SettingsError(
                f"the memory limit of {self.memory_limit} bytes must hold two parts of "
                f"{self.part_limit} bytes and {ASIDE} beside each; raise it"
            )
        for name in ("job_limit", "expiry", "stall", "patience"):
            if getattr(self, name) <= 0:
                raise SettingsError(f"{name} must be more than 0, not {getattr(self, name)}")
        if self.disk_limit < 0:
            raise SettingsError(f"disk_limit must not be negative, as {self.disk_limit} is")
        if self.grace < 0:
            raise SettingsError(f"grace must not be negative, as {self.grace} is")

    @property
    def spill_limit(self) -> int:
        """What messages may take of the disk."""
        return self.disk_limit - self.disk_limit // 16

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]")
