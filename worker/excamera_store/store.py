"""The protocol that a folder and a bucket both satisfy."""

from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What is known of an object without reading it.

    `size` is in bytes. `etag` differs whenever the object has been replaced; it is not a digest of
    the contents, and cannot be compared between stores.
    """

    key: str
    size: int
    etag: str


class Store(Protocol):
    """Objects under keys. Every method raises `StoreError`; all may be called from any thread.

    A *folder* argument names a level of the key tree: ``""`` is the whole store, and ``"a"`` (or
    ``"a/"``) holds ``a/b`` but not ``ab``.
    """

    def stat(self, key: str) -> ObjectInfo:
        """Size and etag; `ObjectMissing` if it is not there."""
        ...

    def open(self, key: str) -> BinaryIO:
        """A seekable reader, which fetches no more than what is read and a little ahead."""
        ...

    def read(self, key: str, most: int | None = None) -> bytes:
        """The whole object, in memory; `ObjectTooLarge` if it has more than `most` bytes."""
        ...

    def write(self, key: str, data: bytes) -> None:
        """Publish `data`, replacing what was there, all at once."""
        ...

    def fetch(self, key: str, path: str | PathLike[str]) -> None:
        """Copy the object to a local file, which appears whole or not at all."""
        ...

    def put(self, key: str, path: str | PathLike[str]) -> None:
        """Publish a local file, replacing what was there, all at once.

        `FileNotFoundError` and its kind, when the local file cannot be opened, are the caller's
        mistake and pass unchanged.
        """
        ...

    def list(self, folder: str = "") -> Iterator[ObjectInfo]:
        """The objects below `folder`, in the order of their keys' UTF-8 bytes."""
        ...

    def delete(self, key: str) -> None:
        """Remove it. Not an error if it is not there."""
        ...

    def delete_prefix(self, folder: str) -> int:
        """Remove every object below `folder`, and whatever unfinished puts left there.

        Returns how many objects there were. Refuses the whole store (`InvalidName`).
        """
        ...

    def check_writable(self, key: str = "") -> None:
        """Raise now what a later `put` of `key` would raise, as far as can be told."""
        ...

    def url_of(self, key: str) -> str:
        """The URL that `split_url` turns back into this object."""
        ...
