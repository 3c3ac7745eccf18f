"""Which keys are allowed: relative paths that mean the same in every store.

A key becomes a path in a folder store, part of a URL, and part of log lines. So it may not climb
out of its folder, be normalised away by somebody on the way, or break a line. Segments that begin
with `RESERVED` are ours: unfinished puts have such names.
"""

import re
import unicodedata

from excamera_store.errors import InvalidName

RESERVED = ".excamera-part-"
MAX_KEY_BYTES = 1024  # S3's limit
MAX_SEGMENT_BYTES = 255  # what file systems allow

_BUCKET = re.compile(r"[A-Za-z0-9._-]{1,255}|arn:[!-.0-~]+", re.ASCII)
"""What boto3 takes: more than S3 gives out since 2018, as there are older buckets and other stores.
Or the ARN of an access point."""


def check_bucket(bucket: str) -> str:
    """Return `bucket` if there may be one of that name, else raise `InvalidName`."""
    if _BUCKET.fullmatch(bucket) is None:
        raise InvalidName(
            f"there can be no bucket {bucket[:80]!r}: write s3://BUCKET/KEY, where the bucket's"
            " name has 3 to 63 lower-case letters, digits, '-' and '.'"
        )
    return bucket


def check_key(key: str) -> str:
    """Return `key` if it may name an object, else raise `InvalidName`."""
    if not key:
        raise InvalidName("the key of an object is empty; name a file, not a folder")
    _check_text(key)
    for segment in key.split("/"):
        _check_segment(key, segment)
    return key


def check_folder(folder: str) -> str:
    """Return `folder` as the prefix that all keys below it begin with: ``""`` or ``"a/b/"``."""
    bare = folder.removesuffix("/")
    return check_key(bare) + "/" if bare or folder else ""


def _check_text(key: str) -> None:
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        raise InvalidName(f"the name {_bytes_of(key)} is not valid UTF-8; rename it") from None
    if size > MAX_KEY_BYTES:
        raise InvalidName(f"the key {key[:40]!r}… has {size} bytes; {MAX_KEY_BYTES} are allowed")
    if any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in key):
        raise InvalidName(f"the key {key!a} holds a control character or a line break; rename it")


def _bytes_of(key: str) -> str:
    """A name as the bytes that it has in a folder, in ASCII: what a shell's $'…' takes."""
    try:
        return repr(key.encode(errors="surrogateescape")).removeprefix("b")
    except UnicodeEncodeError:  # no file has such a name
        return ascii(key)


def _check_segment(key: str, segment: str) -> None:
    if segment in ("", ".", ".."):
        raise InvalidName(
            f"the key {key!r} has an empty, '.' or '..' part; use a plain relative path"
        )
    if segment.startswith(RESERVED):
        raise InvalidName(f"the key {key!r}: names that begin with {RESERVED!r} are reserved")
    if len(segment.encode()) > MAX_SEGMENT_BYTES:
        raise InvalidName(
            f"a part of the key {key[:40]!r}… is longer than {MAX_SEGMENT_BYTES} bytes; shorten it"
        )
