import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from excamera_proto import rendezvous_pb2 as pb
from excamera_rendezvous import wire
from excamera_rendezvous.address import Address
from excamera_rendezvous.errors import Malformed
from excamera_rendezvous.piece import Piece

SIZES = st.sampled_from([1, 2, 127, 128, 129, 16_383, 16_384, 70_000])


@given(st.binary(max_size=300) | SIZES.map(bytes))
def test_a_part_with_nothing_but_data_is_passed_through_as_it_is(data: bytes) -> None:
    raw = pb.PutPart(data=data).SerializeToString()
    put = wire.read_put(raw)
    assert (put.address, put.digest) == (None, "")
    if data:
        assert put.piece is not None
        assert put.piece.frame is raw
        assert put.piece.payload == data
        assert pb.GetPart.FromString(put.piece.frame) == pb.GetPart(data=data)
    else:
        assert put.piece is None


@given(st.binary(min_size=1, max_size=300) | SIZES.map(bytes))
def test_a_piece_is_a_part_on_the_wire(data: bytes) -> None:
    piece = Piece.of(data)
    assert pb.GetPart.FromString(piece.frame) == pb.GetPart(data=data)
    assert (bytes(piece.payload), piece.size) == (data, len(data))
    assert piece.holds(memoryview(data))
    assert not piece.holds(memoryview(data + b"x"))
    assert not piece.holds(memoryview(data[1:]))


@given(st.booleans(), st.binary(max_size=50), st.text(max_size=10))
def test_every_other_part_is_read_as_protobuf_reads_it(
    addressed: bool, data: bytes, digest: str
) -> None:
    box = pb.Mailbox(job="j", recipient="r", name="n") if addressed else None
    put = wire.read_put(pb.PutPart(mailbox=box, data=data, digest=digest).SerializeToString())
    assert put.address == (Address("j", "r", "n") if addressed else None)
    assert (bytes(put.piece.payload) if put.piece else b"") == data
    assert put.digest == digest


@given(st.binary(max_size=40))
@example(b"\x12")
@example(b"\x12\x80")
@example(b"\x12" + b"\xff" * 12)
@example(b"\x12\x05abc")
@example(b"\x12\x01ab")
@example(b"\x12\x02ab\x12\x01c")
def test_any_bytes_are_a_put_or_malformed(raw: bytes) -> None:
    try:
        put = wire.read_put(raw)
    except Malformed:
        return
    # What protobuf makes of it, the short way included (the last of repeated fields counts).
    assert (bytes(put.piece.payload) if put.piece else b"") == pb.PutPart.FromString(raw).data


@given(st.binary(max_size=40))
def test_any_bytes_are_a_request_or_malformed(raw: bytes) -> None:
    for read in (wire.read_get, wire.read_drop):
        try:
            read(raw)
        except Malformed as error:
            assert str(error)  # noqa: PT017 - it is one or the other


def test_a_drop_names_a_job_and_perhaps_a_recipient() -> None:
    for recipient in ("", "chunk 7"):
        raw = pb.DropRequest(job="job-1", recipient=recipient).SerializeToString()
        assert wire.read_drop(raw) == ("job-1", recipient)
    with pytest.raises(Malformed, match="cannot name a job"):
        wire.read_drop(pb.DropRequest(job="../..").SerializeToString())
    with pytest.raises(Malformed, match="recipient"):
        wire.read_drop(pb.DropRequest(job="job-1", recipient="\0").SerializeToString())
