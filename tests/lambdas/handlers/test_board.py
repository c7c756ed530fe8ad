"""quizkit.lambdas.handlers.board: `GET /leaderboard/{session_id}` and renewals."""

from __future__ import annotations

import json
from typing import Any

from tests.lambdas.handlers.conftest import Stage, request


def get(stage: Stage, session_id: str, **query: str) -> tuple[int, dict[str, Any]]:
    """The board of a session: status and document."""
    event = request(pathParameters={"session_id": session_id}, queryStringParameters=query or None)
    answer = stage.handler("board")(event, None)
    return answer["statusCode"], json.loads(answer["body"])


def test_the_board(stage: Stage, session: dict[str, Any]) -> None:
    """Open to whoever knows the id."""
    joined = [stage.join(session, name) for name in ("Ada", "Bob")]
    status, board = get(stage, session["session_id"], top="1")
    assert status == 200
    assert set(board) >= {"session_id", "as_of", "source", "total", "entries"}
    assert (board["source"], board["total"]) == ("dynamodb", 2)
    assert [entry["participant_id"] for entry in board["entries"]] == [joined[0]["participant_id"]]


def test_errors(stage: Stage, session: dict[str, Any]) -> None:
    """An unknown session, a `top` that is none."""
    status, error = get(stage, "none")
    assert (status, error["error"]["code"]) == (404, "session_not_found")
    for top in ("0", "-1", "x", "1e3"):
        status, error = get(stage, session["session_id"], top=top)
        assert (status, error["error"]["code"]) == (400, "bad_request")


def test_renewal(stage: Stage, session: dict[str, Any]) -> None:
    """Control's order puts the board into Redis, and says whether it could."""
    handle = stage.handler("board")
    assert handle({"refresh": session["session_id"]}, None) == {"written": True}
    stored = stage.wiring.board.top(session["session_id"], 0, 10)
    assert stored is not None
    assert stored[1] == 0


def test_a_stage_without_redis(stage: Stage, session: dict[str, Any]) -> None:
    """Boards come from DynamoDB, renewals say no."""
    stage = Stage(stage.gateway, {**stage.environ, "REDIS_HOST": ""})
    assert stage.handler("board")({"refresh": session["session_id"]}, None) == {"written": False}
    assert get(stage, session["session_id"])[1]["source"] == "dynamodb"
