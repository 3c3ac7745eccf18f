"""How S3 is reached: boto3's own configuration, unless told otherwise, with bounded patience.

Everything that is None is found by boto3 in its usual way: environment (AWS_ENDPOINT_URL,
AWS_REGION, AWS_PROFILE, AWS_ACCESS_KEY_ID …), configuration files, the service account or role.

Patience: an address that swallows packets costs `attempts × connect_seconds` and back-off of at
most 1 + 2 + 4 s between the attempts, below 20 s in all.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Self

from excamera_store.errors import StoreUnreachable

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.config import Config
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class S3Settings:
    """`path_style` None: https://HOST/BUCKET for endpoints that are not Amazon's."""

    endpoint: str | None = None
    region: str | None = None
    profile: str | None = None
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    path_style: bool | None = None
    ca_bundle: str | None = None
    attempts: int = 4
    connect_seconds: float = 3.0
    read_seconds: float = 15.0

    @classmethod
    def of_variables(cls, given: Mapping[str, str]) -> Self:
        """From variables as boto3 names them, instead of those of this process."""
        return cls(
            endpoint=given.get("AWS_ENDPOINT_URL_S3") or given.get("AWS_ENDPOINT_URL"),
            region=given.get("AWS_REGION") or given.get("AWS_DEFAULT_REGION"),
            access_key=given.get("AWS_ACCESS_KEY_ID"),
            secret_key=given.get("AWS_SECRET_ACCESS_KEY"),
            session_token=given.get("AWS_SESSION_TOKEN"),
        )


_lock = Lock()


def client_for(settings: S3Settings) -> S3Client:
    """One client for the same settings: making one costs about a tenth of a second.

    StoreUnreachable if the endpoint is no URL.
    """
    try:
        with _lock:  # making clients is not thread-safe, using them is
            return _make_client(settings)
    except ValueError as error:  # boto3's word for it
        message = f"cannot reach the store: {error}; set AWS_ENDPOINT_URL to http(s)://HOST"
        raise StoreUnreachable(message) from error


def frozen(settings: S3Settings) -> S3Settings:
    """The same with its credentials as they are now, which nothing renews. Lent ones are fetched
    anew before, if they end within a quarter of an hour: blocks, and raises botocore's errors."""
    with _lock:
        credentials = _session(settings).get_credentials()
    if credentials is None:
        return settings
    now = credentials.get_frozen_credentials()
    return replace(
        settings,
        access_key=now.access_key,
        secret_key=now.secret_key,
        session_token=now.token,
    )


@lru_cache(maxsize=16)
def _session(settings: S3Settings) -> Session:
    import boto3.session  # here, because it takes longer to import than a short program to run

    return boto3.session.Session(
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key,
        aws_session_token=settings.session_token,
        region_name=settings.region or os.environ.get("AWS_REGION") or None,
        profile_name=settings.profile,
    )


@lru_cache(maxsize=16)
def _make_client(settings: S3Settings) -> S3Client:
    session = _session(settings)
    region = session.region_name or "us-east-1"
    return session.client(
        "s3",
        region_name=region,
        endpoint_url=settings.endpoint,
        verify=settings.ca_bundle,
        config=_config(settings),
    )


def _config(settings: S3Settings) -> Config:
    from botocore.config import Config

    return Config(
        connect_timeout=settings.connect_seconds,
        read_timeout=settings.read_seconds,
        retries={"mode": "standard", "total_max_attempts": settings.attempts},
        max_pool_connections=16,
        signature_version="s3v4",  # presigned URLs would otherwise be of the second version
        s3={"addressing_style": "path" if _path_style(settings) else "auto"},
    )


def _path_style(settings: S3Settings) -> bool:
    if settings.path_style is not None:
        return settings.path_style
    from_environment = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    endpoint = settings.endpoint or from_environment
    return bool(endpoint) and ".amazonaws.com" not in str(endpoint)
