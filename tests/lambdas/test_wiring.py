"""quizkit.lambdas.wiring: settings come in as a mapping, clients are opened when used."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from quizkit.core.scoring import Standing
from quizkit.lambdas.adapters.redis_board import RedisBoard
from quizkit.lambdas.ports import Board
from quizkit.lambdas.wiring import Wiring, clock

PLACE = {
    "AWS_REGION": "us-east-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}


def test_nothing_is_needed_before_it_is_used() -> None:
    """A function gets along without the settings of others; what it lacks shows when asked for."""
    wiring = Wiring(PLACE)
    with pytest.raises(KeyError, match="SESSIONS_TABLE"):
        _ = wiring.sessions


def test_clients_are_shared_by_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions of one process that look at the same place share a client; others do not."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://wrong.example")
    one = Wiring({**PLACE, "TICKETS_TABLE": "t"}).tickets
    two = Wiring({**PLACE, "TICKETS_TABLE": "u"}).tickets
    far = Wiring({**PLACE, "TICKETS_TABLE": "t", "AWS_ENDPOINT_URL": "http://127.0.0.1:2"}).tickets
    assert one._table.api is two._table.api
    assert one._table.api is not far._table.api
    assert one._table.api.connections.url == PLACE["AWS_ENDPOINT_URL"]


def test_a_stage_without_cache() -> None:
    """Boards are never there, and asking costs nothing."""
    board: Board = Wiring({"REDIS_HOST": ""}).board
    line = Standing(1, "00a", "A", 0, 0, 0, 0)
    assert board.write("s", 1, 0, [line]) is False
    board.move("s", line, line, 0)
    assert board.top("s", 1, 10) is None


def test_a_stage_with_cache() -> None:
    """It is connected to when it is used."""
    settings = {"REDIS_HOST": "cache.example", "REDIS_PORT": "6379", "REDIS_TLS": "false"}
    assert isinstance(Wiring(settings).board, RedisBoard)


def test_media() -> None:
    """A URL of somebody else's stays as it is; an object of ours has the place that serves it."""
    wiring = Wiring({**PLACE, "MEDIA_URL": "https://served.example"})
    assert wiring.media_url("https://example.org/x.png") == "https://example.org/x.png"
    assert wiring.media_url("media/x.png") == "https://served.example/media/x.png"


def test_answers_are_written_hastily_or_patiently() -> None:
    """Each within the time that the fold leaves it, and never twice by the client itself."""
    tables = {f"{name}_TABLE": name for name in ("SESSIONS", "PARTICIPANTS", "ANSWERS")}
    answers = Wiring({**PLACE, **tables}).intake().answers
    waits = []
    for table in (answers._table, answers._patient):  # type: ignore[attr-defined]
        assert table.api.attempts == 1
        connections = table.api.connections
        waits.append(connections.connect_seconds + connections.read_seconds)
    assert waits[0] <= 1.0
    assert waits[1] < 6.0


def test_the_clock() -> None:
    """Epoch milliseconds."""
    assert abs(clock() - time.time() * 1_000) < 5_000


@pytest.mark.parametrize("function", ["answer", "authorizer", "broadcast", "connection", "join"])
def test_nothing_heavy_is_imported_on_a_players_path(function: str) -> None:
    """Neither boto3 nor redis, which take longer to import than all else together."""
    names = ["SESSIONS", "PARTICIPANTS", "QUESTIONS", "ANSWERS", "TICKETS"]
    environ = {
        **PLACE,
        **{f"{name}_TABLE": name for name in names},
        "CALLBACK_URL": "http://127.0.0.1:1/dev",
        "CONTROL_QUEUE_URL": "http://127.0.0.1:1/queue",
        "MEDIA_URL": "https://media.example",
        "ORIGINS": "",
        "STAGE": "dev",
        "WEBSOCKET_URL": "wss://example",
    }
    program = (
        f"import sys\nfrom quizkit.lambdas.handlers import {function}\n"
        f"{function}.build({environ!r})\n"
        "print([name for name in ('boto3', 'botocore', 'redis', 'urllib3') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
