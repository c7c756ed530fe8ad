"""Which target is meant, and how its failures are told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from quizkit.sdk.errors import (
    CredentialsError,
    InvalidInput,
    Misuse,
    QuizkitError,
    Unreachable,
)
from quizkit.sdk.target import Project, Target, choose, load_project, translate


def never() -> str | None:
    """A local platform that must not be asked for."""
    raise AssertionError("the local platform was asked for")


def running() -> str | None:
    """A local platform that runs."""
    return "http://127.0.0.1:4566"


def test_local_is_the_default() -> None:
    """Nothing named anywhere means the local target, whatever AWS variables lie around."""
    chosen = choose(
        environ={"AWS_PROFILE": "p", "AWS_ACCESS_KEY_ID": "x", "AWS_REGION": "eu-west-1"},
        project=Project(),
        local_endpoint=running,
    )
    assert chosen.is_local
    assert (chosen.stage, chosen.endpoint_url) == ("dev", "http://127.0.0.1:4566")
    assert chosen.region == "us-east-1"


@pytest.mark.parametrize(
    ("flag", "variable", "file", "expected"),
    [
        ("aws", "local", "local", "aws"),
        ("local", "aws", "aws", "local"),
        (None, "aws", "local", "aws"),
        (None, "local", "aws", "local"),
        (None, None, "aws", "aws"),
        (None, "", None, "local"),
    ],
)
def test_flag_then_variable_then_file(
    flag: str | None, variable: str | None, file: str | None, expected: str
) -> None:
    """The flag wins over the variable, and that over the file."""
    environ = {"AWS_REGION": "eu-west-1"}
    if variable is not None:
        environ["QUIZKIT_TARGET"] = variable
    chosen = choose(
        target=flag, environ=environ, project=Project(target=file), local_endpoint=running
    )
    assert chosen.name == expected


def test_aws_takes_stage_profile_and_region_from_the_nearest_place() -> None:
    """Flags win over the environment, and that over the project file."""
    project = Project(target="aws", stage="prod", region="eu-north-1", profile="quiz")
    chosen = choose(environ={}, project=project, local_endpoint=never)
    assert chosen == Target("aws", "prod", "eu-north-1", profile="quiz")
    chosen = choose(
        stage="test",
        profile="other",
        environ={"AWS_DEFAULT_REGION": "eu-west-1"},
        project=project,
        local_endpoint=never,
    )
    assert chosen == Target("aws", "test", "eu-west-1", profile="other")
    chosen = choose(
        region="us-west-2",
        environ={"AWS_REGION": "eu-west-1"},
        project=project,
        local_endpoint=never,
    )
    assert chosen.region == "us-west-2"


def test_the_region_may_come_from_the_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A profile's own region counts where no other is named."""
    config = tmp_path / "config"
    config.write_text("[profile quiz]\nregion = ap-south-1\n", "utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    chosen = choose(
        target="aws", profile="quiz", environ={}, project=Project(), local_endpoint=never
    )
    assert chosen.region == "ap-south-1"


def test_aws_without_a_region_is_a_misuse() -> None:
    """No region anywhere is told with the flag that mends it."""
    with pytest.raises(Misuse) as refused:
        choose(target="aws", environ={}, project=Project(), local_endpoint=never)
    assert "--region" in (refused.value.hint or "")


def test_an_unknown_profile_is_a_matter_of_credentials() -> None:
    """A profile that does not exist is told as such."""
    with pytest.raises(CredentialsError, match="nobody"):
        choose(target="aws", profile="nobody", environ={}, project=Project(), local_endpoint=never)


def test_an_unknown_target_is_a_misuse() -> None:
    """Only local and aws are targets; a wrong name never falls back to either."""
    with pytest.raises(Misuse, match="azure"):
        choose(target="azure", environ={}, project=Project(), local_endpoint=never)


@pytest.mark.parametrize("stage", ["", "A", "-a", "a-", "a--b", "1a", "a_b", "a" * 19, "a\n"])
def test_a_stage_has_to_fit_into_names(stage: str) -> None:
    """What cannot be part of a bucket's or cluster's name is refused before anything is done."""
    with pytest.raises(Misuse):
        Target("local", stage)


@pytest.mark.parametrize("stage", ["a", "dev", "team-2", "a" * 18])
def test_ordinary_stages_are_taken(stage: str) -> None:
    """The stage becomes part of the stack's name."""
    assert Target("local", stage).stack_name == f"quizkit-{stage}"


def test_the_nearest_project_file_counts(tmp_path: Path) -> None:
    """A quizkit.toml is looked for upwards, and the first one found is the one."""
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "quizkit.toml").write_text('target = "aws"\n', "utf-8")
    (tmp_path / "a" / "quizkit.toml").write_text(
        'stage = "prod"\n[stages.prod]\nprotected = true\n', "utf-8"
    )
    project = load_project(inner)
    assert project.path == tmp_path / "a" / "quizkit.toml"
    assert (project.target, project.stage) == (None, "prod")
    assert project.settings("prod") == {"protected": True}
    assert project.settings("dev") == {}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("target = ", "TOML"),
        ("stag = 'x'", "stag"),
        ("stage = 3", "must be text"),
        ("stages = 3", "tables"),
        ("[stages]\nprod = 1", "tables"),
    ],
)
def test_a_wrong_project_file_is_told(tmp_path: Path, text: str, complaint: str) -> None:
    """Typos in quizkit.toml are errors, not silently another target."""
    (tmp_path / "quizkit.toml").write_text(text, "utf-8")
    with pytest.raises(InvalidInput, match=complaint) as refused:
        load_project(tmp_path)
    assert refused.value.problems


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
    assert type(translate(refused("ValidationError"), aws)) is QuizkitError
    assert "DoIt failed: m" in translate(refused("ValidationError"), aws).message
    unreachable = vendor.EndpointConnectionError(endpoint_url="u")
    assert isinstance(translate(unreachable, aws), Unreachable)
    assert isinstance(translate(vendor.NoRegionError(), aws), Misuse)
    assert type(translate(vendor.DataNotFoundError(data_path="p"), aws)) is QuizkitError


def test_choosing_a_local_target_loads_no_boto3() -> None:
    """Importing this module and choosing local costs nobody a second of boto3."""
    program = (
        "import sys; from quizkit.sdk.target import *; "
        "choose(environ={}, project=Project(), local_endpoint=lambda: None); "
        "sys.exit('boto3' in sys.modules or 'botocore' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
