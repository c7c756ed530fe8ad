"""How findings are told, and how the command ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import pytest

from quizkit.cli.commands import doctor
from quizkit.cli.main import main
from quizkit.cli.render import Output
from quizkit.sdk.checks import Check

ROOT = Path(__file__).parent.parent.parent.parent
WELL = Check.ok("python", "Python 3.12.1")
WARNED = Check.warning("platform", "it does not run", "run: quizkit local start")
FAILED = Check.failed("node", "gone", None)


def told(
    capsys: pytest.CaptureFixture[str], found: Sequence[Check], *, quiet: bool = False
) -> list[str]:
    """The lines that people read."""
    assert list(doctor._told(Output(quiet=quiet), found)) == list(found)
    return capsys.readouterr().out.splitlines()


def test_a_line_a_check_and_one_for_the_fix(capsys: pytest.CaptureFixture[str]) -> None:
    """Status, name and message, and what to do below it, in columns."""
    assert told(capsys, [WELL, WARNED, FAILED]) == [
        "ok       python        Python 3.12.1",
        "warning  platform      it does not run",
        "                       run: quizkit local start",
        "failed   node          gone",
    ]


def test_what_is_skipped_for_one_reason_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Four checks that rest on the same thing are one line, also at the end."""
    away = [Check.skipped(name, "it does not run") for name in ("gateway", "redis")]
    other = [Check.skipped("stack", "no permission", "allow x")]
    assert told(capsys, [*away, *other, WELL, *away]) == [
        "skipped  gateway, redis  it does not run",
        "skipped  stack         no permission",
        "                       allow x",
        "ok       python        Python 3.12.1",
        "skipped  gateway, redis  it does not run",
    ]


def test_quiet_tells_what_is_not_well(capsys: pytest.CaptureFixture[str]) -> None:
    """With -q a line is something to do."""
    lines = told(capsys, [WELL, WARNED, Check.skipped("x", "y"), FAILED], quiet=True)
    assert [line.split()[0] for line in lines] == ["warning", "run:", "failed"]


def test_texts_from_elsewhere_move_no_cursor() -> None:
    """A reason may hold anything."""
    line = doctor.lines([Check.failed("stack", "bad \x1b[2J", "do \x07")])
    assert "\x1b" not in "".join(line)
    assert "\x07" not in "".join(line)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([WELL], "everything is well"),
        ([WELL, WARNED], "1 warning"),
        ([WARNED, WARNED], "2 warnings"),
        ([FAILED], "1 failed"),
        ([FAILED, FAILED, WARNED], "2 failed, 1 warning"),
    ],
)
def test_the_last_line_sums_up(found: list[Check], said: str) -> None:
    """Failures first, and nothing about what there is none of."""
    assert doctor.summary(found) == said


def test_a_fresh_machine(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing runs yet, which is a warning: the document says so, and the exit code is 0."""
    monkeypatch.chdir(tmp_path)
    assert main(["--json", "doctor"]) == 0
    stdout, stderr = capsys.readouterr()
    document = json.loads(stdout)
    assert stderr == ""
    assert (document["healthy"], document["target"], document["stage"]) == (True, "local", "dev")
    assert {tuple(check) for check in document["checks"]} == {("name", "status", "message", "fix")}
    assert "platform" in {each["name"] for each in document["checks"] if each["fix"]}


def test_a_failure_ends_with_1(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People read where this looked, what failed, and how to mend it."""
    monkeypatch.chdir(tmp_path)
    assert main(["--target", "aws", "doctor"]) == 1
    stdout, stderr = capsys.readouterr()
    assert stderr == "target: aws · stage dev\n"
    assert "failed   region        No AWS region is named.\n" in stdout
    assert stdout.splitlines()[-1].startswith("1 failed")


def test_it_works_without_any_extra(tmp_path: Path) -> None:
    """Where none is installed, people are told all that is missing at once."""
    gone = ("aws_cdk", "constructs", "jsii", "ministack", "psutil", "redis", "keyring")
    base = tmp_path / "site-packages"
    base.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith(gone):
            (base / entry.name).symlink_to(entry)
    done = subprocess.run(
        [sys.executable, "-S", "-m", "quizkit.cli", "--json", "doctor"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(base)]),
            "QUIZKIT_HOME": str(tmp_path / "home"),
            "PATH": "/nowhere",
        },
    )
    assert done.returncode == 1, done.stderr
    found = {each["name"]: each for each in json.loads(done.stdout)["checks"]}
    failed = {name for name, each in found.items() if each["status"] == "failed"}
    assert failed == {"deploy", "local", "redis_server"}
    assert "quizkit[deploy]" in found["deploy"]["fix"]
    assert "quizkit[local]" in found["local"]["fix"]
