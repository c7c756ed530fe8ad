"""Where words go, and what does not go along with them."""

from __future__ import annotations

import json

import pytest

from quizkit.cli.exits import error_document
from quizkit.cli.render import Output, clean, moment, table


def test_people_read_results_on_stdout_and_notes_on_stderr(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without --json the text is the result and the document is not shown."""
    out = Output()
    out.note("on the way")
    out.result({"a": 1}, "done")
    assert capsys.readouterr() == ("done\n", "on the way\n")


def test_with_json_stdout_holds_the_document_only(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json text for people goes to stderr, all of it."""
    out = Output(as_json=True)
    out.note("on the way")
    out.say("for people")
    out.result({"title": "Österreich"}, "done")
    stdout, stderr = capsys.readouterr()
    assert json.loads(stdout) == {"title": "Österreich"}
    assert stderr == "on the way\nfor people\n"


def test_streams_are_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Each object of a stream is a line of its own; without --json there are none."""
    out = Output(as_json=True)
    out.line({"n": 1})
    out.line({"n": "two\nlines"})
    Output().line({"n": 3})
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["n"] for line in lines] == [1, "two\nlines"]


def test_quiet_leaves_results_and_errors(capsys: pytest.CaptureFixture[str]) -> None:
    """With -q nothing is said on the way."""
    out = Output(quiet=True)
    out.note("on the way")
    out.result({}, "done")
    out.failure(error_document("c", "wrong", "fix it"))
    assert capsys.readouterr() == ("done\n", "error: wrong\n  fix it\n")


def test_an_error_is_a_document_with_json(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json an error is on stdout, as one line."""
    Output(as_json=True).failure(error_document("c", "wrong", None))
    stdout, stderr = capsys.readouterr()
    assert json.loads(stdout) == {"error": {"code": "c", "message": "wrong", "hint": None}}
    assert stderr == ""


def test_markup_and_controls_of_others_do_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """A nickname can neither style nor move anything."""
    Output().say(clean("[red]Eve[/red] :boom:\x1b[2J\x9b"))
    assert capsys.readouterr().out == "[red]Eve[/red] :boom:�[2J�\n"


def test_no_colour_off_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Styles leave no trace off a terminal, whatever FORCE_COLOR says, and nothing moves."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    out = Output()
    out.say("plain", style="bold red")
    assert capsys.readouterr().out == "plain\n"
    assert not out.animated


def test_long_lines_are_not_broken_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever pipes a table gets each row on one line."""
    rows = table("name")
    rows.add_row("x" * 300)
    Output().say(rows, "y" * 900)
    assert "x" * 300 in capsys.readouterr().out.replace("y" * 900, "")


def test_a_lone_surrogate_does_not_stop_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    """Half a character in somebody's text is printed as a question mark."""
    Output(as_json=True).line({"text": "\ud800"})
    assert json.loads(capsys.readouterr().out) == {"text": "?"}


def test_moments_are_local_times() -> None:
    """Times are told to the second; none is told as nothing."""
    assert moment(None) == ""
    assert len(moment(1_700_000_000_000)) == len("2023-11-14 22:13:20")
