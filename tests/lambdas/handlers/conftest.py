"""The functions as they are deployed, on real tables, queue, topic and Redis."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Any

import pytest

from quizkit.core.session import State
from quizkit.lambdas.handlers import Handler
from quizkit.lambdas.ports import Participant, Ticket
from quizkit.lambdas.wiring import Wiring, clock
from tests.fakes.callbacks import Callbacks, callbacks
from tests.fakes.cloud import cloud, redis_server
from tests.fakes.game import DOCUMENT

#: Answers as broadcast, board and control do.
OTHERS = """
def handler(event, context):
    if "create" in event or "command" in event:
        return {"ok": {"session_id": "made", "pin": "123456", "state": "lobby", "asked": event}}
    return {"players": 0, "gone": 0, "written": True}
"""


@dataclass
class Stage:
    """A stage whose functions can be called."""

    gateway: Callbacks
    environ: Mapping[str, str]
    quiz_id: str = field(default_factory=lambda: f"quiz-{uuid.uuid4().hex[:8]}")

    def handler(self, name: str) -> Handler:
        """A function, built anew."""
        handler: Handler = import_module(f"quizkit.lambdas.handlers.{name}").build(self.environ)
        return handler

    @cached_property
    def wiring(self) -> Wiring:
        """The stores that the functions see."""
        return Wiring(self.environ)

    def session(self, **options: Any) -> dict[str, Any]:
        """A new session, by a call of the control function."""
        answer = self.handler("control")({"create": {"quiz_id": self.quiz_id, **options}}, None)
        made: dict[str, Any] = answer["ok"]
        return made

    def join(self, session: Mapping[str, Any], nickname: str) -> dict[str, Any]:
        """Somebody joins over HTTP."""
        body = {"pin": session["pin"], "nickname": nickname}
        joined: dict[str, Any] = json.loads(self.handler("join")(request(body), None)["body"])
        return joined

    def seat(self, session: Mapping[str, Any], nickname: str, role: str = "player") -> Ticket:
        """Somebody with an identity, as the authorizer gives it."""
        if role == "player":
            joined = self.join(session, nickname)
            ticket = self.wiring.tickets.redeem(joined["ticket"], clock())
            assert ticket is not None
            return ticket
        sid = str(session["session_id"])
        host = Participant(sid, f"host{uuid.uuid4().hex[:16]}", nickname, clock(), role="host")
        self.wiring.participants.add(host)
        return Ticket(sid, host.participant_id, "host", nickname, host.joined_at)

    def open(self, session: Mapping[str, Any]) -> Any:
        """The session with its first question open for a while already."""
        self.handler("control")({"session_id": session["session_id"], "command": "start"}, None)
        stored = self.wiring.sessions.load(session["session_id"])
        assert stored is not None
        assert stored.state is State.OPEN
        return stored.window


def request(body: object = None, **more: Any) -> dict[str, Any]:
    """An HTTP API event, format 2.0."""
    event: dict[str, Any] = {
        "version": "2.0",
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST"}, "timeEpoch": clock()},
        "isBase64Encoded": False,
        "body": body if body is None or isinstance(body, str) else json.dumps(body),
    }
    return event | more


def message(
    who: Ticket, body: object, connection_id: str = "c1", kind: str = "MESSAGE", at: int = 0
) -> dict[str, Any]:
    """A WebSocket event; the authorizer's context is all text."""
    return {
        "requestContext": {
            "eventType": kind,
            "routeKey": "$default",
            "connectionId": connection_id,
            "requestTimeEpoch": at or clock(),
            "authorizer": {
                "principalId": who.participant_id,
                "session_id": who.session_id,
                "participant_id": who.participant_id,
                "role": who.role,
                "nickname": who.nickname,
                "joined_at": str(who.joined_at),
            },
        },
        "body": body if body is None or isinstance(body, str) else json.dumps(body),
    }


def frame(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The frame in a route response."""
    assert answer["statusCode"] == 200
    found: dict[str, Any] = json.loads(answer["body"])
    return found


@pytest.fixture(scope="module")
def gateway() -> Iterator[Callbacks]:
    """The gateway's callback interface."""
    with callbacks() as seen:
        yield seen


@pytest.fixture(scope="module")
def stage(gateway: Callbacks) -> Stage:
    """A stage with one quiz."""
    the_cloud = cloud()
    names = ("SESSIONS", "QUESTIONS", "KEYS", "SALTS", "PARTICIPANTS", "ANSWERS", "TICKETS")
    others = the_cloud.function(OTHERS)
    made = Stage(
        gateway,
        {
            **the_cloud.environ,
            **redis_server().environ,
            **{f"{name}_TABLE": the_cloud.table() for name in names},
            "STAGE": "dev",
            "CALLBACK_URL": gateway.url,
            "WEBSOCKET_URL": "wss://example/dev",
            "CONTROL_QUEUE_URL": the_cloud.queue(),
            "CONTROL_QUEUE_ARN": "arn:aws:sqs:us-east-1:000000000000:control",
            "DEAD_QUEUE_ARN": "arn:aws:sqs:us-east-1:000000000000:dead",
            "SCHEDULE_GROUP": "default",
            "SCHEDULE_ROLE_ARN": "arn:aws:iam::000000000000:role/schedules",
            "WINNERS_TOPIC_ARN": the_cloud.topic()[0],
            "BROADCAST_FUNCTION": others,
            "BOARD_FUNCTION": others,
            "CONTROL_FUNCTION": others,
            "MEDIA_BUCKET": "media",
            "MEDIA_URL": "https://media.example",
            "ORIGINS": "https://quiz.example.org",
            "SHARDS": "2",
        },
    )
    made.wiring.questions.create(made.quiz_id, clock(), DOCUMENT)
    return made


@pytest.fixture
def session(stage: Stage) -> dict[str, Any]:
    """A session in its lobby."""
    return stage.session()
