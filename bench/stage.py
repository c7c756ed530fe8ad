"""The functions of a stage in this process, called as gateway, queue and stream call them.

Tables, queue and topic are made anew on a running emulator; each function is built from
settings of its own, as on AWS, so nothing is shared between two of them. What the functions
send passes by a `Wire` and is counted there. The bench plays the gateway: it hands messages
over with the identity that the authorizer gave, and delivers what was put into the queue
when it is due.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, Final

import boto3
from redis import Redis

from bench.wire import HOST, Counts, Wire
from quizkit.core.session import Session, State, settles_at
from quizkit.lambdas.adapters import dynamo
from quizkit.lambdas.adapters.connections import Connections
from quizkit.lambdas.adapters.json_api import JsonApi
from quizkit.lambdas.adapters.signing import Credentials, Signer
from quizkit.lambdas.handlers import Handler
from quizkit.lambdas.wiring import Wiring, clock

REGION: Final = "us-east-1"
KEY: Final = "test"
TABLES: Final = ("SESSIONS", "QUESTIONS", "KEYS", "SALTS", "PARTICIPANTS", "ANSWERS", "TICKETS")
#: Of the shape of the samples: four options, an explanation of one sentence.
QUESTION: Final[Mapping[str, Any]] = {
    "text": "What is the capital of Australia?",
    "options": ["Sydney", "Canberra", "Perth", "Melbourne"],
    "correct": "b",
    "explanation": "The site was chosen in 1908, between Sydney and Melbourne.",
}


@dataclass
class Player:
    """Somebody at the gateway.

    Attributes:
        joined: what joining gave.
        identity: what the authorizer said of the socket; all text.
        connection_id: of the socket.
        frames: what came back on the socket as answers, as text.
    """

    joined: Mapping[str, Any]
    identity: dict[str, str] = field(default_factory=dict)
    connection_id: str = field(default_factory=lambda: uuid.uuid4().hex[:16])
    frames: list[str] = field(default_factory=list)


class Stage:
    """Functions over an emulator.

    Args:
        port: of the emulator.
        redis_port: of the Redis server.
        counted: requests pass by a `Wire`; without it they go straight to the emulator,
            and functions cannot call one another.
        shards: of new sessions.
    """

    def __init__(
        self, port: int, redis_port: int, *, counted: bool = True, shards: int = 8
    ) -> None:
        self.endpoint = f"http://{HOST}:{port}"
        self.wire = Wire(port, self._call) if counted else None
        self._redis = Redis(host=HOST, port=redis_port)
        #: What was made anew: tables, queue and topic by the settings' names.
        self.made = self._make()
        self._common = {
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": KEY,
            "REDIS_HOST": HOST,
            "REDIS_PORT": str(redis_port),
            "REDIS_TLS": "false",
            "STAGE": "bench",
            "ORIGINS": "",
            "WEBSOCKET_URL": "wss://example/bench",
            "CONTROL_QUEUE_ARN": "arn:aws:sqs:us-east-1:000000000000:control",
            "DEAD_QUEUE_ARN": "arn:aws:sqs:us-east-1:000000000000:dead",
            "SCHEDULE_GROUP": "default",
            "SCHEDULE_ROLE_ARN": "arn:aws:iam::000000000000:role/schedules",
            "BROADCAST_FUNCTION": "broadcast",
            "BOARD_FUNCTION": "board",
            "CONTROL_FUNCTION": "control",
            "MEDIA_BUCKET": "media",
            "MEDIA_URL": "https://media.example",
            "SHARDS": str(shards),
            **self.made,
        }
        self.handler = cache(self._build)
        self.wiring = Wiring(self._environ("bench", counted=False))

    def client(self, service: str) -> Any:
        """A boto3 client of the emulator that nobody counts."""
        session: Any = boto3.session.Session()
        return session.client(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id=KEY,
            aws_secret_access_key=KEY,
        )

    def tables(self) -> JsonApi:
        """The emulator's DynamoDB as the adapters call it; nobody counts these calls."""
        connections = Connections(self.endpoint, connect_seconds=2, read_seconds=30)
        signer = Signer(Credentials(KEY, KEY), "dynamodb", REGION)
        return JsonApi(connections, signer, target=dynamo.TARGET, attempts=3)

    def _make(self) -> dict[str, str]:
        """New tables, a queue that nobody empties, a topic."""
        run = uuid.uuid4().hex[:8]
        tables = {name: f"bench-{run}-{name.lower()}" for name in TABLES}
        dynamodb, sqs, sns = (self.client(name) for name in ("dynamodb", "sqs", "sns"))
        for name in tables.values():
            dynamodb.create_table(
                TableName=name,
                KeySchema=[
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "sk", "KeyType": "RANGE"},
                ],
                AttributeDefinitions=[
                    {"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")
                ],
                BillingMode="PAY_PER_REQUEST",
            )
        made = {f"{name}_TABLE": table for name, table in tables.items()}
        made["CONTROL_QUEUE_URL"] = sqs.create_queue(QueueName=f"bench-{run}")["QueueUrl"]
        made["WINNERS_TOPIC_ARN"] = sns.create_topic(Name=f"bench-{run}")["TopicArn"]
        for client in (dynamodb, sqs, sns):
            client.close()
        return made

    def _environ(self, function: str, *, counted: bool) -> dict[str, str]:
        url = self.wire.url(function) if counted and self.wire else self.endpoint
        return self._common | {"AWS_ENDPOINT_URL": url, "CALLBACK_URL": f"{url}/bench"}

    def _build(self, function: str) -> Handler:
        module = import_module(f"quizkit.lambdas.handlers.{function}")
        handler: Handler = module.build(self._environ(function, counted=True))
        return handler

    def _call(self, function: str, event: Any) -> Any:
        return self.handler(function)(event, None)

    def _run(self, function: str, event: Mapping[str, Any]) -> Any:
        """One invocation by the gateway, the queue or the stream."""
        if self.wire:
            self.wire.invoked(function)
        return self._call(function, dict(event))

    def close(self) -> None:
        """Stop serving."""
        self._redis.close()
        if self.wire:
            self.wire.close()

    @contextmanager
    def counting(self) -> Iterator[Counts]:
        """Count what happens inside the block."""
        assert self.wire is not None
        before = self._commands()
        with self.wire.counting() as counts:
            yield counts
        # The question itself is a command too.
        counts.redis = self._commands() - before - 1

    def _commands(self) -> int:
        stats: Any = self._redis.info("stats")
        return int(stats["total_commands_processed"])

    # --- sessions ----------------------------------------------------------------------

    def quiz(self, questions: int, time_limit: int) -> str:
        """Store a quiz; its id."""
        quiz_id = f"bench-{uuid.uuid4().hex[:8]}"
        asked = [{**QUESTION, "time_limit": time_limit}] * questions
        document = {"title": "World capitals", "questions": asked}
        self.wiring.questions.create(quiz_id, clock(), document)
        return quiz_id

    def session(self, quiz_id: str, **options: Any) -> dict[str, Any]:
        """A new session in its lobby."""
        made: dict[str, Any] = self._run("control", {"create": {"quiz_id": quiz_id, **options}})
        return dict(made["ok"])

    def load(self, session: Mapping[str, Any]) -> Session:
        """The session as stored; not counted."""
        found = self.wiring.sessions.load(session["session_id"])
        assert found is not None
        return found

    def command(self, session: Mapping[str, Any], command: str, **more: str) -> Session:
        """What a program commands by a call of the function; `more`: what `kick` needs."""
        event = {"session_id": session["session_id"], "command": command, **more}
        answer = self._run("control", event)
        if "error" in answer:
            raise RuntimeError(f"{command}: {answer['error']}")
        return self.load(session)

    def deliver(self, body: Mapping[str, Any]) -> None:
        """One message of the control queue; it must be taken."""
        record = {
            "messageId": uuid.uuid4().hex,
            "body": json.dumps(body),
            "attributes": {"SentTimestamp": str(clock())},
        }
        answer = self._run("control", {"Records": [record]})
        if answer["batchItemFailures"]:
            raise RuntimeError(f"control did not take {body}")

    def settle(self, session: Mapping[str, Any]) -> Session:
        """Deliver the open question's last timer when it is due."""
        stored = self.load(session)
        assert stored.state is State.OPEN
        assert stored.window is not None
        at = settles_at(stored.window)
        timer = {"action": "settle", "index": stored.index, "at": at}
        time.sleep(max(0, at - clock()) / 1_000)
        self.deliver({"session_id": stored.session_id, "timer": timer})
        return self.load(session)

    def wait_until_open(self, session: Mapping[str, Any]) -> Session:
        """Wait for the open question's `opens_at`."""
        stored = self.load(session)
        assert stored.window is not None
        time.sleep(max(0, stored.window.opens_at + 5 - clock()) / 1_000)
        return stored

    # --- players -----------------------------------------------------------------------

    def join(self, session: Mapping[str, Any], nickname: str) -> Player:
        """`POST /join`."""
        event = {
            "headers": {"content-type": "application/json"},
            "requestContext": {"http": {"method": "POST"}, "timeEpoch": clock()},
            "body": json.dumps({"pin": session["pin"], "nickname": nickname}),
        }
        answer = self._run("join", event)
        if self.wire:
            self.wire.requested(answer["body"])
        if answer["statusCode"] != 200:
            raise RuntimeError(f"nobody can join: {answer['body']}")
        return Player(json.loads(answer["body"]))

    def connect(self, player: Player) -> None:
        """Open the socket: the authorizer; `$connect` itself has no function."""
        event = {
            "methodArn": "arn:aws:execute-api:us-east-1:000000000000:api/bench/$connect",
            "queryStringParameters": {"ticket": player.joined["ticket"]},
            "requestContext": {"connectionId": player.connection_id},
        }
        player.identity = self._run("authorizer", event)["context"]

    def message(self, player: Player, function: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A message on the socket; the frame that answers it."""
        event = self._socket_event(player, "MESSAGE") | {"body": json.dumps(body)}
        text = self._run(function, event)["body"]
        if self.wire:
            self.wire.exchanged(text)
        player.frames.append(text)
        frame: dict[str, Any] = json.loads(text)
        return frame

    def arrive(self, player: Player) -> dict[str, Any]:
        """`join_quiz`; the snapshot."""
        return self.message(player, "connection", {"action": "join_quiz"})

    def answer(self, player: Player, question_id: str, *options: str) -> dict[str, Any]:
        """`submit_answer`; the acknowledgement."""
        body = {
            "action": "submit_answer",
            "question_id": question_id,
            "answer": list(options),
            "ref": uuid.uuid4().hex,
        }
        return self.message(player, "answer", body)

    def leave(self, player: Player) -> None:
        """`$disconnect`."""
        self._run("connection", self._socket_event(player, "DISCONNECT"))

    def enter(self, session: Mapping[str, Any], count: int) -> list[Player]:
        """Players who have joined, connected and arrived."""
        players = [self.join(session, f"Player {number:05d}") for number in range(count)]
        for player in players:
            self.connect(player)
            self.arrive(player)
        return players

    def count(self, players: Sequence[Player], question_id: str) -> None:
        """A batch of the answers' stream, in one invocation of the counter."""
        records = [
            {
                "eventName": "INSERT",
                "dynamodb": {
                    "Keys": {
                        "pk": {"S": f"{player.joined['session_id']}#00"},
                        "sk": {"S": f"{question_id}#{player.joined['participant_id']}"},
                    }
                },
            }
            for player in players
        ]
        self._run("counter", {"Records": records})

    def _socket_event(self, player: Player, kind: str) -> dict[str, Any]:
        return {
            "requestContext": {
                "eventType": kind,
                "connectionId": player.connection_id,
                "requestTimeEpoch": clock(),
                "authorizer": player.identity,
            }
        }
