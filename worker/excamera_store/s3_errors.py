"""What S3 and boto3 report, as errors of the store.

HEAD requests have no body, so their errors have no code but the status; `S3Store` asks further
where that is not enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from excamera_store.errors import (
    AccessDenied,
    BucketMissing,
    ClockWrong,
    CredentialsExpired,
    InvalidName,
    NoCredentials,
    ObjectChanged,
    ObjectMissing,
    StoreError,
    StoreFull,
    StoreUnreachable,
    Throttled,
)

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

_Rule = tuple[type[StoreError], str]

_DENIED = (AccessDenied, "check the credentials and the permissions of their user or role")
_WRONG_KEYS = (AccessDenied, "the credentials are wrong; check the access key and its secret")
_EXPIRED = (CredentialsExpired, "the credentials have expired; renew them")
_NO_BUCKET = (BucketMissing, "check the bucket's name and the endpoint, or create the bucket")
_REGION = (BucketMissing, "the bucket is in another region; set AWS_REGION to that region")
_THROTTLED = (Throttled, "the store asks to slow down; use fewer workers or try again later")
_FULL = (StoreFull, "free some space in the store or raise its quota")
_NAME = (InvalidName, "choose another name")
_AGAIN = (StoreUnreachable, "try again later")

_CODES: dict[str, _Rule] = {
    "NoSuchKey": (ObjectMissing, "check the key"),
    "404": (ObjectMissing, "check the key"),
    "NotFound": (ObjectMissing, "check the key"),
    "NoSuchVersion": (ObjectMissing, "check the key"),
    "412": (ObjectChanged, "it was replaced while it was being read; start again"),
    "PreconditionFailed": (ObjectChanged, "it was replaced while it was being read; start again"),
    "NoSuchBucket": _NO_BUCKET,
    "301": _REGION,
    "PermanentRedirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "AuthorizationQueryParametersError": _REGION,
    "TemporaryRedirect": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "AccessDenied": _DENIED,
    "403": _DENIED,
    "Forbidden": _DENIED,
    "AllAccessDisabled": _DENIED,
    "AccountProblem": _DENIED,
    "401": _WRONG_KEYS,
    "InvalidAccessKeyId": _WRONG_KEYS,
    "SignatureDoesNotMatch": _WRONG_KEYS,
    "AuthFailure": _WRONG_KEYS,
    "RequestTimeTooSkewed": (ClockWrong, "this machine's clock, or the store's, is wrong; set it"),
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "RequestExpired": _EXPIRED,
    "InvalidToken": _EXPIRED,
    "TokenRefreshRequired": _EXPIRED,
    "SlowDown": _THROTTLED,
    "SlowDownRead": _THROTTLED,
    "SlowDownWrite": _THROTTLED,
    "Throttling": _THROTTLED,
    "ThrottlingException": _THROTTLED,
    "RequestLimitExceeded": _THROTTLED,
    "TooManyRequests": _THROTTLED,
    "TooManyRequestsException": _THROTTLED,
    "429": _THROTTLED,
    "503": _THROTTLED,
    "ServiceUnavailable": _THROTTLED,
    "QuotaExceeded": _FULL,
    "XMinioStorageFull": _FULL,
    "XMinioAdminBucketQuotaExceeded": _FULL,
    "EntityTooLarge": _FULL,
    "507": _FULL,
    "InvalidBucketName": _NAME,
    "KeyTooLongError": _NAME,
    "InvalidURI": _NAME,
    "XMinioInvalidObjectName": _NAME,
    "XMinioInvalidResourceName": _NAME,
}

# By the names of botocore's classes, so that this table can be made without importing it.
_CLASSES: dict[str, _Rule] = {
    "NoCredentialsError": (NoCredentials, "there are no credentials"),
    "PartialCredentialsError": (AccessDenied, "the credentials are incomplete; set both keys"),
    "ProfileNotFound": (AccessDenied, "check AWS_PROFILE and ~/.aws/config"),
    "CredentialRetrievalError": _DENIED,
    "MetadataRetrievalError": _DENIED,
    "TokenRetrievalError": _EXPIRED,
    "UnauthorizedSSOTokenError": _EXPIRED,
    "SSOTokenLoadError": _EXPIRED,
    "LoginRefreshRequired": _EXPIRED,
    "ParamValidationError": _NAME,
    "InvalidBucketNameError": _NAME,
    "SSLError": (StoreUnreachable, "TLS failed; check the endpoint's scheme and AWS_CA_BUNDLE"),
    "ConfigParseError": (AccessDenied, "correct ~/.aws/config"),
}

_STILL_EXPIRED: Final = "refreshed credentials are still expired"
"""By these words alone boto3's error is told from others, when a role lends what has ended."""


@contextmanager
def s3_errors(action: str, url: str) -> Iterator[None]:
    """Within it boto3's exceptions become the right `StoreError` about `url`."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise of_client_error(action, url, error) from error
    except BotoCoreError as error:
        raise of_botocore_error(action, url, error) from error
    except RuntimeError as error:
        if _STILL_EXPIRED not in str(error):
            raise
        raise CredentialsExpired(f"cannot {action} {url}: {error}") from error


def code_of(error: ClientError) -> str:
    """S3's error code, or the HTTP status where there is none."""
    return str(error.response.get("Error", {}).get("Code") or status_of(error))


def status_of(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def of_client_error(action: str, url: str, error: ClientError) -> StoreError:
    """The store answered boto3, and said no."""
    said = str(error.response.get("Error", {}).get("Message", ""))
    return refusal(action, url, status_of(error), code_of(error), said)


def refusal(action: str, url: str, status: int, code: str, said: str) -> StoreError:
    """The store answered, and said no: with a status, a code for machines and words for people."""
    said, code = said.strip(), code or str(status)
    fallback = _AGAIN if status >= 500 else (StoreError, "see the store's log")
    kind, advice = _CODES.get(code) or _CODES.get(str(status)) or fallback
    answer = f"{code}: {said}" if said and said != code else code
    return kind(f"cannot {action} {url}: {advice} (the store says {answer[:200]})")


def of_botocore_error(action: str, url: str, error: BotoCoreError) -> StoreError:
    """The store was not reached, or its answer broke off."""
    for parent in type(error).__mro__:
        if parent.__name__ in _CLASSES:
            kind, advice = _CLASSES[parent.__name__]
            return kind(f"cannot {action} {url}: {advice} ({error})")
    return StoreUnreachable(
        f"cannot {action} {url}: check the endpoint (AWS_ENDPOINT_URL) and the network ({error})"
    )
