"""What reaches the rendezvous: each message is read as protobuf reads it, or is malformed."""

from __future__ import annotations

from contextlib import suppress

from google.protobuf.message import DecodeError

from excamera_proto import rendezvous_pb2 as pb
from excamera_rendezvous import wire
from excamera_rendezvous.errors import Malformed
from excamera_rendezvous.piece import Piece


def one(data: bytes) -> None:
    try:
        part = pb.PutPart.FromString(data)
    except DecodeError:
        part = None
    try:
        put = wire.read_put(data)
    except Malformed as error:
        assert part is None or part.HasField("mailbox")
        assert "\n" not in str(error)
    else:
        assert part is not None
        assert bytes(put.piece.payload if put.piece else b"") == part.data
        assert put.digest == part.digest
        assert (put.address is not None) == part.HasField("mailbox")
        _goes_out_as_it_came(put.piece)
    for read in (wire.read_get, wire.read_drop):
        with suppress(Malformed):
            read(data)


def _goes_out_as_it_came(piece: Piece | None) -> None:
    if piece is not None:
        assert pb.GetPart.FromString(piece.frame).data == bytes(piece.payload)
        assert Piece.of(bytes(piece.payload)).holds(piece.payload)
