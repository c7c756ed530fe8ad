"""The media bucket: private, versioned, encrypted, reached over TLS only.

Files come in by presigned requests below `uploads/`, where nobody can read them. The admin
function looks at what came and copies what is good to `media/`; only that part is served,
by the distribution of `delivery`. What is left of the uploads expires within a day or two.

Destroying a stage needs the bucket emptied first: CloudFormation refuses to delete a bucket
with objects, and the custom resource that would empty it is a function of its own to run and
to trust. The deployer does it.
"""

from __future__ import annotations

from aws_cdk import Fn
from aws_cdk import aws_s3 as s3
from constructs import Construct

from quizkit.infra.findings import acknowledge
from quizkit.infra.naming import UPLOADS, Names
from quizkit.infra.settings import Settings
from quizkit.infra.storage import keep_if

_OLD_VERSIONS_DAYS = 30
_UPLOADS_DAYS = 1
_UNLOGGED = (
    "A log of requests needs a second bucket that grows; the distribution alone reads here,"
    " and what it serves are pictures that a whole room has seen."
)


class Media(Construct):
    """`bucket`; its policy belongs to `delivery`, which may read from it."""

    def __init__(
        self, scope: Construct, construct_id: str, *, names: Names, settings: Settings
    ) -> None:
        super().__init__(scope, construct_id)
        self.bucket = s3.CfnBucket(
            self,
            "Bucket",
            bucket_name=Fn.sub(names.media_bucket),
            versioning_configuration=s3.CfnBucket.VersioningConfigurationProperty(status="Enabled"),
            bucket_encryption=_encrypted(),
            public_access_block_configuration=s3.CfnBucket.PublicAccessBlockConfigurationProperty(
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
            ),
            ownership_controls=s3.CfnBucket.OwnershipControlsProperty(
                rules=[
                    s3.CfnBucket.OwnershipControlsRuleProperty(
                        object_ownership="BucketOwnerEnforced"
                    )
                ]
            ),
            lifecycle_configuration=_lifecycle(),
            cors_configuration=_cors(settings.origins),
        )
        keep_if(self.bucket, protected=settings.protected)
        acknowledge(self.bucket, {"AwsSolutions-S1": _UNLOGGED})


def _encrypted() -> s3.CfnBucket.BucketEncryptionProperty:
    return s3.CfnBucket.BucketEncryptionProperty(
        server_side_encryption_configuration=[
            s3.CfnBucket.ServerSideEncryptionRuleProperty(
                server_side_encryption_by_default=s3.CfnBucket.ServerSideEncryptionByDefaultProperty(
                    sse_algorithm="AES256"
                )
            )
        ]
    )


def _lifecycle() -> s3.CfnBucket.LifecycleConfigurationProperty:
    return s3.CfnBucket.LifecycleConfigurationProperty(
        rules=[
            s3.CfnBucket.RuleProperty(
                id="old-versions",
                status="Enabled",
                noncurrent_version_expiration=s3.CfnBucket.NoncurrentVersionExpirationProperty(
                    noncurrent_days=_OLD_VERSIONS_DAYS
                ),
            ),
            s3.CfnBucket.RuleProperty(
                id="incomplete-uploads",
                status="Enabled",
                abort_incomplete_multipart_upload=(
                    s3.CfnBucket.AbortIncompleteMultipartUploadProperty(
                        days_after_initiation=_UPLOADS_DAYS
                    )
                ),
            ),
            s3.CfnBucket.RuleProperty(
                id="unused-uploads",
                status="Enabled",
                prefix=f"{UPLOADS}/",
                expiration_in_days=_UPLOADS_DAYS,
                noncurrent_version_expiration=s3.CfnBucket.NoncurrentVersionExpirationProperty(
                    noncurrent_days=_UPLOADS_DAYS
                ),
            ),
        ]
    )


def _cors(origins: tuple[str, ...]) -> s3.CfnBucket.CorsConfigurationProperty | None:
    if not origins:
        return None
    return s3.CfnBucket.CorsConfigurationProperty(
        cors_rules=[
            s3.CfnBucket.CorsRuleProperty(
                allowed_origins=list(origins),
                allowed_methods=["POST"],
                allowed_headers=["content-type"],
                max_age=3600,
            )
        ]
    )
