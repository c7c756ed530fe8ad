"""quizkit.lambdas.handlers.counter: a batch of the answers table's stream."""

from __future__ import annotations

from typing import Any

from tests.lambdas.handlers.conftest import Stage


def test_a_batch_is_counted(stage: Stage, session: dict[str, Any]) -> None:
    """Added to the question's tally."""
    stage.open(session)
    sid = session["session_id"]
    keys = {"pk": {"S": f"{sid}#00"}, "sk": {"S": "q1#00ada"}}
    records = [{"eventName": "INSERT", "dynamodb": {"Keys": keys}}] * 2
    stage.handler("counter")({"Records": records}, None)
    assert stage.wiring.sessions.tally(sid, "q1", 0)[0] == 2
