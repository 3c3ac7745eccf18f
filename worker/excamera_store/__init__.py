"""The object store as every part of the project sees it: a folder, or a bucket of S3.

A *store* holds *objects*, each under a *key* (a relative path with forward slashes). An object
appears whole or not at all: nobody ever sees half of one. `split_url` turns what a person typed
(a path, ``file://`` or ``s3://``) into a store and a key; `open_store` opens a place that will
hold many objects. Every failure is a `StoreError`, whose kinds are listed in `errors.py`.

Who has credentials may sign *grants* for who has none (`Signer`): leave to read or write one object
for a while, which is all that a worker has (`GrantedStore`).

Depends on nothing but boto3 and urllib3, and on these only once S3 is really used. Imports no other
package of the project.
"""

from excamera_store.errors import (
    AccessDenied,
    BucketMissing,
    ClockWrong,
    CredentialsExpired,
    InvalidName,
    NoCredentials,
    ObjectChanged,
    ObjectMissing,
    ObjectTooLarge,
    StoreError,
    StoreFull,
    StoreUnreachable,
    Throttled,
    UnsupportedScheme,
)
from excamera_store.folder import FolderStore, same_version
from excamera_store.granted import GrantedStore
from excamera_store.grants import Grant, Grants, hidden
from excamera_store.location import open_store, split_url
from excamera_store.names import check_key
from excamera_store.part_file import PartFile, remove_stale
from excamera_store.s3 import S3Store
from excamera_store.s3_settings import S3Settings
from excamera_store.signer import Signer
from excamera_store.store import ObjectInfo, Store

__all__ = [
    "AccessDenied",
    "BucketMissing",
    "ClockWrong",
    "CredentialsExpired",
    "FolderStore",
    "Grant",
    "GrantedStore",
    "Grants",
    "InvalidName",
    "NoCredentials",
    "ObjectChanged",
    "ObjectInfo",
    "ObjectMissing",
    "ObjectTooLarge",
    "PartFile",
    "S3Settings",
    "S3Store",
    "Signer",
    "Store",
    "StoreError",
    "StoreFull",
    "StoreUnreachable",
    "Throttled",
    "UnsupportedScheme",
    "check_key",
    "hidden",
    "open_store",
    "remove_stale",
    "same_version",
    "split_url",
]
