"""EBML (RFC 8794): elements of an identifier, a length and contents, nested."""

import struct


def element(identifier: int, *contents: bytes) -> bytes:
    """An element whose contents are the concatenation of `contents`."""
    payload = b"".join(contents)
    return name(identifier) + length(len(payload)) + payload


def name(identifier: int) -> bytes:
    """Identifiers are written as they are in the specification, marker bits included."""
    return identifier.to_bytes((identifier.bit_length() + 7) // 8)


def length(size: int, width: int = 0) -> bytes:
    """A length in the fewest bytes, or in `width` bytes; all ones would mean "unknown"."""
    wide = width or next(n for n in range(1, 9) if size < (1 << 7 * n) - 1)
    return (size | 1 << 7 * wide).to_bytes(wide)


def unsigned(identifier: int, value: int, width: int = 0) -> bytes:
    return element(identifier, value.to_bytes(width or max(1, (value.bit_length() + 7) // 8)))


def signed(identifier: int, value: int) -> bytes:
    return element(identifier, value.to_bytes(value.bit_length() // 8 + 1, signed=True))


def real(identifier: int, value: float) -> bytes:
    return element(identifier, struct.pack(">d", value))


def text(identifier: int, value: str) -> bytes:
    return element(identifier, value.encode())
