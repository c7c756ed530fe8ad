"""What lines of every writer say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quizkit.sdk.log_lines import LogLine, parse

AT = 1_800_000_000_000


def line(written: object) -> LogLine:
    """The line that a text, or a document as JSON, holds."""
    return parse("answer", AT, written if isinstance(written, str) else json.dumps(written))


def test_a_line_of_our_handlers() -> None:
    """Level, message and the rest; nothing is there that is not said."""
    found = line({"level": "warning", "message": "stale", "message_id": "m1", "n": 2})
    assert found.document() == {
        "time": AT,
        "function": "answer",
        "level": "warning",
        "message": "stale",
        "kind": "application",
        "fields": {"message_id": "m1", "n": 2},
    }
    assert not found.routine
    assert not found.failed


def test_an_exception_that_nobody_caught() -> None:
    """As Lambda's runtime logs it, and the local host: kind and words, then the traceback."""
    frames = ['  File "/var/task/a.py", line 1, in handle\n    x["y"]\n']
    raised = {"errorType": "KeyError", "errorMessage": "'y'", "requestId": "r-1"}
    on_aws = line({"timestamp": "t", "level": "ERROR", **raised, "stackTrace": frames})
    assert (on_aws.level, on_aws.message, on_aws.request_id) == ("error", "KeyError: 'y'", "r-1")
    assert on_aws.trace == ('  File "/var/task/a.py", line 1, in handle', '    x["y"]')
    assert on_aws.fields == {}
    assert on_aws.failed
    assert on_aws.document()["trace"] == list(on_aws.trace)
    assert on_aws.document()["request_id"] == "r-1"


def test_an_exception_that_was_logged() -> None:
    """The message is the logger's; which error it was ends the traceback."""
    written = {"level": "ERROR", "message": "no luck", "logger": "root", "location": "a.py:f:1"}
    raised = {"errorType": "OSError", "errorMessage": "gone", "stackTrace": ["frame\n"]}
    found = line({**written, **raised})
    assert found.message == "no luck"
    assert found.trace == ("frame", "OSError: gone")
    assert found.fields == {"logger": "root", "location": "a.py:f:1"}


@pytest.mark.parametrize(
    ("written", "level"),
    [("TRACE", "debug"), ("WARN", "warning"), ("FATAL", "critical"), ("loud", "info"), (3, "info")],
)
def test_levels_have_one_spelling(written: object, level: str) -> None:
    """Whatever the writer calls it; what is no level at all is ordinary."""
    assert line({"level": written, "message": "m"}).level == level


def test_metrics_are_read_as_figures() -> None:
    """The embedded metric format, which is routine: names, values and units, then the rest."""
    metrics = [{"Name": "Rate", "Unit": "Percent"}, {"Name": "Delay"}]
    aws = {"Timestamp": AT, "CloudWatchMetrics": [{"Namespace": "N", "Metrics": metrics}]}
    found = line({"_aws": aws, "Rate": 50, "Delay": [1, 2], "session_id": "s"})
    assert found.message == "Rate 50 Percent, Delay [1, 2]"
    assert (found.kind, found.routine, found.fields) == ("metrics", True, {"session_id": "s"})


@pytest.mark.parametrize("aws", [None, [], {"CloudWatchMetrics": [3]}, {"CloudWatchMetrics": [{}]}])
def test_what_only_looks_like_metrics(aws: Any) -> None:
    """It is shown as it was written."""
    found = line({"_aws": aws, "x": 1})
    assert found.message == json.dumps({"_aws": aws, "x": 1})
    assert not found.routine


def test_reports_of_invocations() -> None:
    """What went well is routine; a timeout is an error, told once though Lambda says it twice."""
    record: dict[str, Any] = {"requestId": "r", "metrics": {"durationMs": 3000.5}}
    fine = line({"time": "t", "type": "platform.report", "record": {**record, "status": "success"}})
    assert (fine.message, fine.level, fine.routine) == ("report", "info", True)
    late = {**record, "status": "timeout"}
    done = line({"time": "t", "type": "platform.runtimeDone", "record": late})
    told = line({"time": "t", "type": "platform.report", "record": late})
    assert done.routine
    assert (told.message, told.level, told.routine) == ("report: timeout", "error", False)
    assert (told.request_id, told.fields) == ("r", {"durationMs": 3000.5})
    assert told.kind == "platform"


def test_trouble_of_the_platform_itself() -> None:
    """Faults and lost lines are errors, whatever their record is."""
    fault = line({"time": "t", "type": "platform.fault", "record": "RequestId: r Process exited"})
    assert fault.failed
    assert fault.fields == {"record": "RequestId: r Process exited"}
    assert line({"type": "platform.logsDropped", "record": {"droppedRecords": 3}}).failed
    assert line({"type": "platform.start", "record": {"requestId": "r"}}).routine
    assert not line({"type": "platform.start", "message": "not Lambda's"}).routine


def test_reports_as_text() -> None:
    """MiniStack's own runner writes them so, and Lambda where it is not told to write JSON."""
    for text in ("START RequestId: r-1 Version: $LATEST\n", "END RequestId: r-1"):
        assert line(text).routine
        assert line(text).request_id == "r-1"
    assert line("INIT_START Runtime Version: python:3.13").routine
    assert line("REPORT RequestId: r-1\tDuration: 3 ms").routine
    assert line("REPORT RequestId: r-1\tDuration: 3 ms\tStatus: timeout").failed
    assert not line("ENDING RequestId: r-1").routine


def test_other_text_stays_what_it_is() -> None:
    """Also what begins like JSON; only a level in front, or a traceback, says something more."""
    for text in ("plain", "{half", "[1, 2]", '"text"', "[" * 9, "{" + '"a":{' * 50_000):
        assert line(text) == LogLine(AT, "answer", "info", text)
    assert line("[WARNING]\tcareful\n") == LogLine(AT, "answer", "warning", "careful")
    assert line("[NOTE] careful").message == "[NOTE] careful"
    assert line("2026-01-01T00:00:00Z r Task timed out after 3.00 seconds").failed
    raised = line("[ERROR] KeyError: 'y'\rTraceback (most recent call last):\r\u00a0\u00a0File")
    assert raised.failed
    assert raised.message.splitlines()[1] == "Traceback (most recent call last):"


def test_json_without_a_message() -> None:
    """It is shown as written, with its level; a message of another type becomes text."""
    assert line({"level": "ERROR", "detail": "d"}).message == '{"level": "ERROR", "detail": "d"}'
    assert line({"level": "ERROR", "detail": "d"}).failed
    assert line({"message": {"ä": 1}}).message == '{"ä": 1}'


def test_searching_a_line() -> None:
    """Message, request, fields and traceback are searched, in capitals or not; not the time."""
    raised = {"errorType": "KeyError", "errorMessage": "x", "stackTrace": ["at handle"]}
    found = line({"message": "Große Not", "requestId": "r-9", "quiz_id": "q7", **raised})
    for text in ("große", "GROSSE NOT", "R-9", "q7", "keyerror", "at handle"):
        assert found.mentions(text), text
    assert not found.mentions("180000")
    assert not line("plain").mentions("answer")
