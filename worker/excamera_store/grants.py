"""Grants: leave to do one thing with one object of a bucket, for a while, and no other.

A grant is a request that somebody with credentials has signed already (presigned, in S3's words).
Whoever holds it needs no credentials; what it is not made for, the store refuses. Programs are
handed theirs in a file, which the variable `FILE` names; where that is set, a bucket is reached by
grants alone, whatever credentials may be lying about.

A signed URL is as good as a key for as long as it lasts, so it is never shown: `hidden` takes
signatures out of a text.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, Self

from excamera_store.errors import AccessDenied, InvalidName

FILE: Final = "EXCAMERA_GRANTS"
GET: Final = "GET"
PUT: Final = "PUT"

Method = Literal["GET", "PUT"]

_SIGNED: Final = re.compile(r"\?[^\s\"'<>]*X-Amz-[^\s\"'<>]*")


@dataclass(frozen=True, slots=True)
class Grant:
    """url: of the object (s3://BUCKET/KEY). signed: the URL of the request that does it."""

    method: str
    url: str
    signed: str = field(repr=False)


class Grants:
    """What somebody may do. Without any, he may do nothing."""

    def __init__(self, given: Iterable[Grant] = ()) -> None:
        self._given = tuple(given)
        self._signed = {(one.method, one.url): one.signed for one in self._given}

    def __repr__(self) -> str:
        return f"Grants({list(self._given)})"

    def signed(self, method: Method, url: str) -> str:
        """The URL of the signed request. AccessDenied if there is no leave for that."""
        try:
            return self._signed[method, url]
        except KeyError:
            doing = "read" if method == GET else "write"
            raise AccessDenied(
                f"cannot {doing} {url}: this worker was given no leave to; name the object in the"
                " call that needs it"
            ) from None

    def save(self, path: str | os.PathLike[str]) -> None:
        """Into a file that is there already and that nobody else can read."""
        plain = [[one.method, one.url, one.signed] for one in self._given]
        with open(path, "w", encoding="utf-8") as file:
            json.dump(plain, file)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """What `save` has written. InvalidName if it is not there or something else."""
        try:
            with open(path, encoding="utf-8") as file:
                return cls(Grant(*map(str, one)) for one in json.load(file))
        except (OSError, ValueError, TypeError) as error:
            kind = type(error).__name__
            raise InvalidName(f"{FILE} names no file of grants ({kind})") from None


def hidden(text: str) -> str:
    """`text` without the signatures of the URLs in it."""
    return _SIGNED.sub("?(signed)", text)
