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
from typing import TYPE_CHECKING, Any, Final, Self

from excamera_store.errors import AccessDenied, StoreUnreachable

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.config import Config
    from mypy_boto3_s3 import S3Client


USUAL_REGION: Final = "us-east-1"
KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


@dataclass(frozen=True, slots=True)
class S3Settings:
    """`path_style` None: https://HOST/BUCKET for endpoints that are not Amazon's. `alone`: what is
    None is not looked for in this process's environment and files."""

    endpoint: str | None = None
    region: str | None = None
    profile: str | None = None
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    path_style: bool | None = None
    ca_bundle: str | None = None
    alone: bool = False
    attempts: int = 4
    connect_seconds: float = 3.0
    read_seconds: float = 15.0

    @classmethod
    def of_variables(cls, given: Mapping[str, str]) -> Self:
        """From variables as boto3 names them, instead of those of this process. AccessDenied if the
        keys are not whole: boto3 would then go by what else it finds."""
        absent = [name for name in KEYS if not given.get(name)]
        if absent:
            message = f"the credentials are incomplete; give a value for {' and '.join(absent)}"
            raise AccessDenied(message)
        return cls(
            endpoint=given.get("AWS_ENDPOINT_URL_S3") or given.get("AWS_ENDPOINT_URL") or None,
            region=given.get("AWS_REGION") or given.get("AWS_DEFAULT_REGION") or None,
            access_key=given[KEYS[0]],
            secret_key=given[KEYS[1]],
            session_token=given.get("AWS_SESSION_TOKEN") or None,
            alone=True,
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
        region_name=_region(settings),
        profile_name=settings.profile,
    )


@lru_cache(maxsize=16)
def _make_client(settings: S3Settings) -> S3Client:
    session = _session(settings)
    return session.client(
        "s3",
        region_name=session.region_name or USUAL_REGION,
        endpoint_url=settings.endpoint,
        verify=settings.ca_bundle,
        config=_config(settings),
    )


def _region(settings: S3Settings) -> str | None:
    """None: boto3 goes on looking, in its own variable and in its files."""
    if settings.alone:
        return settings.region or USUAL_REGION
    return settings.region or os.environ.get("AWS_REGION") or None


def _config(settings: S3Settings) -> Config:
    from botocore.config import Config

    # An option that the stubs of botocore do not know.
    ignoring: dict[str, Any] = {"ignore_configured_endpoint_urls": True} if settings.alone else {}
    return Config(
        connect_timeout=settings.connect_seconds,
        read_timeout=settings.read_seconds,
        retries={"mode": "standard", "total_max_attempts": settings.attempts},
        max_pool_connections=16,
        signature_version="s3v4",  # presigned URLs would otherwise be of the second version
        # Not "auto": presigned URLs would then lead to one host, which knows only old regions.
        s3={"addressing_style": "path" if _path_style(settings) else "virtual"},
        **ignoring,
    )


def _path_style(settings: S3Settings) -> bool:
    if settings.path_style is not None:
        return settings.path_style
    endpoint = settings.endpoint or ("" if settings.alone else _endpoint_of_environment())
    return bool(endpoint) and ".amazonaws.com" not in endpoint


def _endpoint_of_environment() -> str:
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
