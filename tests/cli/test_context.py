"""What commands get, and what it costs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from quizkit.cli.context import Cli, Flags
from quizkit.cli.render import Output
from quizkit.sdk.errors import InvalidInput, Misuse


def test_the_target_is_announced_once(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said on stderr where a command is about to work."""
    monkeypatch.chdir(tmp_path)
    cli = Cli(Output(), Flags(stage="prod"))
    assert cli.target.stage == "prod"
    assert cli.target.is_local
    assert capsys.readouterr().err == "target: local · stage prod\n"


def test_the_region_is_announced_on_aws(capsys: pytest.CaptureFixture[str]) -> None:
    """On AWS the region is part of where."""
    cli = Cli(Output(), Flags(target="aws", region="eu-central-1"))
    assert cli.target.region == "eu-central-1"
    assert capsys.readouterr().err == "target: aws · eu-central-1 · stage dev\n"


def test_nothing_is_announced_to_programs(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json neither stdout nor stderr is troubled with it."""
    cli = Cli(Output(as_json=True))
    assert cli.target.is_local
    assert capsys.readouterr() == ("", "")


def test_a_local_command_refuses_another_target() -> None:
    """Asked for on the command line, aws is wrong; from the environment it is passed over."""
    with pytest.raises(Misuse, match="local platform"):
        Cli(Output(), Flags(target="aws")).settle_on_local()


def test_a_local_command_passes_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """QUIZKIT_TARGET does not make a demonstration run on AWS."""
    monkeypatch.setenv("QUIZKIT_TARGET", "aws")
    cli = Cli(Output(quiet=True))
    assert cli.settle_on_local().is_local
    assert cli.target.is_local


def test_told_commands_work_on_the_same_target() -> None:
    """What people are told to type repeats the flags that say where."""
    cli = Cli(Output(), Flags(target="aws", stage="prod"))
    assert cli.command("play 1") == "quizkit --target aws --stage prod play 1"
    assert Cli(Output()).command("play 1") == "quizkit play 1"


def test_a_wrong_project_file_can_be_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wants to tell of it goes on as without one; nobody else does."""
    monkeypatch.chdir(tmp_path)
    assert Cli(Output()).pass_over_project() is None
    (tmp_path / "quizkit.toml").write_text("stag = 1")
    with pytest.raises(InvalidInput):
        _ = Cli(Output()).target
    cli = Cli(Output())
    wrong = cli.pass_over_project()
    assert wrong is not None
    assert "stag" in wrong.message
    assert cli.target.stage == "dev"


def test_a_platform_that_is_known_already_is_not_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The target leads to it, and from then on is the run's."""
    cli = Cli(Output(), Flags(stage="prod"))
    target = cli.settle_on("http://127.0.0.1:9")
    assert (target.endpoint_url, target.stage) == ("http://127.0.0.1:9", "prod")
    assert cli.target is target
    assert capsys.readouterr().err == ""


def test_a_place_is_announced_as_far_as_it_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a region, too; and not to programs."""
    Cli(Output()).announce_place("aws", "prod")
    Cli(Output(as_json=True)).announce_place("aws", "prod")
    assert capsys.readouterr() == ("", "target: aws · stage prod\n")
