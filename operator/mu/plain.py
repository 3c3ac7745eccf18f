"""What a worker or a program has said, for people's terminals, events and logs. Pure.

It may have read a file of a stranger, and may be one: control characters would move a cursor or
forge a line of a log, and a text without end would fill an object of the API server.
"""

from __future__ import annotations

from typing import Final

LIMIT: Final = 2000
"""Characters."""


def plain(text: str, limit: int = LIMIT) -> str:
    """The same on one line, control characters as their escapes, cut off after `limit`."""
    kept = text if len(text) <= limit else text[:limit] + "…"
    if kept.isprintable():
        return kept
    return "".join(_shown(character) for character in kept)


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character in "\t\n\r" else character.encode("unicode_escape").decode("ascii")
