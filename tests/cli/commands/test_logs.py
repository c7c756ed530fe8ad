"""`quizkit logs`: what is shown, what is left out, and how following goes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest
import typer

from quizkit.cli.commands.logs import _followed, _milliseconds, logs
from quizkit.cli.context import Cli, Flags
from quizkit.cli.render import Output
from quizkit.sdk.errors import CredentialsError, Misuse, NotFound, Unreachable
from quizkit.sdk.log_lines import LogLine
from quizkit.sdk.logs import LogReader
from tests.sdk.fake_logs import FakeLogs, fake_logs

METRICS = {"_aws": {"CloudWatchMetrics": [{"Metrics": [{"Name": "Rate"}]}]}, "Rate": 1}


@pytest.fixture
def fake() -> Iterator[FakeLogs]:
    """A stage whose functions have said four things just now, and one an hour ago."""
    now = int(time.time() * 1_000)
    with fake_logs() as fake:
        fake.write("join", now - 3_600_000, "long ago")
        fake.write("answer", now - 4_000, json.dumps({"level": "warning", "message": "careful"}))
        fake.write("answer", now - 3_000, json.dumps(METRICS))
        fake.write("join", now - 2_000, json.dumps({"level": "error", "message": "no luck"}))
        fake.write("join", now - 1_000, "END RequestId: r-1")
        yield fake


def context(cli: Cli) -> typer.Context:
    """A run as Typer hands it on."""
    return cast(typer.Context, SimpleNamespace(obj=cli))


def run(
    fake: FakeLogs,
    out: Output,
    *functions: str,
    since: str = "10m",
    follow: bool = False,
    grep: str | None = None,
    errors: bool = False,
) -> None:
    """Run the command once."""
    cli = Cli(out)
    cli.__dict__["target"] = fake.target
    logs(context(cli), list(functions), follow, since, grep, errors)


def test_lines_of_all_functions_are_shown(
    fake: FakeLogs, capsys: pytest.CaptureFixture[str]
) -> None:
    """Oldest first, without the routine ones, of which it is said how many there were."""
    run(fake, Output())
    stdout, stderr = capsys.readouterr()
    assert [line.split(maxsplit=2)[2] for line in stdout.splitlines()] == [
        "answer warning  careful",
        "join   error    no luck",
    ]
    assert stderr == "2 lines of metrics and invocations hidden; -v shows them\n"


def test_programs_get_an_object_a_line(fake: FakeLogs, capsys: pytest.CaptureFixture[str]) -> None:
    """With -v all of them; nothing else is on stdout."""
    run(fake, Output(as_json=True, verbose=1), since="2h")
    stdout, stderr = capsys.readouterr()
    documents = [json.loads(line) for line in stdout.splitlines()]
    assert [(each["function"], each["kind"], each["message"]) for each in documents] == [
        ("join", "application", "long ago"),
        ("answer", "application", "careful"),
        ("answer", "metrics", "Rate 1"),
        ("join", "application", "no luck"),
        ("join", "platform", "END RequestId: r-1"),
    ]
    assert stderr == ""


@pytest.mark.parametrize(
    ("functions", "errors", "grep", "shown"),
    [
        (("answer",), False, None, "careful"),
        ((), True, None, "no luck"),
        ((), False, "NO LUCK", "no luck"),
        ((), False, "careful", "careful"),
    ],
)
def test_some_lines_only(
    fake: FakeLogs,
    capsys: pytest.CaptureFixture[str],
    functions: tuple[str, ...],
    errors: bool,
    grep: str | None,
    shown: str,
) -> None:
    """Those of a function, errors, those with a text."""
    run(fake, Output(as_json=True, quiet=True), *functions, errors=errors, grep=grep)
    stdout, stderr = capsys.readouterr()
    assert json.loads(stdout)["message"] == shown
    assert stderr == ""


def test_nothing_to_show_is_said(fake: FakeLogs, capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, with how far back it looked; what is left out by choice is not counted."""
    run(fake, Output(), grep="no such text", since="5m")
    assert capsys.readouterr() == ("", "no lines in the last 5m\n")


def test_a_wrong_name(fake: FakeLogs) -> None:
    """Names the right ones."""
    with pytest.raises(NotFound) as caught:
        run(fake, Output(), "answr")
    assert caught.value.hint == "functions are: answer, join"


def test_no_host_reads_logs() -> None:
    """Asked to act as a host, it is refused before anything is looked up."""
    cli = Cli(Output(), Flags(acting="host"))
    with pytest.raises(CredentialsError) as caught:
        logs(context(cli))
    assert caught.value.code == "forbidden"


def test_periods() -> None:
    """A number and a unit."""
    found = [_milliseconds(text) for text in ("90s", "10m", "2h", "3d", "0s")]
    assert found == [90_000, 600_000, 7_200_000, 259_200_000, 0]
    for text in ("", "10", "m", "-1m", "1w", "10 m", "1m ", "9999999d"):
        with pytest.raises(Misuse, match="period"):
            _milliseconds(text)


# --- following -------------------------------------------------------------------------------


class FakeReader:
    """Gives the lines of a story, a look at a time; an error ends a look where it stands."""

    def __init__(self, *looks: list[str | Exception]) -> None:
        self._looks = iter(looks)

    def read(self) -> Iterator[LogLine]:
        """The next look; after the last one Ctrl-C is pressed."""
        for said in next(self._looks, [KeyboardInterrupt()]):
            if isinstance(said, BaseException):
                raise said
            yield LogLine(0, "join", "info", said)


def followed(*looks: list[str | Exception]) -> list[str]:
    """What following shows, until Ctrl-C."""
    reader = cast("LogReader", FakeReader(*looks))
    got: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        got.extend(line.message for line in _followed(Cli(Output()), reader, every=0))
    return got


def test_following_says_how_it_ends(fake: FakeLogs, capsys: pytest.CaptureFixture[str]) -> None:
    """And what it leaves out; lines are shown as they come, until something goes wrong."""
    for verbose, told in ((0, "Ctrl-C ends it, -v shows metrics, too"), (1, "Ctrl-C ends it")):
        fake.refusals = [None, None, None, "AccessDeniedException"]
        with pytest.raises(CredentialsError):
            run(fake, Output(verbose=verbose), follow=True)
        stdout, stderr = capsys.readouterr()
        assert stderr == f"following 2 functions; {told}\n"
        assert "careful" in stdout


def test_following_goes_on_until_interrupted() -> None:
    """Look after look, also where there is nothing."""
    assert followed(["a"], [], [], ["b", "c"]) == ["a", "b", "c"]


def test_a_short_silence_is_sat_out(capsys: pytest.CaptureFixture[str]) -> None:
    """It is told once a silence, and following goes on."""
    gone = Unreachable("gone")
    assert followed(["a", gone], [gone], ["b"], [], [gone], ["c"]) == ["a", "b", "c"]
    assert capsys.readouterr().err == "no answer; trying again …\n" * 2


def test_a_long_silence_and_other_errors_end_it() -> None:
    """A platform that stays away, and a log that is gone, are errors."""
    looks: list[list[str | Exception]] = [[Unreachable("gone")]] * 40
    silent = cast("LogReader", FakeReader(*looks))
    with pytest.raises(Unreachable):
        list(_followed(Cli(Output()), silent, every=0))
    absent = cast("LogReader", FakeReader([NotFound("gone")]))
    with pytest.raises(NotFound):
        list(_followed(Cli(Output()), absent, every=0))
