"""What can go wrong with a store. Messages say what failed, where, and what to do.

::

    StoreError
    ├── ObjectMissing          there is no object of that key
    ├── ObjectChanged          it was replaced while it was being read
    ├── ObjectTooLarge         it has more bytes than whoever reads it has room for
    ├── BucketMissing          the bucket, or the folder, does not exist
    ├── AccessDenied           no credentials, wrong ones, or no permission
    │   ├── CredentialsExpired     they were right once
    │   └── NoCredentials          none are to be found; whoever shows it says where they go
    ├── StoreUnreachable       no connection, time-out, a broken answer (transient)
    │   ├── Throttled              the store asks to slow down, and kept asking (transient)
    │   └── ClockWrong             its clock and that of whoever signs are too far apart (transient)
    ├── StoreFull              no space, quota exceeded, file-size limit
    ├── InvalidName            a key or bucket name that no store should be asked for
    └── UnsupportedScheme      neither a path, nor file://, nor s3://

Bounded retries have already been made when one of these is raised. `transient` says whether
trying the same again later can help without anybody doing anything.
"""

from typing import ClassVar


class StoreError(Exception):
    """Something went wrong with the object store."""

    transient: ClassVar[bool] = False


class ObjectMissing(StoreError):
    """There is no object of that key."""


class ObjectChanged(StoreError):
    """The object was replaced by another while it was being read."""


class ObjectTooLarge(StoreError):
    """The object has more bytes than can be what it should be."""


class BucketMissing(StoreError):
    """The bucket (or, for a folder, the folder) does not exist."""


class AccessDenied(StoreError):
    """The store, or the file system, refuses: credentials or permissions."""


class CredentialsExpired(AccessDenied):
    """The credentials were valid and are not any more."""


class NoCredentials(AccessDenied):
    """There are none to be found. How they are given depends on where this is read: in a terminal,
    or in the status of a job in a cluster. So the message does not say."""


class StoreUnreachable(StoreError):
    """No answer, or a broken one, after the bounded number of attempts."""

    transient: ClassVar[bool] = True


class Throttled(StoreUnreachable):
    """The store asked to slow down and went on asking."""


class ClockWrong(StoreUnreachable):
    """What was signed is of another time than the store's. Clocks mend themselves, as a rule."""


class StoreFull(StoreError):
    """No space left, quota exceeded, or the file would be larger than is allowed."""


class InvalidName(StoreError):
    """A key, folder or bucket name that cannot be used."""


class UnsupportedScheme(StoreError):
    """A URL that is neither a path, nor file://, nor s3://."""
