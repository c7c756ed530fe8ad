"""Events as JSON objects."""

from __future__ import annotations

import json

import pytest

from quizkit.cli.screens.documents import event_document
from quizkit.sdk.live_events import Disconnected, LiveEvent, RawEvent, Reconnected, ServerError
from tests.cli import samples


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (samples.JOINED, "joined"),
        (Reconnected(samples.snapshot()), "reconnected"),
        (Disconnected("gone"), "disconnected"),
        (samples.LOBBY, "lobby"),
        (samples.opened(), "new_question"),
        (samples.COUNT, "answer_count"),
        (samples.CLOSED, "question_closed"),
        (samples.BOARD, "leaderboard"),
        (samples.FINISHED, "quiz_finished"),
        (ServerError("c", "m"), "error"),
        (RawEvent("later", {"x": 1}), "unknown"),
    ],
)
def test_every_event_has_a_name_and_is_json(event: LiveEvent, name: str) -> None:
    """Each kind of event is one JSON object that says which it is."""
    document = json.loads(json.dumps(event_document(event)))
    assert document["event"] == name


def test_fields_are_named_as_on_the_wire() -> None:
    """A program reads the same names as from the socket."""
    document = event_document(samples.CLOSED)
    assert document["you"]["points"] == 975
    assert document["question_id"] == "q1"
    assert event_document(samples.JOINED)["session_id"] == "s1"
