"""The assets bucket: what CloudFormation fetches code and large templates from.

It is the one thing outside the stack, since it has to be there before it; `destroy` removes
it again. Keys are content hashes, so an object that is there never needs another upload.
Bucket names can be guessed, and anybody could have made one first: every request names the
account that has to own the bucket, so that nothing is ever read from or sent to a stranger's.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any, Final, cast

from botocore.exceptions import ClientError

from quizkit.sdk.deploy.model import Asset
from quizkit.sdk.errors import DeploymentFailed
from quizkit.sdk.target import Target

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_IN_MEMORY: Final = 16 * 1024 * 1024
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_ABSENT: Final = ("404", "NoSuchBucket", "NoSuchKey", "NotFound")


def bucket_name(target: Target, account: str) -> str:
    """The stage's own assets bucket."""
    return f"{target.stack_name}-assets-{account}-{target.region}"


def resolve(text: str, target: Target, account: str) -> str:
    """Fill in the account and region that a synthesis left open."""
    return text.replace("${AWS::AccountId}", account).replace("${AWS::Region}", target.region)


def ensure_bucket(target: Target, bucket: str, account: str) -> None:
    """Create the bucket unless the account has it: encrypted, nothing public.

    Raises:
        DeploymentFailed: somebody else owns a bucket of this name.
    """
    s3 = target.client("s3")
    if _owned(s3, bucket, account):
        return
    place: dict[str, Any] = {}
    if target.region != "us-east-1":  # the one region that must not be named
        place["CreateBucketConfiguration"] = {"LocationConstraint": target.region}
    try:
        s3.create_bucket(Bucket=bucket, **place)
    except ClientError as exc:
        if exc.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            raise
    s3.put_public_access_block(
        Bucket=bucket,
        ExpectedBucketOwner=account,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
    s3.put_bucket_encryption(
        Bucket=bucket,
        ExpectedBucketOwner=account,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    )


def _owned(s3: S3Client, bucket: str, account: str) -> bool:
    """Whether the bucket is there and ours."""
    try:
        s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=account)
    except ClientError as exc:
        code = exc.response["Error"]["Code"]
        if code in _ABSENT:
            return False
        if code in ("403", "AccessDenied"):
            raise DeploymentFailed(
                f"The bucket {bucket} belongs to another account, or may not be used.",
                hint="check the credentials; if they are right, choose another stage",
            ) from exc
        raise
    return True


def upload(target: Target, asset: Asset, bucket: str, account: str) -> bool:
    """Put an asset into its bucket unless it is there; tells whether it was sent."""
    s3 = target.client("s3")
    if _present(s3, bucket, asset.key, account):
        return False
    if not asset.zipped:
        with asset.path.open("rb") as file:
            s3.put_object(Bucket=bucket, Key=asset.key, Body=file, ExpectedBucketOwner=account)
        return True
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        zip_directory(asset.path, cast("IO[bytes]", file))
        file.seek(0)
        s3.put_object(
            Bucket=bucket, Key=asset.key, Body=cast("Any", file), ExpectedBucketOwner=account
        )
    return True


def upload_template(target: Target, body: str, digest: str, bucket: str, account: str) -> str:
    """Put a template that is too large to send into the bucket; returns its URL."""
    s3 = target.client("s3")
    key = f"templates/{digest}.json"
    s3.put_object(Bucket=bucket, Key=key, Body=body.encode(), ExpectedBucketOwner=account)
    return f"{s3.meta.endpoint_url}/{bucket}/{key}"


def _present(s3: S3Client, bucket: str, key: str, account: str) -> bool:
    try:
        s3.head_object(Bucket=bucket, Key=key, ExpectedBucketOwner=account)
    except ClientError as exc:
        if exc.response["Error"]["Code"] in _ABSENT:
            return False
        raise
    return True


def zip_directory(directory: Path, file: IO[bytes]) -> None:
    """Zip a directory so that the same content gives the same bytes on every machine."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(directory.rglob("*")):
            if path.is_file():
                info = zipfile.ZipInfo(path.relative_to(directory).as_posix(), _EPOCH)
                info.external_attr = 0o644 << 16
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, path.read_bytes())


def empty_bucket(target: Target, bucket: str) -> None:
    """Delete all versions of all objects; a bucket that is not there is empty."""
    s3 = target.client("s3")
    try:
        for batch in _versions(s3, bucket):
            answer = s3.delete_objects(Bucket=bucket, Delete=cast("Any", {"Objects": batch}))
            if errors := answer.get("Errors"):
                raise DeploymentFailed(
                    f"{bucket} cannot be emptied: {errors[0].get('Key')}: "
                    f"{errors[0].get('Message')}"
                )
    except ClientError as exc:
        if exc.response["Error"]["Code"] not in _ABSENT:
            raise


def _versions(s3: S3Client, bucket: str) -> Iterator[list[dict[str, str]]]:
    """Keys and versions of everything in the bucket, a page (at most 1,000) at a time."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        if found:
            yield [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]


def delete_bucket(target: Target, bucket: str, account: str) -> bool:
    """Empty and delete a bucket of ours; tells whether there was one."""
    s3 = target.client("s3")
    if not _owned(s3, bucket, account):
        return False
    empty_bucket(target, bucket)
    s3.delete_bucket(Bucket=bucket, ExpectedBucketOwner=account)
    return True
