"""A target: its names, its clients, and how its failures are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from quizkit.sdk.errors import CredentialsError, Misuse, QuizkitError, Unreachable
from quizkit.sdk.target import Target, translate


@pytest.mark.parametrize("stage", ["", "A", "-a", "a-", "a--b", "1a", "a_b", "a" * 19, "a\n"])
def test_a_stage_has_to_fit_into_names(stage: str) -> None:
    """What cannot be part of a bucket's or cluster's name is refused before anything is done."""
    with pytest.raises(Misuse):
        Target("local", stage)


@pytest.mark.parametrize("stage", ["a", "dev", "team-2", "a" * 18])
def test_ordinary_stages_are_taken(stage: str) -> None:
    """The stage becomes part of the stack's name."""
    assert Target("local", stage).stack_name == f"quizkit-{stage}"


def test_a_target_reads_well() -> None:
    """What is printed first in every command names platform, place and stage."""
    assert str(Target("aws", "prod", "eu-west-1")) == "aws (eu-west-1), stage prod"
    assert str(Target("local")) == "local (not running), stage dev"
    assert "hidden" not in repr(Target("local", secret_key="hidden"))


def test_no_local_platform_is_unreachable() -> None:
    """Without a running platform the hint is the command that starts it."""
    with pytest.raises(Unreachable) as refused:
        Target("local").client("s3")
    assert refused.value.hint == "run: quizkit local start"


def test_a_local_platform_that_is_gone_is_unreachable(free_port: Callable[[], int]) -> None:
    """A refused connection is told the same way, with the address."""
    target = Target("local", endpoint_url=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1") as refused:
        target.account()
    assert refused.value.hint == "run: quizkit local start"


def test_the_local_target_ignores_aws_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Broken AWS settings and foreign credentials of the machine do not touch the local target."""
    broken = tmp_path / "config"
    broken.write_text("this is not a config file", "utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(broken))
    monkeypatch.setenv("AWS_PROFILE", "of-somebody-else")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "REAL")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "absent.pem"))
    client = Target("local", endpoint_url="http://127.0.0.1:9", access_key="k").client("s3")
    url = client.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "o"})
    assert url.startswith("http://127.0.0.1:9/b/o?")
    assert "AWSAccessKeyId=k" in url or "X-Amz-Credential=k%2F" in url


def test_aws_without_credentials_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """No credentials at all is an error of its own, and nothing is sent."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", raising=False)
    with pytest.raises(CredentialsError) as refused:
        Target("aws", region="eu-west-1").account()
    assert "sign in" in (refused.value.hint or "")


def test_vendor_exceptions_have_their_meanings() -> None:
    """Each kind of boto3 exception becomes the class that decides the right exit code."""
    from botocore import exceptions as vendor

    aws = Target("aws", region="eu-west-1")

    def refused(code: str) -> vendor.ClientError:
        return vendor.ClientError({"Error": {"Code": code, "Message": "m"}}, "DoIt")

    assert isinstance(translate(refused("ExpiredToken"), aws), CredentialsError)
    assert isinstance(translate(refused("AccessDenied"), aws), CredentialsError)
    assert isinstance(translate(refused("ServiceUnavailable"), aws), Unreachable)
    assert isinstance(translate(refused("ThrottlingException"), aws), Unreachable)
    assert type(translate(refused("ValidationError"), aws)) is QuizkitError
    assert "DoIt failed: m" in translate(refused("ValidationError"), aws).message
    unreachable = vendor.EndpointConnectionError(endpoint_url="u")
    assert isinstance(translate(unreachable, aws), Unreachable)
    assert isinstance(translate(vendor.NoRegionError(), aws), Misuse)
    assert type(translate(vendor.DataNotFoundError(data_path="p"), aws)) is QuizkitError


def test_a_hurried_target_is_the_same_place() -> None:
    """Whoever only looks gives up sooner, on the same stage; clients may still have their own."""

    def patience(target: Target, **own: Any) -> tuple[float, int]:
        config: Any = target.client("sns", **own).meta.config
        return config.read_timeout, config.retries["total_max_attempts"]

    target = Target("local", "prod", endpoint_url="http://127.0.0.1:9")
    hurried = target.hurried()
    assert (hurried.stack_name, str(hurried)) == (target.stack_name, str(target))
    assert patience(hurried) < patience(target)
    assert patience(hurried, read_timeout=1.5, attempts=1) == (1.5, 1)


def test_commands_of_aws_name_the_place() -> None:
    """What people are told to type works on the same account and region."""
    target = Target("aws", "prod", "eu-west-1", profile="quiz")
    assert target.aws_command("sts x") == "aws sts x --region eu-west-1 --profile quiz"
    assert Target("aws", region="a").aws_command("y") == "aws y --region a"
