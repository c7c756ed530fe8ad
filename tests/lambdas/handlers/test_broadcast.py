"""quizkit.lambdas.handlers.broadcast: events reach the gateway."""

from __future__ import annotations

from typing import Any

from tests.lambdas.handlers.conftest import Stage, message


def test_events_are_posted(stage: Stage, session: dict[str, Any]) -> None:
    """To every connected player and host of the session."""
    who, host = stage.seat(session, "Ada"), stage.seat(session, "host", "host")
    stored = stage.wiring.sessions.load(session["session_id"])
    assert stored is not None
    connection = stage.handler("connection")
    for ticket, socket in ((who, "ada"), (host, "host")):
        stage.gateway.open(socket)
        connection(message(ticket, {"action": "join_quiz"}, socket), None)
    event = {"action": "lobby", "seq": 1, "session_id": session["session_id"]}
    order = {
        "session_id": session["session_id"],
        "events": [event],
        "personal": None,
        "shards": list(range(stored.shards)),  # Ada is in one at random
        "hosts": True,
        "at": None,
    }
    assert stage.handler("broadcast")(order, None) == {"players": 1, "gone": 0}
    assert stage.gateway.frames["ada"] == stage.gateway.frames["host"] == [event]
