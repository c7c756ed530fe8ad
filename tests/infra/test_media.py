"""S9: the media bucket."""

from __future__ import annotations

from tests.infra.synthesis import Template


def test_the_bucket_is_private_versioned_and_encrypted(dev: Template) -> None:
    """Nothing in it can be made public, and an overwritten file can be had back."""
    bucket = dev.only("S3::Bucket")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_old_versions_and_broken_uploads_expire(dev: Template) -> None:
    """Storage that nobody can see does not pile up."""
    rules = dev.only("S3::Bucket")["LifecycleConfiguration"]["Rules"]
    assert {rule["Status"] for rule in rules} == {"Enabled"}
    assert any("NoncurrentVersionExpiration" in rule for rule in rules)
    assert any("AbortIncompleteMultipartUpload" in rule for rule in rules)
    [uploads] = [rule for rule in rules if "ExpirationInDays" in rule]
    # What has been checked lies elsewhere and stays.
    assert (uploads["Prefix"], uploads["ExpirationInDays"]) == ("uploads/", 1)


def test_cors_is_for_configured_origins_only(dev: Template, prod: Template) -> None:
    """None configured: no CORS at all. Configured: exactly those, never `*`."""
    assert "CorsConfiguration" not in dev.only("S3::Bucket")
    [rule] = prod.only("S3::Bucket")["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == ["https://quiz.example.org"]
    assert "*" not in rule["AllowedHeaders"]
    assert rule["AllowedMethods"] == ["POST"]  # reading is the distribution's


def test_a_protected_stage_keeps_its_media(dev: Template, prod: Template) -> None:
    """The bucket, and the policy that guards it."""
    for template, kept in ((dev, "Delete"), (prod, "Retain")):
        for kind in ("S3::Bucket", "S3::BucketPolicy"):
            [name] = template.of(kind)
            assert template.resources[name]["DeletionPolicy"] == kept
