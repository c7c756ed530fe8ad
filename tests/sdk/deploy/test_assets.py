"""The assets bucket on a real emulator, and zips that are the same everywhere."""

from __future__ import annotations

import io
import os
from pathlib import Path

from quizkit.sdk.deploy import assets
from quizkit.sdk.target import Target

ACCOUNT = "000000000000"


def zipped(directory: Path) -> bytes:
    """The directory as a zip file's bytes."""
    file = io.BytesIO()
    assets.zip_directory(directory, file)
    return file.getvalue()


def test_a_zip_depends_on_content_alone(tmp_path: Path) -> None:
    """Times, permissions and the order of creation do not reach the archive."""
    for name, files in (("one", ("a.py", "b.py")), ("two", ("b.py", "a.py"))):
        (tmp_path / name / "sub").mkdir(parents=True)
        for file in files:
            (tmp_path / name / "sub" / file).write_text(file, "utf-8")
    os.utime(tmp_path / "two" / "sub" / "a.py", (1, 1))
    (tmp_path / "two" / "sub" / "b.py").chmod(0o600)
    assert zipped(tmp_path / "one") == zipped(tmp_path / "two")
    (tmp_path / "two" / "sub" / "a.py").write_text("else", "utf-8")
    assert zipped(tmp_path / "one") != zipped(tmp_path / "two")


def test_names_are_filled_in() -> None:
    """What a synthesis leaves open is the account and the region."""
    target = Target("aws", "prod", "eu-west-1")
    text = "quizkit-${AWS::AccountId}-${AWS::Region}"
    assert assets.resolve(text, target, "123456789012") == "quizkit-123456789012-eu-west-1"


def test_the_longest_bucket_name_fits() -> None:
    """The longest stage in the longest region's name stays within S3's 63 characters."""
    target = Target("aws", "a" * 18, "ap-southeast-1")
    assert len(assets.bucket_name(target, "1" * 12)) <= 63


def test_the_bucket_is_made_once_encrypted_and_private(target: Target) -> None:
    """Ensuring twice is fine; the bucket is encrypted and nothing in it can become public."""
    bucket = assets.bucket_name(target, ACCOUNT)
    for _ in range(2):
        assets.ensure_bucket(target, bucket, ACCOUNT)
    s3 = target.client("s3")
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert all(block.values())
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_a_bucket_goes_with_all_versions(target: Target) -> None:
    """Objects, their older versions and delete markers go, then the bucket; again is fine."""
    bucket = assets.bucket_name(target, ACCOUNT)
    assets.ensure_bucket(target, bucket, ACCOUNT)
    s3 = target.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket=bucket, Key="k", Body=body)
    s3.delete_object(Bucket=bucket, Key="k")
    assert assets.delete_bucket(target, bucket, ACCOUNT)
    assert not assets.delete_bucket(target, bucket, ACCOUNT)
    assets.empty_bucket(target, bucket)
