"""quizkit.lambdas.services.inbox: events, schedules, and what comes twice, late or mixed up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from quizkit.core.errors import QuizError
from quizkit.core.owners import ADMIN, ADMINS, Caller
from quizkit.core.session import Command, Session, State
from quizkit.lambdas.services.inbox import Inbox
from tests.fakes.faults import Faults
from tests.fakes.game import QUIZ, Player, World

HOST = Caller("ada-1")


def event(action: object, event_id: str = "e1", /, *, at: int, **detail: Any) -> dict[str, Any]:
    """A `Quiz Control` event as EventBridge puts it on the queue."""
    time = datetime.fromtimestamp(at // 1_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "version": "0",
        "id": event_id,
        "detail-type": "Quiz Control",
        "source": "quiz.platform",
        "time": time,
        "detail": {"action": action, **detail},
    }


def sessions_of(world: World) -> list[dict[str, Any]]:
    """Every session there is."""
    return world.sessions.listing(live=False, cursor=None)[0]


# --- EventBridge -----------------------------------------------------------------------------


def test_an_event_starts_a_quiz(world: World) -> None:
    """No lobby waits: a session of the admins' is opened that starts by itself."""
    world.receive(event("start", at=world.clock(), quiz_id=QUIZ, lobby_seconds=7, owner="ada-1"))
    (item,) = sessions_of(world)
    assert item["owner"] == ADMINS
    assert (item["state"], item["auto"], item["lobby_seconds"]) == ("lobby", True, 7)
    world.run()
    assert sessions_of(world)[0]["state"] == "finished"


def test_an_event_starts_the_lobby_that_waits(world: World) -> None:
    """A lobby of this quiz is started, no second session is made."""
    session = world.create()
    world.clock.advance(1_000)
    world.receive(event("start", at=world.clock(), quiz_id=QUIZ))
    assert world.load(session).state is State.OPEN
    assert len(sessions_of(world)) == 1


def test_a_doubled_start_makes_one_session(world: World) -> None:
    """Twice in a row, again when the session is under way, again when it is over."""
    start = event("start", at=world.clock(), quiz_id=QUIZ)
    world.receive(start)
    world.receive(start)
    (item,) = sessions_of(world)
    assert item["state"] == "lobby"
    world.step()
    world.receive(start)
    world.run()
    world.receive(start)
    assert [item["state"] for item in sessions_of(world)] == ["finished"]


def test_a_doubled_start_of_a_lobby_makes_no_session(world: World) -> None:
    """The first delivery started the lobby; the second must not take that for a new wish."""
    session = world.create()
    world.clock.advance(1_000)
    start = event("start", at=world.clock(), quiz_id=QUIZ)
    for _ in range(3):
        world.receive(start)
    assert [item["session_id"] for item in sessions_of(world)] == [session.session_id]


def test_two_events_make_two_sessions(world: World) -> None:
    """Another event is another wish, once the first session has started."""
    world.receive(event("start", "e1", at=world.clock(), quiz_id=QUIZ, lobby_seconds=0))
    world.step()
    world.receive(event("start", "e2", at=world.clock(), quiz_id=QUIZ))
    assert len(sessions_of(world)) == 2


def test_an_event_that_failed_is_handled_again() -> None:
    """Storage fails once: the queue delivers again, and one session comes of it."""
    world = World(
        faults=Faults(lambda: QuizError("unavailable", "struck")),
    )
    calls = 0
    world.faults.arm(None)
    world.receive(event("start", "probe", at=world.clock(), quiz_id=QUIZ))
    calls = len(world.faults.calls)
    for number in range(calls):
        world = World(faults=Faults(lambda: QuizError("unavailable", "struck")))
        world.faults.arm(number)
        world.receive(event("start", at=world.clock(), quiz_id=QUIZ))
        world.faults.arm(None)
        world.run()
        assert [item["state"] for item in sessions_of(world)] == ["finished"], number


def test_events_drive_a_session(world: World) -> None:
    """start, close, next and end by session id, as any program may send them."""
    session = world.create()
    sid = session.session_id
    for action, state in (
        ("start", State.REVEALED),
        ("next", State.REVEALED),
        ("end", State.FINISHED),
    ):
        world.clock.advance(1_000)
        world.receive(event(action, action, at=world.clock(), session_id=sid))
        world.clock.advance(2_000)
        if action == "next":
            world.receive(event("close", at=world.clock(), session_id=sid))
        world.run()
        assert world.load(session).state is state
    assert world.load(session).index == 1


def test_events_by_quiz_mean_its_only_session(world: World) -> None:
    """With two live sessions the event is nobody's, and changes nothing."""
    one = world.create()
    world.apply(one, Command.START)
    world.run()
    world.clock.advance(2_000)
    world.receive(event("next", at=world.clock(), quiz_id=QUIZ))
    assert world.load(one).index == 1
    world.create()
    world.run()
    world.clock.advance(2_000)
    world.receive(event("next", at=world.clock(), quiz_id=QUIZ))
    assert world.load(one).index == 1


def test_a_late_event_is_stale(world: World) -> None:
    """It was sent before the session's last change: it meant what is over."""
    session = world.create()
    sent = world.clock()
    world.clock.advance(5_000)
    world.apply(session, Command.START)
    world.run()
    before = world.load(session)
    world.receive(event("next", at=sent, session_id=session.session_id))
    world.receive(event("end", at=sent, quiz_id=QUIZ))
    assert world.load(session) == before


def test_an_event_without_time_counts_from_the_queue(world: World) -> None:
    """Where no time stands in it, the time at which the queue took it does."""
    session = world.create()
    body = event("start", at=0, session_id=session.session_id) | {"time": "soon"}
    world.receive(body, sent_at=session.created_at - 1)
    assert world.load(session).state is State.LOBBY
    world.receive(body, sent_at=session.created_at)
    assert world.load(session).state is State.OPEN


@pytest.mark.parametrize(
    "detail",
    [
        None,
        "start",
        '{"action": "start"}',
        [],
        {},
        {"action": "settle"},
        {"action": "kick"},
        {"action": None},
        {"action": ["start"]},
        {"action": "next", "session_id": "none"},
        {"action": "next"},
        {"action": "start", "quiz_id": "no such quiz"},
        {"action": "start", "session_id": "none", "quiz_id": QUIZ},
    ],
)
def test_events_that_mean_nothing(world: World, detail: object) -> None:
    """Wrong shapes, unknown actions and ids end the message and change nothing."""
    world.receive(event("start", at=world.clock()) | {"detail": detail})
    assert sessions_of(world) == []
    assert world.queue.queue == []


def test_an_event_with_wrong_options_goes_to_the_dead_letters(world: World) -> None:
    """Somebody has to see it: it fails, again and again."""
    body = event("start", at=world.clock(), quiz_id=QUIZ, lobby_seconds="soon")
    for _ in range(2):
        with pytest.raises(QuizError, match="lobby_seconds"):
            Inbox(world.control).receive(body, world.clock())


@pytest.mark.parametrize("body", [{}, {"detail-type": "Other"}, {"hello": 1}, {"timers": {}}])
def test_unknown_messages_are_passed_over(world: World, body: dict[str, Any]) -> None:
    """What is not for us ends quietly."""
    world.receive(body)
    assert world.queue.queue == []


# --- schedules -------------------------------------------------------------------------------


def test_a_one_time_schedule_starts_its_lobby(world: World) -> None:
    """The session was opened when it was planned; delivered twice, it starts once."""
    made = world.hosting.run(
        "schedule.create", {"quiz_id": QUIZ, "expression": "at(2030-01-01T12:00:00)"}, ADMIN
    )
    session = world.control.load(made["session_id"])
    assert session.auto
    assert session.lobby_seconds is None
    world.run()
    assert world.load(session).state is State.LOBBY
    message = world.schedules.messages[made["schedule"]]
    world.receive(message)
    world.receive(message)
    assert world.load(session).index == 0
    world.run()
    world.receive(message)
    assert world.load(session).state is State.FINISHED


def test_each_run_of_a_recurring_schedule_is_one_session(world: World) -> None:
    """A doubled run makes no second one, the next run does; options and owner are kept."""
    made = world.hosting.run(
        "schedule.create",
        {"quiz_id": QUIZ, "expression": "rate(1 hour)", "lobby_seconds": 30, "reveal_seconds": 2},
        HOST,
    )
    assert "session_id" not in made
    message = world.schedules.messages[made["schedule"]]
    for at in ("2030-01-01T12:00:00Z", "2030-01-01T12:00:00Z", "2030-01-01T13:00:00Z"):
        world.receive({**message, "scheduled_at": at})
    items = sessions_of(world)
    assert [(i["auto"], i["lobby_seconds"], i["reveal_seconds"]) for i in items] == [
        (True, 30, 2),
        (True, 30, 2),
    ]
    assert {item["owner"] for item in items} == {"ada-1"}
    world.run()
    assert {item["state"] for item in sessions_of(world)} == {"finished"}


def test_a_scheduler_that_fills_in_no_time(world: World) -> None:
    """Then a run is a minute of the queue's time."""
    message = {"schedule": "s", "quiz_id": QUIZ, "scheduled_at": "<aws.scheduler.scheduled-time>"}
    for sent_at in (60_000, 119_999, 120_000):
        world.receive(message, sent_at)
    assert len(sessions_of(world)) == 2


def test_a_schedule_whose_quiz_is_gone(world: World) -> None:
    """Its runs end quietly."""
    world.questions.delete(QUIZ)
    world.receive({"schedule": "s", "quiz_id": QUIZ, "scheduled_at": "2030-01-01T12:00:00Z"})
    assert sessions_of(world) == []


# --- all answered ----------------------------------------------------------------------------


def opened(world: World, **options: Any) -> tuple[Session, list[Player]]:
    """A session with an open question and two players, now open."""
    session = world.create(**options)
    players = [world.join(session, name) for name in ("Ada", "Bob")]
    started = world.apply(session, Command.START)
    assert started.window is not None
    world.clock.now = started.window.opens_at + 100
    return started, players


def test_closing_when_everybody_has_answered(world: World) -> None:
    """Proposed by the counter, checked against the stored answers, then done."""
    session, (ada, bob) = opened(world, close_early=True)
    message = {"session_id": session.session_id, "all_answered": "q1"}
    ada.answer("q1", "b")
    world.receive(message)
    assert world.load(session) == session
    bob.answer("q1", "a")
    world.receive(message)
    closed = world.load(session)
    assert closed.window is not None
    assert closed.window.closes_at == world.clock() + 1_000
    world.receive(message)
    assert world.load(session) == closed


def test_who_is_gone_is_not_waited_for(world: World) -> None:
    """Somebody without a socket, or removed, does not hold up the others."""
    session, (ada, bob) = opened(world, close_early=True)
    carl = world.join(session, "Carl")
    ada.answer("q1", "b")
    world.presence.disconnect(bob.who, bob.connection)
    world.control.kick(session.session_id, carl.id)
    world.receive({"session_id": session.session_id, "all_answered": "q1"})
    assert world.load(session) != session


def test_closing_early_is_for_sessions_that_ask_for_it(world: World) -> None:
    """Otherwise, and for another question or a settled one, the message changes nothing."""
    session, (ada, bob) = opened(world)
    ada.answer("q1", "b")
    bob.answer("q1", "b")
    world.receive({"session_id": session.session_id, "all_answered": "q1"})
    assert world.load(session) == session
    eager, _ = opened(world, close_early=True)
    world.receive({"session_id": eager.session_id, "all_answered": "q2"})
    assert world.load(eager) == eager
    world.run()
    before = world.load(eager)
    world.receive({"session_id": eager.session_id, "all_answered": "q1"})
    assert world.load(eager) == before


# --- twice, late and mixed up ----------------------------------------------------------------


def automatic_game(world: World, extra: Any) -> tuple[list[Any], list[str]]:
    """Frames (without ids) of a game, `extra` done around every delivery; and the states."""
    session = world.create(auto=True)
    ada = world.join(session, "Ada")
    states = []
    seen: list[tuple[dict[str, Any], int]] = []
    while world.queue.queue:
        due, sent_at, body = world.queue.pop()
        world.clock.now = max(world.clock.now, due)
        world.receive(body, sent_at)
        seen.append((body, sent_at))
        extra(world, seen)
        states.append(str(world.load(session).state))
    frames = [(f["action"], f["seq"]) for f in ada.frames if f["action"] != "lobby"]
    assert len(world.topic.published) == 1
    return frames, list(dict.fromkeys(states))


def nothing(world: World, seen: list[tuple[dict[str, Any], int]]) -> None:
    """An orderly queue."""


def doubled(world: World, seen: list[tuple[dict[str, Any], int]]) -> None:
    """A queue that delivers the last message twice more."""
    if "lobby" not in seen[-1][0]:
        for _ in range(2):
            world.receive(*seen[-1])


def replayed(world: World, seen: list[tuple[dict[str, Any], int]]) -> None:
    """A queue that delivers everything again, the newest first."""
    for body, sent_at in reversed(seen):
        if "lobby" not in body:
            world.receive(body, sent_at)


@pytest.mark.parametrize("disorder", [doubled, replayed])
def test_messages_may_come_twice_late_and_in_any_order(disorder: Any) -> None:
    """Nobody sees anything else than in an orderly game, or anything twice."""
    assert automatic_game(World(), disorder) == automatic_game(World(), nothing)


def test_events_may_come_twice_late_and_in_any_order(world: World) -> None:
    """A game driven by events; each comes three times, and all of them again at the end."""
    session = world.create()
    ada = world.join(session, "Ada")
    world.run()
    sent: list[dict[str, Any]] = []
    for number, action in enumerate(("start", "next", "next", "next")):
        world.clock.advance(2_000)
        body = event(action, f"e{number}", at=world.clock(), session_id=session.session_id)
        sent.append(body)
        for earlier in [body, body, *sent]:
            world.receive(earlier)
        world.run()
    finished = world.load(session)
    assert finished.state is State.FINISHED
    shown = ["new_question", "question_closed", "leaderboard"]
    actions = [f["action"] for f in ada.frames if f["action"] != "lobby"]
    assert actions == [*shown * 3, "quiz_finished"]
    for body in reversed(sent):
        world.receive(body)
    assert world.load(session) == finished


def test_a_full_lobby_is_told_of_itself_more_rarely(world: World) -> None:
    """Hosts hear every second; players as often as twenty a second can, the last of them."""
    session = world.create()
    host = world.join_host(session)
    players = [world.join(session, f"N{number}") for number in range(200)]
    begun = world.clock()
    world.run(until=begun + 1_200)
    counts = [event["participants"] for event in host.events("lobby")]
    assert counts[-1] == 200
    assert all(player.events("lobby") == [] for player in players)
    late = world.join(session, "Late")
    world.run(until=begun + 2_500)
    assert host.events("lobby")[-1]["participants"] == 201
    world.run(until=begun + 12_000)
    for player in (*players, late):
        assert [event["participants"] for event in player.events("lobby")] == [201]
    world.run(until=begun + 60_000)
    assert len(late.events("lobby")) == 1
    assert len(host.events("lobby")) <= 4


def test_a_filling_lobby_costs_frames_by_the_second(world: World) -> None:
    """Five hundred in ten seconds: every player hears of the last, for a few frames each."""
    session = world.create()
    begun, seated = world.clock(), []
    for number in range(500):
        world.run(until=begun + number * 20)
        seated.append(world.join(session, f"N{number}"))
    world.run(until=begun + 60_000)
    assert {player.events("lobby")[-1]["participants"] for player in seated} == {500}
    assert sum(len(player.events("lobby")) for player in seated) <= 3 * 500


def test_lobby_news_after_the_start_tells_nobody(world: World) -> None:
    """Also those that only hosts were to be told of lead to none for all."""
    session = world.create()
    ada = world.join(session, "Ada")
    world.queue.queue.clear()
    world.apply(session, Command.START)
    before = len(ada.frames)
    for told in ("hosts", "all", True):
        world.receive({"session_id": session.session_id, "lobby": told})
    assert len(ada.frames) == before
    assert [body for *_, body in world.queue.queue if "lobby" in body] == []
