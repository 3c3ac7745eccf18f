"""What a worker's exit status says."""

from enum import IntEnum


class ExitCode(IntEnum):
    OK = 0
    """Told to quit, or left of its own accord: SIGTERM, or its time limit."""

    USAGE = 2
    """The arguments or the invitation make no sense; the same again will fail again."""

    LOST = 4
    """The coordinator could not be reached for too long."""

    REFUSED = 5
    """The coordinator, or TLS, does not want this worker: certificate, job or protocol."""
