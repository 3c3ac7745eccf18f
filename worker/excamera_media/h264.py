"""Just enough of H.264's syntax to tell where decoding can begin, and what it can leave out.

Containers call a picture a key frame when it is an IDR picture, but also when it merely carries a
recovery point (ITU-T H.264 D.2.8): decoding may begin there, and is exact only after
``recovery_frame_cnt`` more frames. With a count of 0 (open groups of pictures) every picture shown
from there on is exact; with more (intra refresh) it is no place to begin.
"""

from collections.abc import Iterator

_SLICES = range(1, 6)
_SLICE = 1
_REFERENCE = 0x60  # nal_ref_idc
_REMARKS = (6, 9, 12)  # supplemental information, delimiter, filler
_IDR = 5
_SEI = 6
_RECOVERY_POINT = 6
_PREFIX = b"\x00\x00\x01"


def length_size(extradata: bytes | None) -> int:
    """Bytes of the length in front of each NAL unit; 0 for start codes (Annex B)."""
    if extradata and len(extradata) > 4 and extradata[0] == 1:
        return (extradata[4] & 3) + 1
    return 0


def starts_exactly(packet: bytes, size: int) -> bool:
    """Whether a decoder that begins with `packet` shows it, and all after it, exactly."""
    for unit in _units(packet, size):
        kind = unit[0] & 31
        if kind == _SEI and _recovery_count(unit[1:]) == 0:
            return True
        if kind in _SLICES:
            return kind == _IDR
    return False


def disposable(packet: bytes, size: int) -> bool:
    """Whether nothing is predicted from the picture in `packet`, which brings nothing else."""
    slices = 0
    for unit in _units(packet, size):
        kind = unit[0] & 31
        if kind == _SLICE and not unit[0] & _REFERENCE:
            slices += 1
        elif kind not in _REMARKS:
            return False
    return slices > 0


def _units(packet: bytes, size: int) -> Iterator[bytes]:
    return _with_lengths(packet, size) if size else _with_start_codes(packet)


def _with_lengths(packet: bytes, size: int) -> Iterator[bytes]:
    at = 0
    while at + size < len(packet):
        end = at + size + int.from_bytes(packet[at : at + size])
        if unit := packet[at + size : end]:
            yield unit
        at = end


def _with_start_codes(packet: bytes) -> Iterator[bytes]:
    at = packet.find(_PREFIX)
    while at >= 0:
        end = packet.find(_PREFIX, at + 3)
        if unit := packet[at + 3 : end if end >= 0 else len(packet)]:
            yield unit
        at = end


def _recovery_count(message: bytes) -> int | None:
    """``recovery_frame_cnt`` of the recovery point among the SEI messages, if there is one."""
    payload = message.replace(b"\x00\x00\x03", b"\x00\x00")
    at = 0
    while at + 2 < len(payload):
        kind, at = _extended(payload, at)
        length, at = _extended(payload, at)
        if kind == _RECOVERY_POINT:
            return _exp_golomb(payload[at : at + length])
        at += length
    return None


def _extended(payload: bytes, at: int) -> tuple[int, int]:
    value = 0
    while at < len(payload) and payload[at] == 255:
        value, at = value + 255, at + 1
    return value + (payload[at] if at < len(payload) else 0), at + 1


def _exp_golomb(data: bytes) -> int | None:
    bits = "".join(f"{byte:08b}" for byte in data)
    zeros = len(bits) - len(bits.lstrip("0"))
    code = bits[zeros : 2 * zeros + 1]
    return int(code, 2) - 1 if code else None
