"""What commands get, and what it costs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from quizkit.cli.context import Cli, Flags
from quizkit.cli.render import Output
from quizkit.sdk.errors import Misuse


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
