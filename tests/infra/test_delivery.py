"""Media on their way to players: what is served, from where, and with which headers."""

from __future__ import annotations

from typing import Any

from tests.infra.synthesis import Template, as_list, text


def behaviour(template: Template) -> dict[str, Any]:
    """The one behaviour of the distribution."""
    config = template.only("CloudFront::Distribution")["DistributionConfig"]
    assert "CacheBehaviors" not in config
    found: dict[str, Any] = config["DefaultCacheBehavior"]
    return found


def test_browsers_are_told_not_to_guess_and_not_to_run(dev: Template) -> None:
    """`nosniff` and a policy without scripts, whatever the bucket says itself."""
    policy = dev.only("CloudFront::ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"]
    headers = policy["SecurityHeadersConfig"]
    assert headers["ContentTypeOptions"] == {"Override": True}
    content = headers["ContentSecurityPolicy"]
    assert content["Override"] is True
    assert {"default-src 'none'", "sandbox"} <= set(content["ContentSecurityPolicy"].split("; "))
    assert headers["FrameOptions"] == {"FrameOption": "DENY", "Override": True}
    assert text(behaviour(dev)["ResponseHeadersPolicyId"]) == "${DeliveryHeaders.Id}"


def test_reading_over_tls_is_all_that_can_be_done(dev: Template) -> None:
    """No query string, cookie or header reaches the bucket: AWS's policy CachingOptimized."""
    assert behaviour(dev)["ViewerProtocolPolicy"] == "https-only"
    assert behaviour(dev)["AllowedMethods"] == ["GET", "HEAD"]
    assert behaviour(dev)["CachePolicyId"] == "658327ea-f89d-4fab-a63d-7e88639e58f6"
    assert "OriginRequestPolicyId" not in behaviour(dev)


def test_the_bucket_knows_this_distribution_only(dev: Template) -> None:
    """Requests are signed, and the bucket's policy names the one that signs."""
    config = dev.only("CloudFront::Distribution")["DistributionConfig"]
    [origin] = config["Origins"]
    assert text(origin["DomainName"]) == "${MediaBucket.RegionalDomainName}"
    assert text(origin["OriginAccessControlId"]) == "${DeliveryAccess.Id}"
    access = dev.only("CloudFront::OriginAccessControl")["OriginAccessControlConfig"]
    assert (access["SigningBehavior"], access["SigningProtocol"]) == ("always", "sigv4")
    [allowed] = [s for s in statements(dev) if s["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    source, values = allowed["Condition"]["StringEquals"]["aws:SourceArn"]["Fn::Sub"]
    assert source.endswith(":distribution/${Distribution}")
    assert values == {"Distribution": {"Ref": "DeliveryDistribution"}}


def test_unchecked_uploads_cannot_be_read(dev: Template) -> None:
    """Objects below `media/` alone are served, and the bucket's names cannot be listed."""
    [allowed] = [s for s in statements(dev) if s["Effect"] == "Allow"]
    assert as_list(allowed["Action"]) == ["s3:GetObject"]
    assert [text(arn) for arn in allowed["Resource"]] == ["${MediaBucket.Arn}/media/*"]


def test_the_bucket_refuses_plain_http(dev: Template) -> None:
    """Objects and listing alike."""
    [denied] = [s for s in statements(dev) if s["Effect"] == "Deny"]
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert [text(arn) for arn in denied["Resource"]] == [
        "${MediaBucket.Arn}",
        "${MediaBucket.Arn}/*",
    ]


def test_media_never_come_from_the_apis(dev: Template) -> None:
    """The functions that tell media URLs are given the distribution's host name."""
    for name in ("connection", "control"):
        url = dev.functions()[name]["Environment"]["Variables"]["MEDIA_URL"]
        assert text(url) == "https://${DeliveryDistribution.DomainName}"


def test_names_are_told_apart_by_region(dev: Template) -> None:
    """CloudFront has none, and the same stage may live in two."""
    for kind, key in (
        ("CloudFront::OriginAccessControl", "OriginAccessControlConfig"),
        ("CloudFront::ResponseHeadersPolicy", "ResponseHeadersPolicyConfig"),
    ):
        assert text(dev.only(kind)[key]["Name"]) == "quizkit-dev-${AWS::Region}"


def statements(template: Template) -> list[dict[str, Any]]:
    """The bucket policy's statements."""
    found: list[dict[str, Any]] = template.only("S3::BucketPolicy")["PolicyDocument"]["Statement"]
    return found
