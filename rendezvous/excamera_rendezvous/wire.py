"""Bytes of the protocol to values and back, without decoding what is only passed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from excamera_proto import rendezvous_pb2
from excamera_rendezvous.address import Address
from excamera_rendezvous.errors import Malformed
from excamera_rendezvous.mailbox import Removed, Stored
from excamera_rendezvous.piece import DATA_TAG, MOST_HEADER, Piece

PACKAGE = "excamera.rendezvous.v1"
M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class Put:
    """A PutPart. Absent fields are None or empty."""

    address: Address | None
    piece: Piece | None
    digest: str


def read_put(raw: bytes) -> Put:
    if (piece := _only_data(raw)) is not None:
        return Put(None, piece, "")
    part = _parse(rendezvous_pb2.PutPart, raw)
    return Put(
        _address(part.mailbox) if part.HasField("mailbox") else None,
        Piece.of(data) if (data := part.data) else None,
        part.digest,
    )


def read_get(raw: bytes) -> Address:
    return _address(_parse(rendezvous_pb2.GetRequest, raw).mailbox)


def read_drop(raw: bytes) -> tuple[str, str]:
    """The job, and the one recipient whose messages are released; empty: all of the job's."""
    request = _parse(rendezvous_pb2.DropRequest, raw)
    address = Address.checked(request.job, request.recipient or "-", "-")
    return address.job, request.recipient


def get_end(digest: str) -> bytes:
    return rendezvous_pb2.GetPart(digest=digest).SerializeToString()


def put_result(stored: Stored, instance: str) -> bytes:
    return rendezvous_pb2.PutResult(
        bytes=stored.size, already_there=stored.already_there, instance=instance
    ).SerializeToString()


def drop_result(removed: Removed) -> bytes:
    return rendezvous_pb2.DropResult(
        mailboxes=len(removed.messages), bytes=removed.size
    ).SerializeToString()


def _only_data(raw: bytes) -> Piece | None:
    """The piece, if the message is a data field, not empty, and nothing else."""
    if not raw.startswith(DATA_TAG):
        return None
    length = shift = 0
    for position, byte in enumerate(raw[1:MOST_HEADER], 2):
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            fits = length > 0 and position + length == len(raw)
            return Piece(raw, position) if fits else None
    return None


def _address(mailbox: rendezvous_pb2.Mailbox) -> Address:
    return Address.checked(mailbox.job, mailbox.recipient, mailbox.name)


def _parse(kind: type[M], raw: bytes) -> M:
    try:
        return kind.FromString(raw)
    except DecodeError as error:
        raise Malformed(f"not a {kind.__name__} of {PACKAGE}: {error}") from None
