"""A game from lobby to winners, through control, intake and broadcasting."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import pytest

from quizkit.core.session import DRAIN_MS, LEAD_MS, Command, Session, State
from tests.fakes.game import RIGHT, Player, World


def by_hand(points: int, elapsed: int, limit: int) -> int:
    """The contract's formula, in rational numbers."""
    if elapsed < 500:
        return points
    return floor(points * (1 - Fraction(elapsed, 1_000) / limit / 2) + Fraction(1, 2))


def play(world: World, session: Session, players: list[Player]) -> dict[str, int]:
    """Play to the end: player i answers right after i + 1 s, the last one always wrong."""
    points = {"q1": 1_000, "q2": 500, "q3": 1_000}
    expected = dict.fromkeys((player.id for player in players), 0)
    for number in range(3):
        opened = world.run_to(session, State.OPEN)
        window = opened.window
        assert window is not None
        for place, player in enumerate(players, start=1):
            world.clock.now = window.opens_at + place * 1_000
            right = place < len(players)
            answer = RIGHT[window.question_id] if right else ["a"]
            player.answer(window.question_id, *answer)
            if right:
                expected[player.id] += by_hand(
                    points[window.question_id], place * 1_000, window.time_limit
                )
        shown = world.run_to(session, State.REVEALED)
        assert shown.settled == number + 1
        world.step()
    return expected


@pytest.fixture
def played(world: World) -> tuple[World, Session, list[Player], dict[str, int]]:
    """A finished automatic game of three."""
    session = world.create(auto=True)
    players = [world.join(session, name) for name in ("Ada", "Bob", "Eve")]
    expected = play(world, session, players)
    world.run()
    return world, world.load(session), players, expected


Played = tuple[World, Session, list[Player], dict[str, int]]


def test_scores_equal_the_formula(played: Played) -> None:
    """What the formula gives by hand is on the board, in the results and on the podium."""
    world, session, players, expected = played
    assert session.state is State.FINISHED
    board = world.boards.get(session.session_id, 10)
    assert [(e["rank"], e["participant_id"], e["score"]) for e in board["entries"]] == [
        (rank, player.id, expected[player.id]) for rank, player in enumerate(players, start=1)
    ]
    results = world.results.results(session)
    assert {p["participant_id"]: p["score"] for p in results["participants"]} == expected
    for participant in results["participants"]:
        assert sum(a["points"] for a in participant["answers"]) == participant["score"]
        assert len(participant["answers"]) == 3
    assert [q["correct"] for q in results["questions"]] == [["b"], ["a", "c"], ["b"]]


def test_every_player_sees_every_event_in_order(played: Played) -> None:
    """One question after the other, each with its result and board; seq grows by one."""
    _, _, players, expected = played
    shown = ["new_question", "question_closed", "leaderboard"]
    for player in players:
        frames = [frame for frame in player.frames if frame["action"] != "lobby"]
        assert [frame["action"] for frame in frames] == [*shown * 3, "quiz_finished"]
        seqs = [frame["seq"] for frame in player.frames]
        assert seqs == sorted(set(seqs))
        last = player.events("question_closed")[-1]["you"]
        assert last["score"] == expected[player.id]
        assert player.events("quiz_finished")[0]["you"]["score"] == expected[player.id]


def test_questions_hold_what_players_may_see(played: Played) -> None:
    """The contract's fields, opened a second after sending; nothing of the key."""
    _, session, players, _ = played
    first, second, _ = players[0].events("new_question")
    assert first["question"] == {
        "id": "q1",
        "index": 0,
        "count": 3,
        "kind": "choice",
        "text": "Australia?",
        "options": [
            {"id": "a", "text": "Sydney"},
            {"id": "b", "text": "Canberra"},
            {"id": "c", "text": "Perth"},
        ],
        "time_limit": 20,
        "media_url": None,
    }
    assert first["closes_at"] - first["opens_at"] == 20_000
    assert second["question"]["media_url"] == "https://media.example/media/map.png"
    assert first["session_id"] == session.session_id


def test_results_tell_each_player_their_own(played: Played) -> None:
    """`question_closed` has the key, the counts and `you`; the counts add up."""
    _, _, (ada, _, eve), _ = played
    second = ada.events("question_closed")[1]
    assert second["correct"] == ["a", "c"]
    assert second["counts"] == {"a": 3, "b": 0, "c": 2}
    assert second["you"]["answer"] == ["a", "c"]
    assert second["you"]["correct"] is True
    wrong = eve.events("question_closed")[1]["you"]
    assert (wrong["answer"], wrong["correct"], wrong["points"], wrong["rank"]) == (
        ["a"],
        False,
        0,
        3,
    )
    assert ada.events("question_closed")[0]["explanation"] == "Chosen in 1908."


def test_audit_agrees(played: Played) -> None:
    """The stored standings are the fold of the stored answers."""
    world, session, _, _ = played
    audit = world.results.audit(session)
    assert audit["agrees"]
    assert (audit["answers"], audit["participants"], audit["differences"]) == (9, 3, [])


def test_winners_are_announced_once(played: Played) -> None:
    """One message with the podium; the session's PIN is given back."""
    world, session, players, expected = played
    (message,) = world.topic.published
    assert [w["participant_id"] for w in message["winners"]] == [p.id for p in players]
    assert message["winners"][0]["score"] == expected[players[0].id]
    assert (message["session_id"], message["participants"]) == (session.session_id, 3)
    assert world.sessions.find_pin(session.pin, world.clock()) is None
    assert world.sessions.listing(live=True, cursor=None) == ([], None)


def test_metrics(played: Played) -> None:
    """Participation for each question, completion once, a delay for each broadcast."""
    world, _, _, _ = played
    assert world.metrics.of("ParticipationRate") == [100.0, 100.0, 100.0]
    assert world.metrics.of("CompletionRate") == [100.0]
    assert len(world.metrics.of("BroadcastDelay")) == 7


def test_time_passes_as_promised(world: World) -> None:
    """Lead before, drain after, reveal between: every step of an automatic game is on time."""
    session = world.create(auto=True, lobby_seconds=5, reveal_seconds=3)
    opened = world.run_to(session, State.OPEN)
    window = opened.window
    assert window is not None
    assert window.opens_at == session.created_at + 5_000 + LEAD_MS
    shown = world.run_to(session, State.REVEALED)
    assert window.closes_at + DRAIN_MS <= shown.changed_at < window.closes_at + DRAIN_MS + 1_000
    again = world.run_to(session, State.OPEN)
    assert 3_000 <= again.changed_at - shown.changed_at < 5_000


def test_a_hosted_game_waits_for_its_host(world: World) -> None:
    """Without `auto` nothing happens by itself but the closing of a question."""
    session = world.create()
    host, ada = world.join_host(session), world.join(session, "Ada")
    world.run()
    assert world.load(session).state is State.LOBBY
    for command in (Command.START, Command.NEXT, Command.NEXT):
        world.apply(session, command)
        world.run()
        assert world.load(session).state is State.REVEALED
    finished = world.apply(session, Command.NEXT)
    assert finished.state is State.FINISHED
    assert [f["action"] for f in host.frames if f["action"] != "lobby"] == [
        f["action"] for f in ada.frames if f["action"] != "lobby"
    ]
    assert "you" not in host.events("question_closed")[0]


def test_ending_in_an_open_question(world: World) -> None:
    """It is closed, settled and shown, and what was answered counts on the podium."""
    session = world.create()
    ada = world.join(session, "Ada")
    window = world.apply(session, Command.START).window
    assert window is not None
    world.clock.now = window.opens_at + 100
    ada.answer("q1", "b")
    world.apply(session, Command.END)
    world.run()
    assert world.load(session).state is State.FINISHED
    assert [f["action"] for f in ada.frames if f["action"] != "lobby"] == [
        "new_question",
        "question_closed",
        "leaderboard",
        "quiz_finished",
    ]
    assert ada.events("quiz_finished")[0]["podium"][0]["score"] == 1_000


def test_a_session_ended_in_the_lobby(world: World) -> None:
    """No question asked: everybody is told, nobody has points, the audit agrees."""
    session = world.create()
    ada = world.join(session, "Ada")
    ended = world.apply(session, Command.END)
    (event,) = ada.events("quiz_finished")
    assert event["podium"] == [{"rank": 1, "participant_id": ada.id, "nickname": "Ada", "score": 0}]
    assert world.results.audit(ended)["agrees"]
    assert world.metrics.of("CompletionRate") == [0.0]


def test_many_shards_are_served_by_several_workers() -> None:
    """A large session's broadcast is split; everybody gets every event exactly once."""
    world = World(shards=20)
    session = world.create()
    players = [world.join(session, f"N{n}") for n in range(30)]
    host = world.join_host(session)
    world.apply(session, Command.START)
    assert all(len(player.events("new_question")) == 1 for player in [*players, host])
    asked = [r for r in world.workers.requests if r["events"][0]["action"] == "new_question"]
    assert sorted(shard for request in asked for shard in request["shards"]) == list(range(20))
    assert [request["hosts"] for request in asked].count(True) == 1
