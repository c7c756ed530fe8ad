"""What functions log: ids, and never what a message said."""

from __future__ import annotations

import json

import pytest

from tests.lambdas.handlers.conftest import Stage

SECRET = "nobody-reads-this-in-a-log"


def test_a_message_that_fails_is_logged_by_its_id(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Anybody may send an event with anything in it; it stays in the queue of dead letters."""
    body = {
        "session_id": "none",
        "timer": {"action": "start", "index": SECRET, "at": "soon"},
        "note": SECRET,
    }
    record = {
        "messageId": "m-1",
        "body": json.dumps(body),
        "attributes": {"SentTimestamp": "1"},
    }
    answer = stage.handler("control")({"Records": [record]}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}
    printed = capsys.readouterr()
    [line] = printed.out.splitlines()
    assert json.loads(line)["message_id"] == "m-1"
    assert SECRET not in printed.out + printed.err
