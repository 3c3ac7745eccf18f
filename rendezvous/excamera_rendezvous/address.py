"""Where a message goes: (job, recipient, name)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from excamera_proto.credentials import IdentityError, validate_job
from excamera_rendezvous.errors import Malformed

LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Address:
    job: str
    recipient: str
    name: str

    def __str__(self) -> str:
        return f"{self.job}/{self.recipient}/{self.name}"

    @classmethod
    def checked(cls, job: str, recipient: str, name: str) -> Address:
        """Malformed unless each part is short, printable and not empty."""
        try:
            validate_job(job)
        except IdentityError as error:
            raise Malformed(str(error)) from None
        for what, text in (("recipient", recipient), ("name", name)):
            if not text or len(text) > LONGEST or not text.isprintable():
                raise Malformed(
                    f"the mailbox's {what} {text[:40]!a} must have 1 to {LONGEST} characters, "
                    "all of them printable"
                )
        return cls(job, recipient, name)
