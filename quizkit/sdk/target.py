"""Where a command works: a stage, on this machine's platform or on AWS.

A `Target` is a value: what it takes to reach one deployed stage, and nothing opened yet.
Its clients are made on first use, with short explicit timeouts, and are kept for the
process (boto3 clients are safe to share between threads). `sdk.project.choose` decides
which target is meant. The local target ignores the machine's AWS profiles and credentials
altogether, so neither target can be taken for the other.

Vendor exceptions are translated in one place, `translate`; wrap calls in
`with target.errors():` and only `QuizkitError` leaves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, cast, overload

from quizkit.sdk.errors import CredentialsError, Misuse, QuizkitError, Unreachable

if TYPE_CHECKING:
    from boto3 import Session
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_cognito_idp import CognitoIdentityProviderClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_s3 import S3Client
    from types_boto3_sns import SNSClient
    from types_boto3_sts import STSClient

TargetName = Literal["local", "aws"]

DEFAULT_STAGE: Final = "dev"
LOCAL_REGION: Final = "us-east-1"

#: What bucket names of 63 characters leave; doubled hyphens are refused by ElastiCache.
STAGE: Final = re.compile(r"(?=.{1,18}\Z)[a-z][a-z0-9]*(-[a-z0-9]+)*")

_CONNECT_TIMEOUT: Final = 3.0
_READ_TIMEOUT: Final = 30.0
_ATTEMPTS: Final = 4
_HURRIED_TIMEOUT: Final = 8.0
_HURRIED_ATTEMPTS: Final = 2

_NOT_ALLOWED: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "MissingAuthenticationToken",
        "OptInRequired",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnauthorizedOperation",
        "UnrecognizedClientException",
    }
)
_TOO_OFTEN: Final = frozenset(
    {"RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException"}
)
_LOCAL_HINT: Final = "run: quizkit local start"
_AWS_HINT: Final = "check the region and the network, then try again"
_SIGN_IN_HINT: Final = (
    "sign in (aws sso login, or aws configure), or name a profile with --profile; "
    "without AWS credentials sign in as a host: quizkit login"
)


@dataclass(frozen=True, slots=True)
class Target:
    """One stage on one platform.

    Attributes:
        name: `local` or `aws`.
        stage: such as `dev`; part of every resource's name.
        region: AWS region; on the local target a formality.
        endpoint_url: of the local gateway; None on AWS, and while no local platform runs.
        profile: AWS profile, or None for the default credential chain.
        access_key, secret_key: of the local platform; None on AWS.
        read_timeout, attempts: of clients that are asked for without their own.
    """

    name: TargetName
    stage: str = DEFAULT_STAGE
    region: str = LOCAL_REGION
    endpoint_url: str | None = None
    profile: str | None = None
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    read_timeout: float = field(default=_READ_TIMEOUT, repr=False)
    attempts: int = field(default=_ATTEMPTS, repr=False)

    def __post_init__(self) -> None:
        """Refuse a stage that cannot be part of resource names."""
        check_stage(self.stage)

    def hurried(self) -> Target:
        """The same target for somebody who looks rather than works: it gives up soon."""
        return replace(self, read_timeout=_HURRIED_TIMEOUT, attempts=_HURRIED_ATTEMPTS)

    @property
    def is_local(self) -> bool:
        """Whether this is the local platform."""
        return self.name == "local"

    @property
    def stack_name(self) -> str:
        """Name of the stage's CloudFormation stack."""
        return f"quizkit-{self.stage}"

    def __str__(self) -> str:
        """The target for people, such as `aws (eu-central-1), stage dev`."""
        place = self.endpoint_url or "not running" if self.is_local else self.region
        return f"{self.name} ({place}), stage {self.stage}"

    @overload
    def client(
        self, service: Literal["cloudformation"], *, read_timeout: float = ..., attempts: int = ...
    ) -> CloudFormationClient: ...
    @overload
    def client(
        self, service: Literal["cloudwatch"], *, read_timeout: float = ..., attempts: int = ...
    ) -> CloudWatchClient: ...
    @overload
    def client(
        self, service: Literal["cognito-idp"], *, read_timeout: float = ..., attempts: int = ...
    ) -> CognitoIdentityProviderClient: ...
    @overload
    def client(
        self, service: Literal["lambda"], *, read_timeout: float = ..., attempts: int = ...
    ) -> LambdaClient: ...
    @overload
    def client(
        self, service: Literal["logs"], *, read_timeout: float = ..., attempts: int = ...
    ) -> CloudWatchLogsClient: ...
    @overload
    def client(
        self, service: Literal["s3"], *, read_timeout: float = ..., attempts: int = ...
    ) -> S3Client: ...
    @overload
    def client(
        self, service: Literal["sns"], *, read_timeout: float = ..., attempts: int = ...
    ) -> SNSClient: ...
    @overload
    def client(
        self, service: Literal["sts"], *, read_timeout: float = ..., attempts: int = ...
    ) -> STSClient: ...
    @overload
    def client(self, service: str, *, read_timeout: float = ..., attempts: int = ...) -> Any: ...
    def client(
        self, service: str, *, read_timeout: float | None = None, attempts: int | None = None
    ) -> Any:
        """The boto3 client of a service.

        Args:
            service: boto3's name of it, such as `cloudformation`.
            read_timeout: seconds to wait for each answer; the target's own where None.
            attempts: tries in all; 1 for calls that must not be repeated. As `read_timeout`.

        Raises:
            Unreachable: the target is local and no local platform runs.
            CredentialsError: there is no such profile.
        """
        with self.errors():
            return _client(
                self,
                service,
                self.read_timeout if read_timeout is None else read_timeout,
                self.attempts if attempts is None else attempts,
            )

    def aws_command(self, rest: str) -> str:
        """A command of AWS's own tool that works in this place, for people to type."""
        profile = f" --profile {self.profile}" if self.profile else ""
        return f"aws {rest} --region {self.region}{profile}"

    def account(self) -> str:
        """The account's id, twelve digits.

        Raises:
            CredentialsError, Unreachable: as for any call.
        """
        with self.errors():
            return self.client("sts").get_caller_identity()["Account"]

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Within this block, vendor exceptions become errors of `quizkit.sdk.errors`."""
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (BotoCoreError, ClientError, Boto3Error) as exc:
            raise translate(exc, self) from exc


def check_stage(stage: str) -> None:
    """Refuse a name that cannot be part of resources' names.

    Raises:
        Misuse: with what a stage may be called.
    """
    if not STAGE.fullmatch(stage):
        raise Misuse(
            f"“{stage}” cannot be a stage.",
            hint="use up to 18 lower-case letters, digits and single hyphens, beginning "
            "with a letter",
        )


def translate(exc: Exception, target: Target) -> QuizkitError:
    """The error of ours that says what a boto3 exception means on this target."""
    from botocore import exceptions as vendor

    if isinstance(exc, vendor.ClientError):
        return _client_error(exc.response.get("Error", {}), exc.operation_name, target)
    no_credentials = (
        vendor.NoCredentialsError,
        vendor.PartialCredentialsError,
        vendor.CredentialRetrievalError,
        vendor.ProfileNotFound,
        vendor.SSOError,
        vendor.TokenRetrievalError,
        vendor.NoAuthTokenError,
    )
    if isinstance(exc, no_credentials):
        return CredentialsError(f"AWS credentials: {exc}", hint=_SIGN_IN_HINT)
    if isinstance(exc, vendor.HTTPClientError | vendor.ConnectionError):
        return unreachable(target, str(exc))
    if isinstance(exc, vendor.NoRegionError):
        return Misuse("No AWS region is named.", hint="add --region, such as --region eu-central-1")
    return QuizkitError(f"{type(exc).__name__}: {exc}")


def _client_error(error: Mapping[str, Any], operation: str, target: Target) -> QuizkitError:
    code = str(error.get("Code", ""))
    message = str(error.get("Message", "")) or code
    if code in _NOT_ALLOWED:
        hint = None if target.is_local else _SIGN_IN_HINT
        return CredentialsError(f"{operation} was refused: {message}", hint=hint)
    if code in _TOO_OFTEN:
        told = f"{operation} is asked for more often than AWS answers: {message}"
        return Unreachable(told, hint="wait a moment, then try again")
    if code in ("ServiceUnavailable", "InternalFailure", "InternalError", "503", "502"):
        return unreachable(target, f"{operation}: {message}")
    return QuizkitError(f"{operation} failed: {message} ({code})")


def unreachable(target: Target, reason: str | None = None) -> Unreachable:
    """The error for a target that does not answer."""
    if not target.is_local:
        return Unreachable(f"AWS does not answer: {reason}", hint=_AWS_HINT)
    if target.endpoint_url is None:
        return Unreachable("The local platform is not running.", hint=_LOCAL_HINT)
    why = f" ({reason})" if reason else ""
    return Unreachable(
        f"The local platform at {target.endpoint_url} does not answer{why}.", hint=_LOCAL_HINT
    )


@cache
def _session(target: Target) -> Session:
    """A boto3 session; the local one sees none of the machine's AWS configuration."""
    import boto3

    if not target.is_local:
        return boto3.Session(profile_name=target.profile, region_name=target.region)
    return blank_session(
        target.region,
        aws_access_key_id=target.access_key or "test",
        aws_secret_access_key=target.secret_key or "test",
    )


def blank_session(region: str, **keys: str) -> Session:
    """A boto3 session that sees none of the machine's AWS profiles and credentials.

    With the machine's own an AWS_PROFILE that does not exist, or a config file that cannot
    be parsed, would break commands that have nothing to do with it.
    """
    import boto3
    import botocore.session

    nothing: dict[str, Any] = {
        "profile": (None, None, None, None),
        "config_file": (None, None, "", None),
        "credentials_file": (None, None, "", None),
    }
    session = botocore.session.Session(session_vars=nothing)
    return boto3.Session(region_name=region, botocore_session=session, **keys)


@cache
def _client(target: Target, service: str, read_timeout: float, attempts: int) -> Any:
    from botocore.config import Config

    if target.is_local and target.endpoint_url is None:
        raise unreachable(target)
    config = Config(
        connect_timeout=_CONNECT_TIMEOUT,
        read_timeout=read_timeout,
        retries={"total_max_attempts": attempts, "mode": "standard"},
        user_agent_extra="quizkit",
        s3={"addressing_style": "path"} if target.is_local else None,
    )
    create = cast("Callable[..., Any]", _session(target).client)
    # The local gateway speaks plain HTTP; not verifying spares it the machine's CA settings.
    verify = False if target.is_local else None
    return create(service, endpoint_url=target.endpoint_url, verify=verify, config=config)
