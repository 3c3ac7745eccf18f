"""Whether a put has the bytes that are there already. Pure."""

from __future__ import annotations

import hashlib

from excamera_rendezvous.errors import Conflict
from excamera_rendezvous.message import Message, Part, Writer
from excamera_rendezvous.piece import DIGEST_BYTES, digest_of


def prove(writer: Writer, payload: memoryview) -> int:
    """Compare the beginning of `payload` with the part where the writer is; how much of it.

    Conflict if they differ.
    """
    part = writer.message.parts[writer.index]
    done = writer.offset - part.offset
    step = payload[: part.size - done]
    if done == 0 and len(step) == part.size:
        same = part.piece.holds(step) if part.piece else digest_of(step) == part.digest
        finished = True
    else:  # a put whose parts lie otherwise than those that are there
        writer.partial.update(step)
        finished = done + len(step) == part.size
        same = not finished or writer.partial.digest() == _digest_of_part(part)
    if not same:
        raise conflict(writer.message, f"it differs within bytes {part.offset} and following")
    writer.offset += len(step)
    if finished:
        writer.index += 1
        writer.partial = hashlib.blake2b(digest_size=DIGEST_BYTES)
    return len(step)


def _digest_of_part(part: Part) -> bytes:
    return digest_of(part.piece.payload) if part.piece else part.digest


def conflict(message: Message, how: str) -> Conflict:
    """With what people should know of it."""
    return Conflict(
        f"another message is at {message.address}: {how}; "
        "attempts of one task must have the same bytes"
    )
