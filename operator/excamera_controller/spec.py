"""What an EncodeJob asks for, in the application's terms.

In a cluster, sources and outputs lie in an object store: a file:// URL would be a file of the
operator's own container.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

from excamera.access import StoreAccess
from excamera.job import DEFAULT_BACKOFF_LIMIT, Job
from excamera.manifest import encoding_of
from excamera_controller.api import Api, ApiError, NotFound, Object, path_of
from excamera_controller.conditions import Reason
from excamera_controller.failing import Impossible
from excamera_controller.observed import Stored

SCHEME: Final = "s3://"
STORE_VARIABLES: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
)
"""Keys of a job's Secret that are used."""


def job_of(stored: Stored) -> Job:
    """Raises InvalidJob or Impossible."""
    spec = stored.spec
    for name in ("source", "output"):
        _check_scheme(f"spec.{name}.uri", spec[name]["uri"])
    encoding: Any = spec.get("encoding") or {}
    return Job(
        source=spec["source"]["uri"],
        output=spec["output"]["uri"],
        encoding=encoding_of(encoding),
        backoff_limit=spec.get("backoffLimit", DEFAULT_BACKOFF_LIMIT),
    )


async def access_of(stored: Stored, api: Api) -> StoreAccess:
    """The job's own credentials, if it names a Secret. Raises Impossible; ApiError if it cannot be
    told now."""
    reference = (stored.spec.get("storage") or {}).get("secretRef")
    if not reference:
        return StoreAccess()
    name = reference["name"]
    try:
        secret = await api.get(path_of("v1", "secrets", stored.namespace, name))
    except NotFound:
        message = f"there is no Secret {name} in namespace {stored.namespace}; create it"
        raise Impossible(Reason.SECRET_MISSING, f"spec.storage.secretRef: {message}") from None
    except ApiError as error:
        if error.transient:
            raise
        message = (
            f"the operator may not read Secret {name} in namespace {stored.namespace}: {error};"
            " give its service account the right to get it, as the chart does (rbac.create)"
        )
        raise Impossible(Reason.ACCESS_DENIED, f"spec.storage.secretRef: {message}") from error
    return StoreAccess(_variables(name, secret))


def _variables(name: str, secret: Object) -> dict[str, str]:
    """Those with a value: boto3 takes an empty one for none, and looks for others."""
    data = secret.get("data") or {}
    try:
        found = {
            key: base64.b64decode(data[key]).decode().strip()
            for key in STORE_VARIABLES
            if key in data
        }
    except (binascii.Error, UnicodeDecodeError):
        message = f"a value of Secret {name} is not text"
        raise Impossible(Reason.SECRET_MISSING, f"spec.storage.secretRef: {message}") from None
    absent = [key for key in STORE_VARIABLES[:2] if not found.get(key)]
    if absent:
        message = f"Secret {name} has no {' and no '.join(absent)}; add what is missing"
        raise Impossible(Reason.SECRET_MISSING, f"spec.storage.secretRef: {message}")
    return {key: value for key, value in found.items() if value}


def _check_scheme(field: str, url: str) -> None:
    if not url.startswith(SCHEME):
        message = f"{field}: {url.partition('://')[0]}:// is not supported in a cluster"
        raise Impossible(
            Reason.INVALID_SPEC, f"{message}; copy the file to a bucket and give s3://BUCKET/KEY"
        )
