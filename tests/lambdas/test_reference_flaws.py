"""Each flaw observed in the reference design, and the tests that fail when it comes back.

Tests without a path are in this file; one of them checks that all the others exist.

- connection stored under another key than the participant: a started quiz reaches nobody
    test_a_started_quiz_reaches_its_players
    tests/ports/test_participants.py::test_binding_sockets
- EventBridge detail parsed as text
    test_an_event_s_detail_is_an_object
    tests/infra/test_events.py::test_any_program_may_drive_a_quiz_through_the_default_bus
- only the first question is sent; no timer, no next, no end
    test_all_questions_are_asked_and_the_quiz_ends
    tests/lambdas/test_whole_game.py::test_every_player_sees_every_event_in_order
- points added on every request
    test_the_same_answer_twice_counts_once
    tests/ports/test_answers.py::test_the_first_answer_stands
- a Decimal in the response: 502 after the write
    test_everything_read_from_dynamodb_can_be_sent
    tests/lambdas/adapters/test_dynamo.py::test_numbers_are_whole_and_plain
- the client names its own participant
    test_nobody_answers_for_anybody_else
    tests/lambdas/handlers/test_answer.py::test_nobody_answers_for_another
- a wrong answer's response has the right one: the second try wins
    test_no_response_tells_the_right_answer
    test_a_second_try_cannot_win
- no window check
    test_late_answers_do_not_count
    tests/core/test_answers.py::test_window_is_inclusive_at_both_ends
- no authorizer on any route
    tests/lambdas/handlers/test_authorizer.py::test_a_ticket_opens_one_socket
    tests/infra/test_websocket_api.py::test_nobody_connects_without_a_ticket
    tests/infra/test_http_api.py::test_members_and_hosts_show_a_token_of_the_pool
- one role for all functions
    tests/infra/test_functions.py::test_every_function_has_a_role_of_its_own
    tests/infra/test_function_table.py::test_only_control_and_admin_can_read_the_answer_keys
- CORS `*`
    tests/infra/test_http_api.py::test_cors_is_for_configured_origins_only
    tests/infra/test_media.py::test_cors_is_for_configured_origins_only
- the board's fallback order is not by score
    test_the_fallback_board_is_in_order
    tests/lambdas/services/test_boards.py::test_redis_away
- one page only
    test_the_fallback_board_has_everybody
    tests/lambdas/adapters/test_dynamo.py::test_queries_read_every_page
- Redis with default retries
    tests/ports/test_board.py::test_the_client_does_not_wait
    tests/ports/test_board.py::test_a_killed_server_is_away_at_once
- a Redis connection per request
    test_redis_connections_are_kept
- `redis` not in the bundle
    tests/infra/test_bundle.py::test_a_handler_imports_and_builds_from_the_bundle_alone
- the cache's security group admits nobody
    tests/infra/test_network.py::test_the_cache_admits_exactly_the_functions
- winners never published
    test_winners_and_metrics_are_published
    tests/infra/test_topics.py::test_only_control_publishes_winners
- custom metrics never emitted
    test_winners_and_metrics_are_published
    tests/infra/test_observability.py::test_the_dashboard_shows_the_contract_s_metrics
- 3 DynamoDB calls and a new connection an answer
    test_an_answer_costs_one_write
- 3 write units, through an index
    tests/infra/test_storage.py::test_tables_are_on_demand_encrypted_expiring_and_without_indexes
- 65 answers/s: every one of those calls waits
    test_an_answer_costs_one_write
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import redis

from quizkit.core.errors import QuizError
from quizkit.core.session import Command, State
from quizkit.lambdas.adapters.redis_board import RedisBoard
from quizkit.lambdas.adapters.redis_client import connect
from quizkit.lambdas.adapters.sessions import DynamoSessions
from quizkit.lambdas.adapters.stores import DynamoParticipants
from tests.fakes.cloud import cloud, redis_server
from tests.fakes.game import QUIZ, RIGHT, Player, World

ROOT = Path(__file__).parents[2]


class _Tables(World):
    """The platform with sessions and participants on real tables."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.sessions = DynamoSessions(cloud().store())  # type: ignore[assignment]
        self.participants = DynamoParticipants(cloud().store())  # type: ignore[assignment]
        self._build()


def opened(world: World, *names: str) -> tuple[Any, list[Player]]:
    """A session with its first question just open, and its players."""
    session = world.create()
    players = [world.join(session, name) for name in names]
    started = world.apply(session, Command.START)
    assert started.window is not None
    world.clock.now = started.window.opens_at
    return started, players


def test_every_test_named_above_exists() -> None:
    """The table of this module is true."""
    table = __doc__ or ""
    for path, name in re.findall(r"(tests/\S+\.py)::(test_\w+)", table):
        assert f"def {name}(" in (ROOT / path).read_text(), name
    for name in re.findall(r"(?<!:)\b(test_\w+)\b(?!\.py)", table):
        assert name in globals(), name


@pytest.mark.parametrize("kind", [World, _Tables])
def test_a_started_quiz_reaches_its_players(kind: type[World]) -> None:
    """Joined and connected is all it takes: the question arrives on every socket."""
    world = kind()
    _, players = opened(world, "Ada", "Bob", "Eve")
    assert [len(player.events("new_question")) for player in players] == [1, 1, 1]


def test_an_event_s_detail_is_an_object(world: World) -> None:
    """A `Quiz Control` event as EventBridge delivers it starts a quiz."""
    body = {
        "id": "e1",
        "detail-type": "Quiz Control",
        "source": "quiz.platform",
        "time": "2027-01-15T08:00:01Z",
        "detail": {"action": "start", "quiz_id": QUIZ},
    }
    world.receive(body)
    world.step()
    (item,) = world.sessions.listing(live=True, cursor=None)[0]
    assert item["state"] == "open"


def test_all_questions_are_asked_and_the_quiz_ends(world: World) -> None:
    """By themselves, one after the other, to the finish."""
    session = world.create(auto=True)
    ada = world.join(session, "Ada")
    world.run()
    asked = [event["question"]["id"] for event in ada.events("new_question")]
    assert asked == ["q1", "q2", "q3"]
    assert len(ada.events("quiz_finished")) == 1
    assert world.load(session).state is State.FINISHED


def test_the_same_answer_twice_counts_once(world: World) -> None:
    """Acknowledged alike, scored once, however often it is sent."""
    session, (ada,) = opened(world, "Ada")
    assert len({json.dumps(ada.answer("q1", "b")) for _ in range(5)}) == 1
    world.run()
    assert ada.events("question_closed")[0]["you"]["score"] == 1_000
    assert world.results.audit(world.load(session))["answers"] == 1


def test_everything_read_from_dynamodb_can_be_sent() -> None:
    """Numbers that went through a table come out in every document and frame."""
    world = _Tables()
    session, (ada, _) = opened(world, "Ada", "Bob")
    ada.answer("q1", "b")
    world.run()
    now = world.load(session)
    documents = [
        world.boards.get(session.session_id, 10),
        world.results.results(now),
        world.results.audit(now),
        world.resume(ada).snapshot,
        *ada.frames,
    ]
    for document in documents:
        assert json.loads(json.dumps(document)) == document
    assert documents[0]["entries"][0]["score"] == 1_000


def test_nobody_answers_for_anybody_else(world: World) -> None:
    """The identity comes from the gateway; ids in the message are passed over."""
    session, (ada, bob) = opened(world, "Ada", "Bob")
    message = {
        "question_id": "q1",
        "answer": ["b"],
        "participant_id": bob.id,
        "participantId": bob.id,
        "session_id": "other",
    }
    world.intake.submit(ada.who, message, world.clock())
    (row,) = world.stored.of_session(session)
    assert row.participant_id == ada.id


def test_no_response_tells_the_right_answer(world: World) -> None:
    """Right, wrong, repeated, changed: responses and frames before the close are all alike."""
    session, (ada, bob) = opened(world, "Ada", "Bob")
    right, wrong = ada.answer("q1", "b"), bob.answer("q1", "a")
    assert right == wrong
    assert bob.answer("q1", "a") == wrong
    with pytest.raises(QuizError) as caught:
        bob.answer("q1", "b")
    seen = [right, wrong, caught.value.message, ada.frames, bob.frames]
    seen += [world.resume(bob).snapshot, world.boards.get(session.session_id, 10)]
    for words in ('"correct"', '"points"', "Chosen in 1908", "explanation"):
        assert words not in json.dumps(seen)


def test_a_second_try_cannot_win(world: World) -> None:
    """Whoever was wrong stays wrong."""
    _, (ada,) = opened(world, "Ada")
    ada.answer("q1", "a")
    with pytest.raises(QuizError) as caught:
        ada.answer("q1", "b")
    assert caught.value.code == "already_answered"
    world.run()
    assert ada.events("question_closed")[0]["you"]["score"] == 0


def test_late_answers_do_not_count(world: World) -> None:
    """Before the opening, after the close, after the end: refused, nothing stored."""
    session, (ada,) = opened(world, "Ada")
    window = session.window
    for at in (window.opens_at - 1, window.closes_at + 1):
        with pytest.raises(QuizError):
            ada.answer("q1", "b", at=at)
    world.run()
    with pytest.raises(QuizError):
        ada.answer("q1", "b")
    assert world.stored.of_session(session) == []


def test_the_fallback_board_is_in_order(world: World) -> None:
    """Without Redis: by score, and ties as the contract says."""
    session, players = opened(world, "Ada", "Bob", "Carl", "Dora")
    opens_at = session.window.opens_at
    for player, after in zip(players, (9_000, 450, 400, 5_000), strict=True):
        player.answer("q1", *RIGHT["q1"], at=opens_at + after)
    world.board.away = True
    world.run()
    board = world.boards.get(session.session_id, 10)
    assert board["source"] == "dynamodb"
    assert [entry["nickname"] for entry in board["entries"]] == ["Carl", "Bob", "Dora", "Ada"]


def test_the_fallback_board_has_everybody() -> None:
    """Without Redis, on real tables: more players than fit into any one answer's usual page."""
    world = _Tables(shards=2)
    world.board.away = True
    session = world.create()
    for number in range(130):
        joined = world.joining.join({"pin": session.pin, "nickname": f"N{number}"})
        assert joined["session_id"] == session.session_id
    board = world.boards.get(session.session_id, 1_000)
    assert (board["source"], board["total"], len(board["entries"])) == ("dynamodb", 130, 130)


def test_redis_connections_are_kept() -> None:
    """A hundred requests of one environment use one connection."""
    made: list[int] = []

    def counted() -> Any:
        made.append(1)
        return connect(redis_server().environ)

    board = RedisBoard(counted)
    with redis.Redis(port=redis_server().port) as client:
        before = client.info("stats")["total_connections_received"]
        for _ in range(100):
            board.write("kept", 0, 1, [])
            board.top("kept", 0, 10)
        after = client.info("stats")["total_connections_received"]
    assert (len(made), after - before) == (1, 1)


def test_winners_and_metrics_are_published(world: World) -> None:
    """Once a session the winners and the completion, for every question the participation."""
    session, (ada, _) = opened(world, "Ada", "Bob")
    ada.answer("q1", "b")
    world.run()
    world.apply(session, Command.END)
    (message,) = world.topic.published
    assert message["winners"][0]["nickname"] == "Ada"
    assert world.metrics.of("ParticipationRate") == [50.0]
    assert world.metrics.of("CompletionRate") == [50.0]


def test_an_answer_costs_one_write(world: World) -> None:
    """In a live game a warm intake makes one call to a store, and none to Redis."""
    _, (ada, bob) = opened(world, "Ada", "Bob")
    ada.answer("q1", "b")
    world.faults.arm(None)
    world.intake.board = _no_redis
    bob.answer("q1", "a")
    assert world.faults.calls == ["put"]


def _no_redis() -> Any:
    raise AssertionError("the answer path of a live game has no use for Redis")
