"""How lines of logs look."""

from __future__ import annotations

import json

import pytest

from quizkit.cli.render import moment
from quizkit.cli.views.logs import log_view
from quizkit.sdk.log_lines import LogLine, parse

AT = 1_800_000_000_042
WHEN = f"{moment(AT)}.042"


def test_a_line_is_time_function_level_and_words() -> None:
    """Columns line up; what else the line says comes behind, words bare and all else as JSON."""
    fields = {"quiz_id": "q1", "why": "no such thing", "n": 2, "empty": "", "deep": {"ä": [1]}}
    line = LogLine(AT, "join", "info", "refused", request_id="r-1", fields=fields)
    said = 'quiz_id=q1 why="no such thing" n=2 empty="" deep={"ä": [1]} request_id=r-1'
    expected = f"{WHEN} join    info     refused {said}"
    assert list(log_view(line, 7)) == [(expected, None)]


def test_a_request_is_not_named_twice() -> None:
    """Reports as text name it themselves."""
    [(text, style)] = log_view(parse("join", AT, "END RequestId: r-1"), 4)
    assert text == f"{WHEN} join info     END RequestId: r-1"
    assert style == "dim"


def test_a_traceback_stands_below_its_error() -> None:
    """Indented, and without colour of its own."""
    raised = {"errorType": "KeyError", "errorMessage": "'x'", "stackTrace": ["  File a\n    f()\n"]}
    head, trace = log_view(parse("join", AT, json.dumps({"level": "ERROR", **raised})), 4)
    assert head == (f"{WHEN} join error    KeyError: 'x'", "red")
    assert trace == ("      File a\n        f()", "dim")


@pytest.mark.parametrize(
    ("level", "style"), [("WARN", "yellow"), ("CRITICAL", "bold red"), ("DEBUG", "dim")]
)
def test_levels_have_colours(level: str, style: str) -> None:
    """Trouble stands out; an ordinary line has none."""
    [(_, found)] = log_view(parse("join", AT, json.dumps({"level": level, "message": "m"})), 4)
    assert found == style


def test_no_message_moves_the_cursor_or_forges_a_line() -> None:
    """Controls are taken out everywhere, and a second line is indented."""
    written = {"message": f"a\x1b[2J\n{WHEN} join info forged", "x": "\x9b", "stackTrace": ["\x07"]}
    head, (trace, _) = log_view(parse("join", AT, json.dumps(written)), 4)
    assert head[0].splitlines()[1].startswith("    20")
    assert not set("\x1b\x9b\x07") & set(head[0] + trace)
