"""quizkit.lambdas.services.presence: sockets, snapshots, and nudges."""

from __future__ import annotations

import pytest

from quizkit.core.errors import Rejected
from quizkit.core.session import Command, State
from quizkit.lambdas.ports import Ticket
from tests.fakes.game import World


def test_a_snapshot_of_the_lobby(world: World) -> None:
    """State, names, and nothing that is not known yet."""
    session = world.create()
    snapshot = world.join(session, "Ada").snapshot
    assert snapshot["state"] == "lobby"
    assert (snapshot["title"], snapshot["question_count"]) == ("Capitals", 3)
    assert (snapshot["role"], snapshot["nickname"]) == ("player", "Ada")
    assert (snapshot["score"], snapshot["rank"]) == (0, None)
    for unknown in ("question", "opens_at", "closes_at", "answered", "last", "podium"):
        assert snapshot[unknown] is None


def test_a_snapshot_of_an_open_question(world: World) -> None:
    """The question as it was sent, its times, and the own answer; nothing of the key."""
    session = world.create()
    ada = world.join(session, "Ada")
    started = world.apply(session, Command.START)
    assert started.window is not None
    snapshot = world.resume(ada).snapshot
    (event,) = ada.events("new_question")
    assert snapshot["question"] == event["question"]
    assert (snapshot["opens_at"], snapshot["closes_at"]) == (event["opens_at"], event["closes_at"])
    assert snapshot["answered"] is None
    ada.answer("q1", "a", at=started.window.opens_at)
    assert world.resume(ada).snapshot["answered"] == ["a"]
    assert "correct" not in str(snapshot)
    assert "1908" not in str(snapshot)


def test_a_snapshot_of_a_result(world: World) -> None:
    """What `question_closed` said, for those who missed it."""
    session = world.create()
    ada = world.join(session, "Ada")
    started = world.apply(session, Command.START)
    assert started.window is not None
    ada.answer("q1", "b", at=started.window.opens_at)
    world.run()
    (event,) = ada.events("question_closed")
    snapshot = world.resume(ada).snapshot
    assert snapshot["state"] == "revealed"
    assert snapshot["last"] == {
        key: event[key] for key in ("question_id", "correct", "counts", "explanation", "you")
    }
    assert (snapshot["score"], snapshot["rank"]) == (1_000, 1)
    late = world.join(session, "Late").snapshot
    assert late["last"]["you"] == {
        "answer": None,
        "correct": False,
        "points": 0,
        "score": 0,
        "rank": None,
    }


def test_a_result_that_is_not_recorded_yet(world: World) -> None:
    """Somebody who arrives between the settling and its effects gets a snapshot without it."""
    session = world.create()
    ada = world.join(session, "Ada")
    world.apply(session, Command.START)
    shown = world.run_to(session, State.REVEALED)
    hidden = World()
    hidden.sessions.create(shown)
    hidden.participants.add(world.participants.everybody(session)[0])
    snapshot = hidden.presence.arrive(ada.who, "c")["session"]
    assert snapshot["last"] is None


def test_a_snapshot_of_the_end(world: World) -> None:
    """The podium."""
    session = world.create()
    ada = world.join(session, "Ada")
    world.apply(session, Command.END)
    assert world.resume(ada).snapshot["podium"] == ada.events("quiz_finished")[0]["podium"]


def test_a_host_has_no_score(world: World) -> None:
    """A host's snapshot has the state, but no answer and no line."""
    session = world.create()
    world.join(session, "Ada")
    world.apply(session, Command.START)
    snapshot = world.join_host(session).snapshot
    assert (snapshot["role"], snapshot["rank"], snapshot["answered"]) == ("host", None, None)
    world.run()
    snapshot = world.join_host(session).snapshot
    assert snapshot["last"]["you"]["rank"] is None


def test_a_question_that_is_gone(world: World) -> None:
    """A quiz deleted while its question is open: the snapshot comes without it."""
    session = world.create()
    world.apply(session, Command.START)
    world.questions.delete(session.quiz_id)
    assert world.join(session, "Ada").snapshot["question"] is None


def test_a_session_that_is_gone(world: World) -> None:
    """A ticket of a session that is gone is refused."""
    session = world.create()
    ada = world.join(session, "Ada")
    empty = World()
    empty.participants.add(world.participants.everybody(session)[0])
    with pytest.raises(Rejected) as caught:
        empty.presence.arrive(ada.who, "c")
    assert caught.value.code == "session_not_found"


def test_one_socket_a_participant(world: World) -> None:
    """The newer takes the place of the older, whose end changes nothing then."""
    session = world.create()
    ada = world.join(session, "Ada")
    world.presence.arrive(ada.who, ada.connection)
    assert world.sockets.closed == []
    again = world.resume(ada)
    assert world.sockets.closed == [ada.connection]
    world.presence.disconnect(ada.who, ada.connection)
    stored = world.participants.get(session.session_id, ada.id)
    assert stored is not None
    assert stored.connection_id == again.connection
    world.presence.disconnect(again.who, again.connection)
    stored = world.participants.get(session.session_id, ada.id)
    assert stored is not None
    assert stored.connection_id is None


def test_nobody_connects_without_being_in_the_session(world: World) -> None:
    """Whoever is not stored there, or was removed, is refused."""
    session = world.create()
    stranger = Ticket(session.session_id, "00stranger", "player", "Eve", 0)
    with pytest.raises(Rejected) as caught:
        world.presence.connect(stranger, "c")
    assert caught.value.code == "forbidden"
    ada = world.join(session, "Ada")
    world.control.kick(session.session_id, ada.id)
    with pytest.raises(Rejected) as caught:
        world.presence.arrive(ada.who, "c2")
    assert caught.value.code == "forbidden"


def test_the_lobby_hears_of_newcomers(world: World) -> None:
    """However many come in one interval, one event goes out at its end, with all of them."""
    session = world.create()
    ada = world.join(session, "Ada")
    for number in range(12):
        world.join(session, f"N{number}")
    assert len(world.queue.queue) == 1
    world.run()
    (event,) = ada.events("lobby")
    assert event["participants"] == 13
    assert event["newest"] == [f"N{number}" for number in range(11, 1, -1)]
    world.clock.advance(1_000)
    world.join(session, "Zoe")
    world.run()
    assert [event["participants"] for event in ada.events("lobby")] == [13, 14]
    assert ada.events("lobby")[1]["seq"] > ada.events("lobby")[0]["seq"]


def test_no_lobby_news_once_it_has_started(world: World) -> None:
    """A message of the lobby that comes late is dropped, and kicked players are not counted."""
    session = world.create()
    ada = world.join(session, "Ada")
    eve = world.join(session, "Eve")
    world.control.kick(session.session_id, eve.id)
    message = world.queue.pop()[2]
    world.receive(message)
    assert ada.events("lobby")[0]["newest"] == ["Ada"]
    world.apply(session, Command.START)
    world.receive(message)
    assert len(ada.events("lobby")) == 1
    world.receive(message | {"session_id": "none"})


def test_an_overdue_question_is_closed_by_whoever_comes(world: World) -> None:
    """A lost timer is set again by the next arrival, once it is clearly overdue."""
    session = world.create()
    ada = world.join(session, "Ada")
    started = world.apply(session, Command.START)
    assert started.window is not None
    world.queue.queue.clear()
    world.clock.now = started.window.closes_at + 1_500 + 5_000
    world.resume(ada)
    assert world.queue.queue == []
    world.clock.advance(1)
    world.resume(ada)
    world.run()
    assert world.load(session).state is State.REVEALED
