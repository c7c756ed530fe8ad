"""The composition root: puts services together from a mapping of settings.

Settings come in as a mapping (a function's environment variables), never from the
process, so that one process can hold many functions, each with its own. Clients are
opened on first use and kept; functions of one process that look at the same place share
them. boto3 and redis, which take a function's start longer than all else, are imported by
those who use them: nothing on the path of a join or an answer does.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

from quizkit.core import names
from quizkit.core.answers import PATIENT_WRITE_MS, WRITE_TIMEOUT_MS
from quizkit.lambdas.adapters import dynamo, queue
from quizkit.lambdas.adapters.connections import Connections
from quizkit.lambdas.adapters.dynamo import Table
from quizkit.lambdas.adapters.json_api import JsonApi
from quizkit.lambdas.adapters.media_rows import DynamoMediaRows
from quizkit.lambdas.adapters.metrics import EmbeddedMetrics
from quizkit.lambdas.adapters.queue import SqsTimers
from quizkit.lambdas.adapters.quizzes import DynamoQuestions
from quizkit.lambdas.adapters.sessions import DynamoSessions
from quizkit.lambdas.adapters.signing import Credentials, Signer, credentials_in
from quizkit.lambdas.adapters.sockets import GatewaySockets
from quizkit.lambdas.adapters.stores import (
    DynamoAnswers,
    DynamoMisses,
    DynamoParticipants,
    DynamoSeatCounts,
    DynamoTickets,
)
from quizkit.lambdas.ports import Board
from quizkit.lambdas.services.boards import Boards
from quizkit.lambdas.services.broadcasting import Broadcasting
from quizkit.lambdas.services.control import Control
from quizkit.lambdas.services.counting import Counting
from quizkit.lambdas.services.effects import Effects
from quizkit.lambdas.services.guessing import Guesses
from quizkit.lambdas.services.hosting import Hosting
from quizkit.lambdas.services.intake import Intake, Lease
from quizkit.lambdas.services.joining import Joining
from quizkit.lambdas.services.media_library import Library
from quizkit.lambdas.services.presence import Presence
from quizkit.lambdas.services.results import Results
from quizkit.lambdas.services.seats import Seats
from quizkit.lambdas.services.standings import Standings

if TYPE_CHECKING:
    from quizkit.lambdas.adapters.aws import LambdaWorkers
    from quizkit.lambdas.adapters.media import S3Media

#: How a client waits: (connect seconds, read seconds, attempts).
_USUAL: Final = (2.0, 10.0, 3)
#: A write of an answer must be over, one way or the other, within WRITE_TIMEOUT_MS.
_HASTY: Final = (WRITE_TIMEOUT_MS / 4_000, WRITE_TIMEOUT_MS * 3 / 4_000, 1)
#: With time to spare, waiting beats repeating; below PATIENT_MS (services/intake.py).
_PATIENT: Final = (PATIENT_WRITE_MS / 5_000, PATIENT_WRITE_MS * 4 / 5_000, 1)
#: A frame that a socket does not take soon is not worth the others' waiting.
_POST: Final = (2.0, 5.0, 1)
#: What must not be done twice is tried once.
_ONCE: Final = (2.0, 10.0, 1)
#: A function that calls another waits as long as the other may take.
_FUNCTION: Final = (2.0, 65.0, 1)


def clock() -> int:
    """Epoch milliseconds."""
    return time.time_ns() // 1_000_000


@lru_cache(maxsize=64)
def _connections(service: str, url: str, waits: tuple[float, float, int]) -> Connections:
    return Connections(url, connect_seconds=waits[0], read_seconds=waits[1])


@lru_cache(maxsize=64)
def _api(
    service: str,
    target: str,
    region: str,
    endpoint_url: str | None,
    credentials: Credentials,
    waits: tuple[float, float, int],
) -> JsonApi:
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    url = endpoint_url or f"https://{service}.{region}.{suffix}"
    signer = Signer(credentials, service, region)
    return JsonApi(_connections(service, url, waits), signer, target=target, attempts=waits[2])


@lru_cache(maxsize=64)
def _client(
    service: str, place: tuple[tuple[str, str | None], ...], waits: tuple[float, float, int]
) -> Any:
    import boto3
    from botocore.config import Config

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

    def _api(self, service: str, target: str, waits: tuple[float, float, int] = _USUAL) -> JsonApi:
        return _api(
            service,
            target,
            self._environ["AWS_REGION"],
            self._environ.get("AWS_ENDPOINT_URL"),
            credentials_in(self._environ),
            waits,
        )

    def _table(self, name: str, waits: tuple[float, float, int] = _USUAL) -> Table:
        # The setting first: what a function lacks is told by its name.
        table = self._environ[f"{name}_TABLE"]
        return Table(self._api("dynamodb", dynamo.TARGET, waits), table)

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
        salts = self._table("SALTS") if "SALTS_TABLE" in self._environ else None
        return DynamoQuestions(self._table("QUESTIONS"), keys, salts)

    @cached_property
    def board(self) -> Board:
        if not self._environ.get("REDIS_HOST"):
            return NoBoard()
        from quizkit.lambdas.adapters.redis_board import RedisBoard
        from quizkit.lambdas.adapters.redis_client import connect

        return RedisBoard(lambda: connect(self._environ))

    @cached_property
    def timers(self) -> SqsTimers:
        return SqsTimers(self._api("sqs", queue.TARGET), self._environ["CONTROL_QUEUE_URL"])

    @cached_property
    def sockets(self) -> GatewaySockets:
        signer = Signer(credentials_in(self._environ), "execute-api", self._environ["AWS_REGION"])
        connections = _connections("execute-api", self._environ["CALLBACK_URL"], _POST)
        return GatewaySockets(connections, signer)

    @cached_property
    def workers(self) -> LambdaWorkers:
        from quizkit.lambdas.adapters.aws import LambdaWorkers

        return LambdaWorkers(
            self._client("lambda", _FUNCTION),
            broadcast=self._environ["BROADCAST_FUNCTION"],
            board=self._environ.get("BOARD_FUNCTION"),
        )

    @cached_property
    def metrics(self) -> EmbeddedMetrics:
        return EmbeddedMetrics(self._environ["STAGE"], clock)

    @cached_property
    def media(self) -> S3Media:
        from quizkit.lambdas.adapters.media import S3Media

        return S3Media(self._client("s3"), self._environ["MEDIA_BUCKET"])

    def media_url(self, media: str) -> str:
        """What players load: a URL as it is, an object of ours from where it is served."""
        return media if media.startswith("https://") else f"{self._environ['MEDIA_URL']}/{media}"

    # --- services ----------------------------------------------------------------------

    def joining(self) -> Joining:
        url = self._environ["WEBSOCKET_URL"]
        guesses = Guesses(DynamoMisses(self._table("TICKETS")), clock)
        words = self._environ.get("REFUSED_NAMES")
        refused = names.skeletons(names.REFUSED if words is None else words.split(","))
        return Joining(
            self.sessions,
            self.participants,
            self.tickets,
            guesses,
            Seats(DynamoSeatCounts(self._table("TICKETS")), clock),
            clock,
            url,
            refused,
        )

    def intake(self) -> Intake:
        patient = self._table("ANSWERS", _PATIENT)
        answers = DynamoAnswers(self._table("ANSWERS", _HASTY), patient)
        lease = Lease(self.sessions, clock)
        people = self.participants
        return Intake(lease, self.sessions, people, answers, clock, lambda: self.board)

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
        from quizkit.lambdas.adapters.aws import SnsWinners

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

    def library(self) -> Library:
        rows = DynamoMediaRows(self._table("QUESTIONS"))
        return Library(self.media, rows, self.questions, clock)

    def hosting(self) -> Hosting:
        from quizkit.lambdas.adapters.aws import FunctionDoor, Schedules

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
            self.library(),
            FunctionDoor(self._client("lambda", _FUNCTION), get("CONTROL_FUNCTION")),
            clock,
            get("WEBSOCKET_URL"),
        )


class NoBoard:
    """`ports.Board` of a stage without a cache: boards come from DynamoDB."""

    def write(self, *_: Any, **__: Any) -> bool:
        return False

    def move(self, *_: Any) -> None:
        return

    def top(self, *_: Any) -> None:
        return None
