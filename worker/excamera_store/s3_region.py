"""Where a bucket is: AWS takes a request that is signed for another region for no good one.

boto3 finds that out by itself and follows, but what is signed for others has to be right at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from excamera_store.s3_errors import s3_errors, status_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HEADER: Final = "x-amz-bucket-region"
UNKNOWN_REQUEST: Final = 501


def region_of(client: S3Client, bucket: str) -> str | None:
    """The region that the store names, in refusals as well; None if it names none, as stores other
    than AWS may do. Blocks. StoreError if it cannot be asked."""
    from botocore.exceptions import ClientError

    with s3_errors("find the region of", f"s3://{bucket}"):
        answer: Mapping[str, Any]
        try:
            answer = client.head_bucket(Bucket=bucket)["ResponseMetadata"]
        except ClientError as error:
            if status_of(error) >= 500 and status_of(error) != UNKNOWN_REQUEST:
                raise
            answer = error.response["ResponseMetadata"]
    headers: Mapping[str, str] = answer.get("HTTPHeaders", {})
    return headers.get(HEADER)
