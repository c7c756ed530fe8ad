"""How players get media: from a distribution that serves the checked part of the bucket.

A bucket cannot say `nosniff`; a distribution can, and forbids scripts besides. Media come from
a host name of their own, never from the APIs', so nothing in a file could act in their name.
Readers need no signature: an object's name is random and told when its question opens, and
names cannot be listed. So a URL outlives its game, which a signed one would not.

Nothing runs or is charged for while nobody looks. The cost is time: AWS takes some minutes to
make or remove a distribution.
"""

from __future__ import annotations

from aws_cdk import Fn
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_s3 as s3
from constructs import Construct

from quizkit.infra.findings import acknowledge
from quizkit.infra.naming import MEDIA, Names
from quizkit.infra.policies import allow, document, tls_statement
from quizkit.infra.settings import Settings
from quizkit.infra.storage import keep_if

# AWS's managed policy CachingOptimized: no header, cookie or query string reaches the bucket.
_CACHING = "658327ea-f89d-4fab-a63d-7e88639e58f6"
_ORIGIN = "media"
_HSTS_SECONDS = 31_536_000
# Nothing in a file may load, run, or be framed, whatever a browser takes it for.
_CONTENT_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
_ACCEPTED = {
    "AwsSolutions-CFR1": "A quiz is for whoever was given its PIN, in any country.",
    "AwsSolutions-CFR2": "A firewall is charged for by the month. It would guard reading a few"
    " checked files, which no request can change.",
    "AwsSolutions-CFR3": "A log of requests needs a bucket that grows and holds players'"
    " addresses; the files are pictures that a whole room has seen.",
    "AwsSolutions-CFR4": "The distribution's own host name comes with CloudFront's certificate,"
    " whose protocols cannot be chosen; stages have no domain of their own.",
}


class Delivery(Construct):
    """`url`, the base of media URLs without a trailing slash."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        settings: Settings,
        bucket: s3.CfnBucket,
    ) -> None:
        super().__init__(scope, construct_id)
        distribution = cloudfront.CfnDistribution(
            self, "Distribution", distribution_config=self._config(names, bucket)
        )
        acknowledge(distribution, _ACCEPTED)
        policy = s3.CfnBucketPolicy(
            self,
            "Policy",
            bucket=bucket.ref,
            policy_document=document(
                [
                    tls_statement("s3:*", bucket.attr_arn, f"{bucket.attr_arn}/*"),
                    allow(
                        ["s3:GetObject"],
                        [f"{bucket.attr_arn}/{MEDIA}/*"],
                        principal="cloudfront.amazonaws.com",
                        conditions={"StringEquals": {"aws:SourceArn": _arn(distribution)}},
                    ),
                ]
            ),
        )
        keep_if(policy, protected=settings.protected)
        self.url = Fn.sub(f"https://${{{construct_id}Distribution.DomainName}}")

    def _config(
        self, names: Names, bucket: s3.CfnBucket
    ) -> cloudfront.CfnDistribution.DistributionConfigProperty:
        # CloudFront knows no regions, so its names need the region to be told apart.
        name = Fn.sub(f"{names.stack}-${{AWS::Region}}")
        access = cloudfront.CfnOriginAccessControl(
            self,
            "Access",
            origin_access_control_config=cloudfront.CfnOriginAccessControl.OriginAccessControlConfigProperty(
                name=name,
                origin_access_control_origin_type="s3",
                signing_behavior="always",
                signing_protocol="sigv4",
            ),
        )
        return cloudfront.CfnDistribution.DistributionConfigProperty(
            enabled=True,
            comment=f"{names.stack}: media",
            http_version="http2and3",
            ipv6_enabled=True,
            price_class="PriceClass_All",
            origins=[
                cloudfront.CfnDistribution.OriginProperty(
                    id=_ORIGIN,
                    domain_name=bucket.attr_regional_domain_name,
                    origin_access_control_id=access.attr_id,
                    s3_origin_config=cloudfront.CfnDistribution.S3OriginConfigProperty(
                        origin_access_identity=""
                    ),
                )
            ],
            default_cache_behavior=cloudfront.CfnDistribution.DefaultCacheBehaviorProperty(
                target_origin_id=_ORIGIN,
                viewer_protocol_policy="https-only",
                allowed_methods=["GET", "HEAD"],
                cached_methods=["GET", "HEAD"],
                cache_policy_id=_CACHING,
                response_headers_policy_id=self._headers(name).attr_id,
            ),
        )

    def _headers(self, name: str) -> cloudfront.CfnResponseHeadersPolicy:
        policy = cloudfront.CfnResponseHeadersPolicy
        return policy(
            self,
            "Headers",
            response_headers_policy_config=policy.ResponseHeadersPolicyConfigProperty(
                name=name,
                security_headers_config=policy.SecurityHeadersConfigProperty(
                    content_type_options=policy.ContentTypeOptionsProperty(override=True),
                    content_security_policy=policy.ContentSecurityPolicyProperty(
                        content_security_policy=_CONTENT_POLICY, override=True
                    ),
                    frame_options=policy.FrameOptionsProperty(frame_option="DENY", override=True),
                    referrer_policy=policy.ReferrerPolicyProperty(
                        referrer_policy="no-referrer", override=True
                    ),
                    strict_transport_security=policy.StrictTransportSecurityProperty(
                        access_control_max_age_sec=_HSTS_SECONDS, override=True
                    ),
                ),
            ),
        )


def _arn(distribution: cloudfront.CfnDistribution) -> str:
    return Fn.sub(
        "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}",
        {"Distribution": distribution.ref},
    )
