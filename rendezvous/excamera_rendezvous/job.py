"""One job's messages, and what they take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from excamera_rendezvous.address import Address

if TYPE_CHECKING:
    from excamera_rendezvous.message import Message


@dataclass(eq=False, slots=True)
class Job:
    """`taken` bytes in all, of which `kept` in memory whatever goes to disk.

    `holders` are those who read or write any of its messages, `touched` is when anybody last did.
    """

    name: str
    touched: float
    taken: int = 0
    kept: int = 0
    holders: int = 0
    _mailboxes: dict[str, dict[str, Message]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything of it is here."""
        return bool(self._mailboxes)

    def find(self, address: Address) -> Message | None:
        return self._mailboxes.get(address.recipient, {}).get(address.name)

    def add(self, message: Message) -> None:
        address = message.address
        self._mailboxes.setdefault(address.recipient, {})[address.name] = message

    def remove(self, message: Message) -> None:
        address = message.address
        of_recipient = self._mailboxes[address.recipient]
        del of_recipient[address.name]
        if not of_recipient:
            del self._mailboxes[address.recipient]

    def messages(self) -> Iterator[Message]:
        for of_recipient in self._mailboxes.values():
            yield from of_recipient.values()

    def messages_for(self, recipient: str) -> Iterator[Message]:
        yield from self._mailboxes.get(recipient, {}).values()
