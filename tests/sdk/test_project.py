"""Which target is meant, and what quizkit.toml says about it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from quizkit.sdk.errors import CredentialsError, InvalidInput, Misuse
from quizkit.sdk.project import Project, check_names, choose, load_project, named
from quizkit.sdk.target import Target


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


def test_a_stage_signed_in_to_names_its_region() -> None:
    """A host without any AWS settings needs no --region; whatever names one wins."""
    known = {"prod": "eu-north-1"}.get

    def chosen(stage: str, **named: str) -> str:
        return choose(
            target="aws",
            stage=stage,
            environ=named,
            project=Project(),
            local_endpoint=never,
            known_region=known,
        ).region

    assert chosen("prod") == "eu-north-1"
    assert chosen("prod", AWS_REGION="eu-west-1") == "eu-west-1"
    with pytest.raises(Misuse):
        chosen("dev")


def test_an_unknown_profile_is_a_matter_of_credentials() -> None:
    """A profile that does not exist is told as such."""
    with pytest.raises(CredentialsError, match="nobody"):
        choose(target="aws", profile="nobody", environ={}, project=Project(), local_endpoint=never)


def test_an_unknown_target_is_a_misuse() -> None:
    """Only local and aws are targets; a wrong name never falls back to either."""
    with pytest.raises(Misuse, match="azure"):
        choose(target="azure", environ={}, project=Project(), local_endpoint=never)


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


def test_choosing_a_local_target_loads_no_boto3() -> None:
    """Importing this module and choosing local costs nobody a second of boto3."""
    program = (
        "import sys; from quizkit.sdk.project import *; "
        "choose(environ={}, project=Project(), local_endpoint=lambda: None); "
        "sys.exit('boto3' in sys.modules or 'botocore' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_names_are_given_as_they_stand() -> None:
    """Also those that cannot be, for somebody who wants to tell of them."""
    project = Project(target="mars", stage="Not A Stage")
    found = named(target=None, stage=None, environ={}, project=project)
    assert found == ("mars", "Not A Stage")
    with pytest.raises(Misuse, match="mars"):
        check_names(*found)
    with pytest.raises(Misuse, match="Not A Stage"):
        check_names("aws", found[1])
    check_names("local", "dev")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="root can read every other file")
def test_a_project_file_that_cannot_be_read(tmp_path: Path) -> None:
    """It is an error of the file, with the system's reason."""
    (tmp_path / "quizkit.toml").symlink_to("/proc/self/mem")
    with pytest.raises(InvalidInput, match="cannot be read"):
        load_project(tmp_path)
