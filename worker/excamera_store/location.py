"""From what a person types to a store: plain paths, ``file://`` and ``s3://`` URLs.

How a bucket is reached is a `Way`: with credentials, or by grants. Where none is given, it is by
the grants that the environment names, and where it names none, with the credentials found there.
"""

import os
import re
from urllib.parse import unquote

from excamera_store.errors import InvalidName, UnsupportedScheme
from excamera_store.folder import FolderStore
from excamera_store.granted import GrantedStore
from excamera_store.grants import FILE, Grants
from excamera_store.names import check_folder, check_key
from excamera_store.s3 import S3Store
from excamera_store.s3_settings import S3Settings
from excamera_store.store import Store

Way = S3Settings | Grants

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)


def split_url(url: str, way: Way | None = None) -> tuple[Store, str]:
    """The store that holds the object at `url`, and the object's key in it.

    A path's folder is not created: an output folder that is missing is somebody's mistake.
    """
    scheme, rest = _parse(url)
    if scheme == "s3":
        bucket, key = _object(url, rest)
        return _bucket(bucket, "", way), key
    if not rest or rest.endswith("/"):
        raise InvalidName(f"{url!r} is a folder; name a file")
    folder, name = os.path.split(os.path.abspath(rest))
    return FolderStore(folder), check_key(name)


def open_store(url: str, way: Way | None = None) -> Store:
    """The store for everything below `url`. A folder is created when it is first written to."""
    scheme, rest = _parse(url)
    if scheme == "s3":
        bucket, _, prefix = rest.partition("/")
        return _bucket(bucket, check_folder(prefix), way)
    if not rest:
        raise InvalidName("the store's name is empty; give a folder or s3://BUCKET/PREFIX")
    return FolderStore(os.path.abspath(rest), create=True)


def bucket_of(url: str) -> str | None:
    """Of the object or the folder at `url`; None if it lies in no bucket."""
    scheme, rest = _parse(url)
    return rest.partition("/")[0] if scheme == "s3" else None


def bucket_and_key(url: str) -> tuple[str, str] | None:
    """Of the object at `url`; None if it lies in no bucket."""
    scheme, rest = _parse(url)
    return _object(url, rest) if scheme == "s3" else None


def _object(url: str, rest: str) -> tuple[str, str]:
    bucket, _, key = rest.partition("/")
    if not key or key.endswith("/"):
        raise InvalidName(f"{url!r} names no object; write s3://BUCKET/KEY")
    return bucket, check_key(key)


def _bucket(bucket: str, prefix: str, way: Way | None) -> Store:
    if way is None and (named := os.environ.get(FILE)):
        way = Grants.load(named)
    if isinstance(way, Grants):
        return GrantedStore(bucket, way, prefix=prefix)
    return S3Store(bucket, prefix=prefix, settings=way)


def _parse(url: str) -> tuple[str, str]:
    """(``"file"`` or ``"s3"``, what follows the scheme; for files, a path)."""
    if "\0" in url:
        raise InvalidName(f"{url!a} holds a NUL character")
    match = _SCHEME.fullmatch(url)
    if match is None:
        return "file", url
    scheme, rest = match[1].lower(), match[2]
    if scheme == "s3":
        return "s3", rest
    if scheme == "file":
        return "file", _path_of_file_url(url, rest)
    raise UnsupportedScheme(
        f"cannot read or write {url!r}: {scheme}:// is not supported;"
        " what is in a folder is a path or file:///PATH, what is in a bucket is s3://BUCKET/KEY"
    )


def _path_of_file_url(url: str, rest: str) -> str:
    host, slash, path = rest.partition("/")
    if host not in ("", "localhost") or not slash:
        raise InvalidName(f"{url!r}: a file URL has three slashes, as in file:///tmp/clip.mp4")
    plain = unquote("/" + path, errors="surrogateescape")
    if "\0" in plain:
        raise InvalidName(f"{url!a} holds a NUL character")
    return plain
