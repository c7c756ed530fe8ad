"""Timers, workers, sockets, winners, schedules, metrics: fakes and adapters alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from quizkit.core.errors import QuizError
from quizkit.core.session import Command, Timer
from quizkit.lambdas.adapters import queue as sqs_queue
from quizkit.lambdas.adapters.aws import FunctionDoor, LambdaWorkers, Schedules, SnsWinners
from quizkit.lambdas.adapters.connections import Connections
from quizkit.lambdas.adapters.metrics import EmbeddedMetrics
from quizkit.lambdas.adapters.queue import SqsTimers
from quizkit.lambdas.adapters.signing import Credentials, Signer
from quizkit.lambdas.adapters.sockets import GatewaySockets
from quizkit.lambdas.ports import Metrics, Sockets, Timers, Winners, Workers
from quizkit.lambdas.services.hosting import ScheduleBook
from tests.fakes.callbacks import callbacks
from tests.fakes.clock import FakeClock
from tests.fakes.cloud import REGION, cloud
from tests.fakes.services import (
    FakeMetrics,
    FakeSchedules,
    FakeSockets,
    FakeTimers,
    FakeWinners,
    FakeWorkers,
)

NOW = 1_800_000_000_000


# --- timers ----------------------------------------------------------------------------------


@dataclass
class Queue:
    """A queue, and how to look into it: bodies that are due, and how many wait."""

    timers: Timers
    due: Callable[[], list[dict[str, Any]]]
    waiting: Callable[[], int]


@pytest.fixture(params=["fake", "sqs"])
def queue(request: pytest.FixtureRequest) -> Queue:
    """An empty queue."""
    if request.param == "fake":
        clock = FakeClock(NOW)
        fake = FakeTimers(clock)

        def due() -> list[dict[str, Any]]:
            return [body for at, _, _, body in sorted(fake.queue) if at <= clock.now]

        return Queue(fake, due, lambda: sum(1 for entry in fake.queue if entry[0] > clock.now))
    url, sqs = cloud().queue(), cloud().client("sqs")

    def received() -> list[dict[str, Any]]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]

    def delayed() -> int:
        name = "ApproximateNumberOfMessagesDelayed"
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])
        return int(found["Attributes"][name])

    return Queue(SqsTimers(cloud().api("sqs", sqs_queue.TARGET), url), received, delayed)


def test_messages_are_delivered(queue: Queue) -> None:
    """What is sent without delay is there at once, as it was sent."""
    queue.timers.send({"session_id": "s", "lobby": True, "é": [1, None]}, 0)
    assert queue.due() == [{"session_id": "s", "lobby": True, "é": [1, None]}]


def test_timers_say_what_they_are_for(queue: Queue) -> None:
    """Command, question and time; one that is overdue comes at once."""
    queue.timers.set("s", Timer(Command.SETTLE, 2, NOW - 5), NOW)
    timer = {"action": "settle", "index": 2, "at": NOW - 5}
    assert queue.due() == [{"session_id": "s", "timer": timer}]


@pytest.mark.parametrize("wait", [1, 999, 60_000, 900_000, 10**9])
def test_timers_wait(queue: Queue, wait: int) -> None:
    """Never delivered before the time, however short or long."""
    queue.timers.set("s", Timer(Command.NEXT, 0, NOW + wait), NOW)
    assert queue.due() == []
    assert queue.waiting() == 1


def test_a_queue_that_is_gone() -> None:
    """The vendor's exception stops at the adapter."""
    timers = SqsTimers(cloud().api("sqs", sqs_queue.TARGET), cloud().queue() + "-gone")
    with pytest.raises(QuizError) as caught:
        timers.send({}, 0)
    assert caught.value.code == "unavailable"


# --- workers ---------------------------------------------------------------------------------

ECHO = """
def handler(event, context):
    if "refresh" in event:
        return {"written": event["refresh"] == "s"}
    if event.get("fail"):
        raise ValueError("no")
    return {"players": len(event["shards"]), "gone": 0}
"""


@pytest.fixture(scope="module")
def echo() -> str:
    """A function that answers as broadcast and board do."""
    return cloud().function(ECHO)


@pytest.fixture(params=["fake", "lambda"])
def workers(request: pytest.FixtureRequest) -> Workers:
    """Workers that count shards, and renew the board of session `s` alone."""
    if request.param == "fake":
        fake = FakeWorkers()
        fake.send = lambda asked: {"players": len(asked["shards"])}
        fake.refresh = lambda session_id: session_id == "s"
        return fake
    name = request.getfixturevalue("echo")
    return LambdaWorkers(cloud().client("lambda"), broadcast=name, board=name)


def test_workers_answer(workers: Workers) -> None:
    """Called, waited for, and their numbers handed back."""
    assert workers.broadcast({"session_id": "s", "shards": [1, 2, 3], "events": []}) == 3
    assert workers.refresh_board("s") is True
    assert workers.refresh_board("other") is False


def test_failing_functions(echo: str) -> None:
    """A broadcast that failed is an error; a board that could not be renewed is not."""
    client = cloud().client("lambda")
    workers = LambdaWorkers(client, broadcast=echo, board="none")
    with pytest.raises(QuizError, match="failed"):
        workers.broadcast({"fail": True})
    assert workers.refresh_board("s") is False
    assert LambdaWorkers(client, broadcast=echo).refresh_board("s") is False
    with pytest.raises(QuizError, match="cannot be reached"):
        LambdaWorkers(client, broadcast="none").broadcast({})


def test_doors_hand_errors_on() -> None:
    """Another function's refusal arrives with its code."""
    code = """
def handler(event, context):
    if event["ask"] == "good":
        return {"ok": {"state": "open"}}
    return {"error": {"code": "not_allowed_now", "message": "a question is open"}}
"""
    door = FunctionDoor(cloud().client("lambda"), cloud().function(code))
    assert door({"ask": "good"}) == {"state": "open"}
    with pytest.raises(QuizError, match="a question is open") as caught:
        door({"ask": "bad"})
    assert (caught.value.code, caught.value.status) == ("not_allowed_now", 409)


# --- sockets ---------------------------------------------------------------------------------


@dataclass
class Line:
    """The callback interface, and the clients behind it."""

    sockets: Sockets
    clients: Any


@pytest.fixture(params=["fake", "http"])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    """No client is connected yet."""
    if request.param == "fake":
        fake = FakeSockets()
        yield Line(fake, fake)
        return
    with callbacks() as seen:
        yield Line(gateway(seen.url), seen)


def gateway(url: str) -> GatewaySockets:
    """The adapter on a callback URL."""
    signer = Signer(Credentials("test", "test"), "execute-api", REGION)
    return GatewaySockets(Connections(url, connect_seconds=2, read_seconds=5), signer)


def test_frames_arrive_in_order(line: Line) -> None:
    """Each connection gets its own frames, one after the other."""
    for name in ("a=", "b+/", "c"):
        line.clients.open(name)
    posts = [(name, [b'{"n":1}', f'{{"to":"{name}"}}'.encode()]) for name in ("a=", "b+/", "c")]
    assert line.sockets.post(posts) == []
    for name in ("a=", "b+/", "c"):
        assert line.clients.frames[name] == [{"n": 1}, {"to": name}]
    assert line.sockets.post([]) == []


def test_connections_that_are_gone_are_told(line: Line) -> None:
    """In the order in which they were posted to; the others get theirs."""
    for number in range(40):
        line.clients.open(f"c{number}")
    for number in (7, 20):
        line.clients.drop(f"c{number}")
    posts = [(f"c{number}", [b"{}", b"{}"]) for number in range(40)]
    assert line.sockets.post([*posts, ("never", [b"{}"])]) == ["c7", "c20", "never"]
    assert line.clients.frames["c8"] == [{}, {}]


def test_closing(line: Line) -> None:
    """A closed connection is gone; closing it again is harmless."""
    line.clients.open("a")
    line.sockets.close("a")
    line.sockets.close("a")
    assert line.sockets.post([("a", [b"{}"])]) == ["a"]


def test_refused_posts_are_repeated() -> None:
    """Throttled or broken for a moment: sent again, in order; for long: given up, not gone."""
    with callbacks() as seen:
        for name in ("once", "long"):
            seen.open(name)
        seen.refusals["once"] = [429, 500]
        seen.refusals["long"] = [429] * 10
        posts = [(name, [b'{"n":1}', b'{"n":2}']) for name in ("once", "long")]
        assert gateway(seen.url).post(posts) == []
        assert seen.frames["once"] == [{"n": 1}, {"n": 2}]
        assert len(seen.requests) < 12


def test_a_socket_that_takes_no_frame_is_closed() -> None:
    """Given up on a frame, the client is made to come back; it gets no later frame before."""
    with callbacks() as seen:
        seen.open("a")
        seen.refusals["a"] = [429] * 3
        assert gateway(seen.url).post([("a", [b'{"n":1}', b'{"n":2}'])]) == []
        assert "a" not in seen.frames
        assert [method for method, _, _ in seen.requests] == ["POST"] * 3 + ["DELETE"]


def test_posts_are_signed() -> None:
    """Every request carries a signature for this service."""
    with callbacks() as seen:
        seen.open("a")
        gateway(seen.url).post([("a", [b"{}"])])
        ((method, path, headers),) = seen.requests
    assert (method, path) == ("POST", "/dev/@connections/a")
    assert f"/{REGION}/execute-api/aws4_request" in headers["authorization"]


def test_a_gateway_that_is_away() -> None:
    """Nobody is taken for gone only because nobody can be reached."""
    with callbacks() as seen:
        url = seen.url
    sockets = gateway(url)
    assert sockets.post([("a", [b"{}"])]) == []
    sockets.close("a")


# --- winners ---------------------------------------------------------------------------------

WON = {"session_id": "s", "title": "Hauptstädte", "winners": [{"rank": 1, "nickname": "Ada"}]}


@pytest.mark.parametrize("kind", ["fake", "sns"])
def test_winners_are_published(kind: str) -> None:
    """Subscribers get the document."""
    if kind == "fake":
        fake = FakeWinners()
        winners: Winners = fake
        winners.publish(WON)
        assert fake.published == [WON]
        return
    arn, url = cloud().topic()
    winners = SnsWinners(cloud().client("sns"), arn)
    winners.publish(WON)
    messages = cloud().client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert [json.loads(message["Body"]) for message in messages] == [WON]


def test_a_topic_that_is_gone() -> None:
    """A refusal is an error, so that the announcement is made later."""
    with pytest.raises(QuizError, match="winners' topic"):
        SnsWinners(cloud().client("sns"), "arn:aws:sns:us-east-1:000000000000:none").publish(WON)


# --- schedules -------------------------------------------------------------------------------


@pytest.fixture(params=["fake", "scheduler"])
def schedules(request: pytest.FixtureRequest) -> ScheduleBook:
    """An empty group of schedules."""
    if request.param == "fake":
        return FakeSchedules()
    client = cloud().client("scheduler")
    group = cloud().table()
    client.create_schedule_group(Name=group)
    arn = "arn:aws:sqs:us-east-1:000000000000:control"
    role = "arn:aws:iam::000000000000:role/schedules"
    return Schedules(client, group=group, queue_arn=arn, role_arn=role, dead=f"{arn}-dead")


def test_schedules_are_kept(schedules: ScheduleBook) -> None:
    """Made, listed, deleted, each by its name; the admins' unless the message says whose."""
    assert schedules.listing() == []
    schedules.create("b", "rate(1 hour)", "UTC", {"quiz_id": "q1", "schedule": "b"})
    schedules.create("a", "cron(0 9 * * ? *)", "Europe/Vienna", {"quiz_id": "q2", "owner": "ada-1"})
    expected = [
        {
            "schedule": "a",
            "expression": "cron(0 9 * * ? *)",
            "timezone": "Europe/Vienna",
            "quiz_id": "q2",
            "owner": "ada-1",
        },
        {
            "schedule": "b",
            "expression": "rate(1 hour)",
            "timezone": "UTC",
            "quiz_id": "q1",
            "owner": "admin",
        },
    ]
    assert sorted(schedules.listing(), key=lambda entry: str(entry["schedule"])) == expected
    with pytest.raises(QuizError) as caught:
        schedules.create("a", "rate(1 hour)", "UTC", {"quiz_id": "q1"})
    assert caught.value.code == "conflict"
    schedules.delete("a")
    assert schedules.listing() == expected[1:]
    with pytest.raises(QuizError) as caught:
        schedules.delete("a")
    assert caught.value.code == "schedule_not_found"


# --- metrics ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["fake", "emf"])
def test_metrics_are_put(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Names, values and units; on AWS as a log line that CloudWatch reads."""
    values = {"ParticipationRate": (75.0, "Percent")}
    if kind == "fake":
        fake = FakeMetrics()
        metrics: Metrics = fake
        metrics.put(values, session_id="s")
        assert fake.values == [("ParticipationRate", 75.0, "Percent")]
        return
    metrics = EmbeddedMetrics("dev", lambda: NOW)
    metrics.put(values, session_id="s")
    line = json.loads(capsys.readouterr().out)
    assert line["_aws"] == {
        "Timestamp": NOW,
        "CloudWatchMetrics": [
            {
                "Namespace": "QuizPlatform",
                "Dimensions": [["Environment"]],
                "Metrics": [{"Name": "ParticipationRate", "Unit": "Percent"}],
            }
        ],
    }
    assert (line["Environment"], line["ParticipationRate"], line["session_id"]) == (
        "dev",
        75.0,
        "s",
    )
