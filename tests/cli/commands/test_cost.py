"""`quizkit cost`, which asks nobody anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quizkit.cli.main import main
from quizkit.core.costs import game, plan, total


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def document(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, object]:
    """What the command prints for programs."""
    assert main(["--json", *argv]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_a_game_is_what_the_model_says(capsys: pytest.CaptureFixture[str]) -> None:
    """Its size comes back, and its parts add up to the model's total."""
    size = ("--players", "200", "--questions", "12", "--minutes", "15")
    played = document(capsys, "cost", *size)["game"]
    assert isinstance(played, dict)
    assert (played["players"], played["questions"], played["minutes"]) == (200, 12, 15)
    assert played["dollars"] == pytest.approx(total(game(plan(200, 12, 15))), abs=1e-6)
    for part in played["parts"]:
        assert part["units"] * part["unit_dollars"] == pytest.approx(part["dollars"], abs=1e-5)


def test_the_idle_month_is_the_stages(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A stage without a cache pays for none, a protected one for two nodes."""
    (tmp_path / "quizkit.toml").write_text(
        "[stages.lean]\ncache = false\n[stages.prod]\nprotected = true\n", "utf-8"
    )
    nodes = {}
    for stage in ("dev", "lean", "prod"):
        month = document(capsys, "cost", "--stage", stage)["idle_month"]
        assert isinstance(month, dict)
        units = {part["name"]: part["units"] for part in month["parts"]}
        nodes[stage] = units.get("cache_node_hours", 0) / 730
    assert nodes == {"dev": 1, "lean": 0, "prod": 2}


def test_people_read_both_bills(capsys: pytest.CaptureFixture[str]) -> None:
    """With the day of the prices, and what is not billed."""
    assert main(["cost", "--players", "1"]) == 0
    shown, told = capsys.readouterr()
    assert told == "target: local · stage dev\n"
    assert "nothing is billed" in shown
    assert main(["--target", "aws", "cost", "--players", "2500", "--minutes", "1"]) == 0
    elsewhere, told = capsys.readouterr()
    assert told == "target: aws · stage dev\n"
    assert "nothing is billed" not in elsewhere
    assert "2,500 players, 10 questions, 1 minute, at most" in elsewhere
    assert "A game on AWS: 1 player, 10 questions, 10 minutes, at most" in shown
    assert "A month of stage dev in which nobody plays" in shown
    assert shown.count("together") == 2
    for words in ("1 a million", "0.09 a billion", "0.0128 each", "us-east-1", "no NAT gateway"):
        assert words in shown


@pytest.mark.parametrize(
    "argv",
    [
        ("--players", "0"),
        ("--players", "-1"),
        ("--players", "many"),
        ("--questions", "1000000"),
        ("--minutes", "121"),
        ("--minutes", "nan"),
        ("--target", "moon"),
        ("--stage", "Not_A_Stage"),
    ],
)
def test_games_that_cannot_be(capsys: pytest.CaptureFixture[str], argv: tuple[str, str]) -> None:
    """Are wrong usage."""
    assert main(["--json", "cost", *argv]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "usage"


@pytest.mark.parametrize("name", ["cache", "protected"])
def test_settings_that_are_no_flags(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    """Are told, since they would be taken for the opposite."""
    (tmp_path / "quizkit.toml").write_text(f'[stages.dev]\n{name} = "none"\n', "utf-8")
    assert main(["--json", "cost"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert name in error["message"]
    assert "quizkit.toml" in error["hint"]
