"""The composition root: puts services together from a mapping of settings.

Settings come in as a mapping (a function's environment variables), never from the
process, so that one process can hold many functions, each with its own. Clients are
opened on first use and kept; functions of one process that look at the same place share
them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any, Final

import boto3
import botocore.session
from botocore.config import Config

from quizkit.core.answers import PATIENT_WRITE_MS, WRITE_TIMEOUT_MS
from quizkit.lambdas.adapters.aws import (
    EmbeddedMetrics,
    FunctionDoor,
    GatewaySockets,
    LambdaWorkers,
    Media,
    Schedules,
    SnsWinners,
    SqsTimers,
)
from quizkit.lambdas.adapters.dynamo import Table
from quizkit.lambdas.adapters.quizzes import DynamoQuestions
from quizkit.lambdas.adapters.redis_board import RedisBoard
from quizkit.lambdas.adapters.redis_client import connect
from quizkit.lambdas.adapters.sessions import DynamoSessions
from quizkit.lambdas.adapters.stores import (
    DynamoAnswers,
    DynamoParticipants,
    DynamoTickets,
)
from quizkit.lambdas.ports import Board
from quizkit.lambdas.services.boards import Boards
from quizkit.lambdas.services.broadcasting import Broadcasting
from quizkit.lambdas.services.control import Control
from quizkit.lambdas.services.counting import Counting
from quizkit.lambdas.services.effects import Effects
from quizkit.lambdas.services.hosting import Hosting
from quizkit.lambdas.services.intake import Intake, Lease
from quizkit.lambdas.services.joining import Joining
from quizkit.lambdas.services.presence import Presence
from quizkit.lambdas.services.results import Results
from quizkit.lambdas.services.standings import Standings

_MEDIA_SECONDS: Final = 3_600

#: How a client waits: (connect seconds, read seconds, attempts).
_USUAL: Final = (2.0, 10.0, 3)
#: A write of an answer must be over, one way or the other, within WRITE_TIMEOUT_MS.
_HASTY: Final = (WRITE_TIMEOUT_MS / 4_000, WRITE_TIMEOUT_MS * 3 / 4_000, 1)
#: With time to spare, waiting beats repeating; below PATIENT_MS (services/intake.py).
_PATIENT: Final = (PATIENT_WRITE_MS / 5_000, PATIENT_WRITE_MS * 4 / 5_000, 1)
#: What must not be done twice is tried once.
_ONCE: Final = (2.0, 10.0, 1)
#: A function that calls another waits as long as the other may take.
_FUNCTION: Final = (2.0, 65.0, 1)


def clock() -> int:
    """Epoch milliseconds."""
    return time.time_ns() // 1_000_000


@lru_cache(maxsize=64)
def _client(
    service: str, place: tuple[tuple[str, str | None], ...], waits: tuple[float, float, int]
) -> Any:
    where: dict[str, Any] = dict(place)
    connect_seconds, read_seconds, attempts = waits
    config = Config(
        connect_timeout=connect_seconds,
        read_timeout=read_seconds,
        retries={"total_max_attempts": attempts, "mode": "standard"},
        max_pool_connections=64,
        s3={"addressing_style": "path"} if where["endpoint_url"] else None,
        signature_version="s3v4" if service == "s3" else None,
    )
    # A session for each client: making clients from a shared one is not thread-safe.
    session: Any = boto3.session.Session()
    return session.client(service, config=config, **where)


class Wiring:
    """Builds services from settings, each once."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def _client(self, service: str, waits: tuple[float, float, int] = _USUAL) -> Any:
        get = self._environ.get
        place = {
            "region_name": get("AWS_REGION"),
            "endpoint_url": get("AWS_ENDPOINT_URL"),
            "aws_access_key_id": get("AWS_ACCESS_KEY_ID"),
            "aws_secret_access_key": get("AWS_SECRET_ACCESS_KEY"),
            "aws_session_token": get("AWS_SESSION_TOKEN"),
        }
        return _client(service, tuple(place.items()), waits)

    @cached_property
    def _botocore(self) -> Any:
        """A botocore session for signing; with the settings' own credentials."""
        session = botocore.session.Session()
        get = self._environ.get
        key, secret = get("AWS_ACCESS_KEY_ID"), get("AWS_SECRET_ACCESS_KEY")
        if key and secret:
            session.set_credentials(key, secret, get("AWS_SESSION_TOKEN"))
        return session

    def _table(self, name: str, waits: tuple[float, float, int] = _USUAL) -> Table:
        return Table(self._client("dynamodb", waits), self._environ[f"{name}_TABLE"])

    # --- ports -------------------------------------------------------------------------

    @cached_property
    def sessions(self) -> DynamoSessions:
        return DynamoSessions(self._table("SESSIONS"))

    @cached_property
    def participants(self) -> DynamoParticipants:
        return DynamoParticipants(self._table("PARTICIPANTS"))

    @cached_property
    def answers(self) -> DynamoAnswers:
        return DynamoAnswers(self._table("ANSWERS"))

    @cached_property
    def tickets(self) -> DynamoTickets:
        return DynamoTickets(self._table("TICKETS"))

    @cached_property
    def questions(self) -> DynamoQuestions:
        keys = self._table("KEYS") if "KEYS_TABLE" in self._environ else None
        return DynamoQuestions(self._table("QUESTIONS"), keys)

    @cached_property
    def board(self) -> Board:
        if not self._environ.get("REDIS_HOST"):
            return NoBoard()
        return RedisBoard(lambda: connect(self._environ, self._botocore))

    @cached_property
    def timers(self) -> SqsTimers:
        return SqsTimers(self._client("sqs"), self._environ["CONTROL_QUEUE_URL"])

    @cached_property
    def sockets(self) -> GatewaySockets:
        region = self._environ["AWS_REGION"]
        return GatewaySockets(self._environ["CALLBACK_URL"], self._botocore, region)

    @cached_property
    def workers(self) -> LambdaWorkers:
        return LambdaWorkers(
            self._client("lambda", _FUNCTION),
            broadcast=self._environ["BROADCAST_FUNCTION"],
            board=self._environ.get("BOARD_FUNCTION"),
        )

    @cached_property
    def metrics(self) -> EmbeddedMetrics:
        return EmbeddedMetrics(self._environ["STAGE"], clock)

    @cached_property
    def media(self) -> Media:
        return Media(self._client("s3"), self._environ["MEDIA_BUCKET"])

    def media_url(self, media: str) -> str:
        """What players load: a URL as it is, an object of ours for an hour."""
        if media.startswith("https://"):
            return media
        return self.media.url(media, _MEDIA_SECONDS)

    # --- services ----------------------------------------------------------------------

    def joining(self) -> Joining:
        url = self._environ["WEBSOCKET_URL"]
        return Joining(self.sessions, self.participants, self.tickets, clock, url)

    def intake(self) -> Intake:
        patient = self._table("ANSWERS", _PATIENT)
        answers = DynamoAnswers(self._table("ANSWERS", _HASTY), patient)
        lease = Lease(self.sessions, clock)
        return Intake(lease, self.sessions, answers, clock, lambda: self.board)

    def presence(self) -> Presence:
        return Presence(
            self.sessions,
            self.questions,
            self.participants,
            self.answers,
            self.timers,
            self.sockets,
            clock,
            self.media_url,
        )

    def standings(self) -> Standings:
        return Standings(self.sessions, self.participants, self.answers)

    def boards(self) -> Boards:
        return Boards(self.sessions, self.standings(), self.board, clock)

    def broadcasting(self) -> Broadcasting:
        return Broadcasting(self.sessions, self.participants, self.sockets, self.metrics, clock)

    def counting(self) -> Counting:
        return Counting(self.sessions, self.timers, self.workers)

    def control(self) -> Control:
        winners = SnsWinners(self._client("sns", _ONCE), self._environ["WINNERS_TOPIC_ARN"])
        effects = Effects(
            self.sessions,
            self.questions,
            self.participants,
            self.answers,
            self.workers,
            winners,
            self.metrics,
            clock,
            time.sleep,
            self.media_url,
        )
        return Control(
            self.sessions,
            self.questions,
            self.participants,
            self.timers,
            self.sockets,
            effects,
            clock,
            time.sleep,
            int(self._environ.get("SHARDS", "8")),
        )

    def hosting(self) -> Hosting:
        get = self._environ.__getitem__
        schedules = Schedules(
            self._client("scheduler"),
            group=get("SCHEDULE_GROUP"),
            queue_arn=get("CONTROL_QUEUE_ARN"),
            role_arn=get("SCHEDULE_ROLE_ARN"),
            dead=get("DEAD_QUEUE_ARN"),
        )
        return Hosting(
            self.sessions,
            self.questions,
            self.tickets,
            Results(self.sessions, self.participants, self.standings()),
            schedules,
            self.media,
            FunctionDoor(self._client("lambda", _FUNCTION), get("CONTROL_FUNCTION")),
            clock,
            get("WEBSOCKET_URL"),
        )


class NoBoard:
    """`ports.Board` of a stage without a cache: boards come from DynamoDB."""

    def write(self, *_: Any) -> bool:
        return False

    def move(self, *_: Any) -> None:
        return

    def top(self, *_: Any) -> None:
        return None
