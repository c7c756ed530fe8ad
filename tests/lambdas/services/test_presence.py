"""quizkit.lambdas.services.presence: sockets, snapshots, and nudges."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quizkit.core.errors import Rejected
from quizkit.core.session import Command, State
from quizkit.lambdas.ports import Ticket
from tests.fakes.game import RIGHT, World


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
    assert "Chosen in" not in str(snapshot)


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
        key: event[key]
        for key in ("question_id", "correct", "counts", "right", "explanation", "you")
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


def test_a_snapshot_while_the_session_finishes(world: World) -> None:
    """No podium, not even an empty one, before the last fold: the client is not done yet."""
    session = world.create()
    ada = world.join(session, "Ada")
    lobby = world.load(session)
    finishing = world.sessions.save(
        replace(lobby, state=State.FINISHED, version=lobby.version + 1),
        was=lobby.version,
        events=1,
        effects=True,
    )
    snapshot = world.resume(ada).snapshot
    assert (snapshot["state"], snapshot["podium"]) == ("finished", None)
    world.control.repair(session.session_id, finishing.version)
    assert [line["participant_id"] for line in world.resume(ada).snapshot["podium"]] == [ada.id]


def test_a_snapshot_while_a_question_settles(world: World) -> None:
    """A result that is recorded but not folded yet is not shown with the one before."""
    session = world.create()
    ada = world.join(session, "Ada")
    for command in (Command.START, Command.NEXT):
        window = world.apply(session, command).window
        assert window is not None
        ada.answer(window.question_id, *RIGHT[window.question_id], at=window.opens_at)
        world.run()
    session = world.load(session)
    _, lines = world.sessions.lines(session, int(ada.id[:2], 16))
    pages = dict.fromkeys(range(session.shards), lines)
    world.sessions.put_lines(replace(session, settled=1), pages)
    assert world.resume(ada).snapshot["last"] is None


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


def test_lost_timers_of_an_automatic_game_are_set_again(world: World) -> None:
    """A lobby that should have ended, and a result shown for too long, go on with an arrival."""
    session = world.create(auto=True, lobby_seconds=10, reveal_seconds=3)
    ada = world.join(session, "Ada")
    world.queue.queue.clear()
    world.clock.now = session.created_at + 10_000 + 5_001
    world.resume(ada)
    shown = world.run_to(session, State.REVEALED)
    world.queue.queue.clear()
    world.clock.now = shown.changed_at + 3_000 + 5_000
    world.resume(ada)
    assert world.queue.queue == []
    world.clock.advance(1)
    world.resume(ada)
    assert world.run_to(session, State.OPEN).index == 1


def test_an_arrival_costs_so_many_calls(world: World) -> None:
    """The socket is bound and the session read; once an interval somebody sees to the news."""
    session = world.create()
    joined = [world.joining.join({"pin": session.pin, "nickname": f"N{n}"}) for n in range(3)]
    who = [world.tickets.redeem(one["ticket"], world.clock()) for one in joined]
    world.faults.calls.clear()
    for number, ticket in enumerate(who):
        assert ticket is not None
        world.presence.arrive(ticket, f"c{number}")
    assert world.faults.calls == ["connect", "load", "poke_lobby", "send", *["connect", "load"] * 2]


def test_news_that_somebody_else_undertook_is_not_asked_for_again(world: World) -> None:
    """Another environment's news is waited for as one's own is; close to it one asks again."""
    session = world.create()
    now = world.clock()
    world.sessions.poke_lobby(session.session_id, now, 1_000)
    ada = world.join(session, "Ada")
    assert [body for *_, body in world.queue.queue if "lobby" in body] == []
    world.faults.calls.clear()
    world.clock.now = now + 1_000 - 101
    world.presence.arrive(ada.who, ada.connection)
    assert "poke_lobby" not in world.faults.calls
    for late in (100, 1):
        world.clock.now = now + 1_000 - late
        world.presence.arrive(ada.who, ada.connection)
    assert world.faults.calls.count("poke_lobby") == 2
    world.clock.now = now + 1_000
    world.presence.arrive(ada.who, ada.connection)
    assert len([body for *_, body in world.queue.queue if "lobby" in body]) == 1


def test_few_lobbies_are_remembered(world: World) -> None:
    """An environment that sees many sessions forgets what it knew of the older ones."""
    for _ in range(70):
        world.join(world.create(), "Ada")
    assert len(world.presence._dues) < 70


def test_no_line_is_looked_for_before_there_can_be_one(world: World) -> None:
    """Until the first question has settled."""
    session = world.create()
    ada = world.join(session, "Ada")
    started = world.apply(session, Command.START)
    assert started.window is not None
    world.faults.calls.clear()
    world.presence.arrive(ada.who, ada.connection)
    assert "lines" not in world.faults.calls
    world.run_to(session, State.REVEALED)
    assert world.resume(ada).snapshot["rank"] == 1
