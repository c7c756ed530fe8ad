"""quizkit.lambdas.services.control: moves, timers, kicks and new sessions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from quizkit.core.errors import QuizError, Rejected
from quizkit.core.session import DRAIN_MS, LEASE_MS, Command, Session, State, Timer
from quizkit.lambdas.ports import StaleVersion
from quizkit.lambdas.services.control import PATIENCE_MS, REPAIR_SECONDS, SPARE_MS, view
from quizkit.lambdas.services.inbox import Inbox
from tests.fakes.faults import Killed
from tests.fakes.game import QUIZ, World
from tests.fakes.services import FakeTimers
from tests.fakes.sessions import FakeSessions


def code_of(action: Any, *args: Any, **kwargs: Any) -> str:
    """The code with which something is refused."""
    with pytest.raises(QuizError) as caught:
        action(*args, **kwargs)
    return caught.value.code


# --- new sessions ----------------------------------------------------------------------------


def test_a_new_session_waits_in_its_lobby(world: World) -> None:
    """A hosted session sets no timer; its PIN finds it."""
    session = world.create()
    assert (session.state, session.version, session.index) == (State.LOBBY, 1, -1)
    assert session.lobby_seconds is None
    assert world.sessions.find_pin(session.pin, world.clock()) == session.session_id
    assert world.queue.bodies() == []


def test_an_automatic_session_starts_by_itself(world: World) -> None:
    """Its lobby has a time, 20 s unless said otherwise."""
    assert world.create(auto=True).lobby_seconds == 20
    quick = world.create(auto=True, lobby_seconds=0)
    world.step()
    assert world.load(quick).state is State.OPEN


@pytest.mark.parametrize(
    "bad", [{"lobby_seconds": -1}, {"lobby_seconds": 3_601}, {"reveal_seconds": "5"}]
)
def test_seconds_are_checked(world: World, bad: dict[str, Any]) -> None:
    """Times have to be whole seconds within an hour; true is no number."""
    assert code_of(world.create, **bad) == "bad_request"
    assert code_of(world.create, lobby_seconds=True) == "bad_request"
    assert world.sessions.listing(live=False, cursor=None)[0] == []


def test_a_session_needs_a_quiz(world: World) -> None:
    """An unknown quiz is refused, and so is none."""
    assert code_of(world.control.create, {"quiz_id": "nothing"}) == "quiz_not_found"
    assert code_of(world.control.create, {}) == "quiz_not_found"


def test_creating_under_the_same_id_makes_one_session(world: World) -> None:
    """Repeating the call gives the session that is there, whose timers are set again."""
    first = world.control.create({"quiz_id": QUIZ, "auto": True}, session_id="one")
    world.queue.queue.clear()
    again = world.control.create({"quiz_id": QUIZ, "auto": True}, session_id="one")
    assert again == first
    assert [due - world.clock() for due, *_ in world.queue.queue] == [20_000, 20_000 + SPARE_MS]
    world.run()
    assert world.load(first).state is State.FINISHED
    third = world.control.create({"quiz_id": QUIZ, "auto": True}, session_id="one")
    assert third.state is State.FINISHED
    assert world.queue.queue == []


class _FullPins(FakeSessions):
    """A store in which the first few PINs that are tried are taken."""

    def __init__(self, taken: int) -> None:
        super().__init__()
        self.taken = taken

    def create(self, session: Session) -> bool:
        self.taken -= 1
        return self.taken < 0 and super().create(session)


def test_a_taken_pin_is_drawn_again(world: World) -> None:
    """Another PIN is tried; where none is free, the caller may try again."""
    lucky = replace(world.control, sessions=_FullPins(3))
    assert lucky.create({"quiz_id": QUIZ}).state is State.LOBBY
    unlucky = replace(world.control, sessions=_FullPins(1_000))
    assert code_of(unlucky.create, {"quiz_id": QUIZ}) == "unavailable"


def test_view_shows_the_window_of_an_open_question_only(world: World) -> None:
    """Hosts see times while a question is open, and never a key."""
    session = world.create()
    assert view(session)["question_id"] is None
    opened = world.apply(session, Command.START)
    shown = view(opened)
    assert opened.window is not None
    assert (shown["question_id"], shown["opens_at"]) == ("q1", opened.window.opens_at)
    assert "correct" not in str(shown)


# --- moves -----------------------------------------------------------------------------------


def test_unknown_sessions(world: World) -> None:
    """Every command on a session that is not there is `session_not_found`."""
    assert code_of(world.control.apply, "none", Command.START) == "session_not_found"
    assert code_of(world.control.kick, "none", "00x") == "session_not_found"


def test_an_illegal_move_changes_nothing(world: World) -> None:
    """Nothing is saved, sent or timed."""
    session = world.create()
    assert code_of(world.apply, session, Command.CLOSE) == "not_allowed_now"
    assert world.load(session) == session
    assert world.queue.queue == []


def test_a_command_may_name_its_version(world: World) -> None:
    """The second of two hosts that press the same key is refused."""
    session = world.create()
    world.control.apply(session.session_id, Command.START, version=session.version)
    with pytest.raises(Rejected) as caught:
        world.control.apply(session.session_id, Command.START, version=session.version)
    assert caught.value.code == "conflict"


def test_closing_early(world: World) -> None:
    """The lease runs out, then the drain; the first timer comes late and changes nothing."""
    session = world.create()
    world.apply(session, Command.START)
    world.clock.advance(5_000)
    closed = world.apply(session, Command.CLOSE)
    assert closed.window is not None
    assert closed.window.closes_at == world.clock() + LEASE_MS
    assert world.apply(session, Command.CLOSE) == closed
    shown = world.run_to(session, State.REVEALED)
    assert 0 <= shown.changed_at - closed.window.closes_at - DRAIN_MS < 1_000
    world.run()
    assert world.load(session) == shown


class _Racing(FakeSessions):
    """A store in which others save between a load and the save that follows it."""

    def __init__(self) -> None:
        super().__init__()
        self.races = 0

    def save(self, session: Session, *, was: int, events: int, effects: bool) -> Session:
        if self.races:
            self.races -= 1
            raise StaleVersion
        return super().save(session, was=was, events=events, effects=effects)


class _Slow(FakeSessions):
    """A store whose saves take a while, and whose answer may be lost on the way.

    A client library repeats a save whose answer was lost; it meets its own first try.
    """

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.takes = 0
        self.loses = False

    def save(self, session: Session, *, was: int, events: int, effects: bool) -> Session:
        saved = super().save(session, was=was, events=events, effects=effects)
        self.world.clock.advance(self.takes)
        if self.loses:
            return super().save(session, was=was, events=events, effects=effects)
        return saved


def on(world: World, sessions: FakeSessions) -> Session:
    """A new session in another store, with everything that moves it."""
    world.sessions = sessions
    world._build()
    return world.create()


def test_a_cut_that_is_slow_to_save_is_settled_later(world: World) -> None:
    """By as much as the save took: so long functions may have gone by the window before."""
    sessions = _Slow(world)
    session = on(world, sessions)
    opened = world.apply(session, Command.START)
    assert opened.window is not None
    world.run(until=opened.window.opens_at + 1_000)
    sessions.takes = 2_000
    closed = world.apply(session, Command.CLOSE)
    assert closed.window is not None
    sessions.takes = 0
    shown = world.run_to(session, State.REVEALED)
    assert 2_000 <= shown.changed_at - closed.window.closes_at - DRAIN_MS < 3_000


def test_a_save_whose_answer_was_lost_is_known_again(world: World) -> None:
    """The move goes on as if nothing had happened: events are sent, timers set, at once."""
    sessions = _Slow(world)
    session = on(world, sessions)
    ada = world.join(session, "Ada")
    sessions.loses = True
    opened = world.apply(session, Command.START)
    assert (opened.state, world.sessions.pending(session.session_id)) == (State.OPEN, 0)
    assert len(ada.events("new_question")) == 1
    world.clock.advance(3_000)
    closed = world.apply(session, Command.CLOSE)
    assert closed.window is not None
    shown = world.run_to(session, State.REVEALED)
    assert 0 <= shown.changed_at - closed.window.closes_at - DRAIN_MS < 1_000


class _Twin(FakeSessions):
    """A store in which somebody else gives the same command in the same instant, and is first."""

    twin: Callable[[], object] | None = None

    def save(self, session: Session, *, was: int, events: int, effects: bool) -> Session:
        twin, self.twin = self.twin, None
        if twin is not None:
            twin()
        return super().save(session, was=was, events=events, effects=effects)


def test_of_equal_commands_in_one_instant_one_moves(world: World) -> None:
    """P7: the loser sees that the equal move was another's: no event is sent by both."""
    sessions = _Twin()
    session = on(world, sessions)
    ada = world.join(session, "Ada")
    sessions.twin = lambda: world.apply(session, Command.START)
    assert code_of(world.apply, session, Command.START) == "not_allowed_now"
    assert world.load(session).state is State.OPEN
    assert len(ada.events("new_question")) == 1


def test_the_loser_of_a_race_decides_anew(world: World) -> None:
    """A move that meets another is made on what the other left, or given up."""
    sessions = _Racing()
    control = replace(
        world.control, sessions=sessions, effects=replace(world.effects, sessions=sessions)
    )
    world.workers.send = lambda _: {"players": 0}
    session = control.create({"quiz_id": QUIZ})
    sessions.races = 2
    assert control.apply(session.session_id, Command.LOCK).version == 2
    sessions.races = 1_000
    assert code_of(control.apply, session.session_id, Command.UNLOCK) == "unavailable"


def test_a_question_that_is_gone(world: World) -> None:
    """A quiz deleted behind a session's back: nothing is opened."""
    session = world.create()
    world.questions.delete(QUIZ)
    assert code_of(world.apply, session, Command.START) == "quiz_not_found"
    assert world.load(session) == session


# --- results that are late -------------------------------------------------------------------


def unsent(world: World, session: Session) -> Session:
    """The session with its first question just settled, and the results not sent."""
    world.apply(session, Command.START)
    send = world.workers.send

    def down(request: Any) -> dict[str, int]:
        raise QuizError("unavailable", "the functions that send do not answer")

    world.workers.send = down
    shown = world.run_to(session, State.REVEALED)
    world.workers.send = send
    assert world.sessions.pending(session.session_id) == shown.version
    return shown


@pytest.mark.parametrize("command", [Command.NEXT, Command.END])
def test_what_comes_next_waits_for_the_results(world: World, command: Command) -> None:
    """Events arrive in the order of their numbers, also where a host is faster than a repair."""
    session = world.create()
    ada = world.join(session, "Ada")
    shown = unsent(world, session)
    waits = 0

    def sleep(seconds: float) -> None:
        nonlocal waits
        waits += 1
        world.clock.sleep(seconds)
        if waits == 3:
            world.control.repair(session.session_id, shown.version)

    replace(world.control, sleep=sleep).apply(session.session_id, command)
    assert waits >= 3
    numbers = [frame["seq"] for frame in ada.frames]
    assert numbers == sorted(numbers)
    told = [frame["action"] for frame in ada.frames if frame["action"] != "lobby"]
    last = "new_question" if command is Command.NEXT else "quiz_finished"
    assert told == ["new_question", "question_closed", "leaderboard", last]


def test_results_that_never_come_are_not_waited_for_for_ever(world: World) -> None:
    """The next question is asked after half a minute, and the end counts the one before."""
    session = world.create()
    ada = world.join(session, "Ada")
    shown = unsent(world, session)
    opened = world.apply(session, Command.NEXT)
    assert (opened.state, opened.index) == (State.OPEN, 1)
    assert 0 <= opened.changed_at - shown.changed_at - PATIENCE_MS < 1_000
    world.apply(session, Command.END)
    world.run()
    assert world.results.audit(world.load(session))["agrees"]
    assert len(world.sessions.questions(session.session_id)) == 2
    assert [event["question"]["id"] for event in ada.events("new_question")] == ["q1", "q2"]


# --- timers ----------------------------------------------------------------------------------


def timer(session: Session, command: Command, index: int, at: int) -> dict[str, Any]:
    """A timer's message."""
    return {
        "session_id": session.session_id,
        "timer": {"action": str(command), "index": index, "at": at},
    }


def test_a_timer_that_comes_too_early_is_sent_again(world: World) -> None:
    """The queue delays 15 minutes at most; a longer wait takes several messages."""
    session = world.create(auto=True, lobby_seconds=3_600)
    world.queue.queue.pop()  # the second message for the same
    delays = 0
    while world.load(session).state is State.LOBBY:
        world.step()
        delays += 1
    assert delays == 4
    assert world.load(session).changed_at == session.created_at + 3_600_000


def test_a_timer_that_comes_a_little_early_is_waited_for(world: World) -> None:
    """Up to two seconds are slept, not sent around."""
    session = world.create()
    at = world.clock() + 2_000
    world.receive(timer(session, Command.START, -1, at))
    assert world.load(session).state is State.OPEN
    assert world.load(session).changed_at == at


def test_a_clock_that_is_set_back_is_waited_for(world: World) -> None:
    """Sleeping may end early by the clock that decides; the timer must not be lost then."""
    session = world.create()
    opened = world.apply(session, Command.START)
    assert opened.window is not None
    at = opened.window.closes_at + DRAIN_MS
    world.clock.now = at - 1_000

    def short(seconds: float) -> None:
        world.clock.advance(max(1, int(seconds * 1_000) - 3))

    control = replace(world.control, sleep=short)
    Inbox(control).receive(timer(session, Command.SETTLE, 0, at), world.clock())
    assert world.load(session).state is State.REVEALED


def test_a_timer_due_at_once_meets_the_saved_session(world: World) -> None:
    """It is set after the save: delivered the same moment, it is not taken for stale."""
    session = world.create(auto=True, lobby_seconds=0, reveal_seconds=0)
    seen: list[tuple[State, str]] = []

    class _Watching(FakeTimers):
        def set(self, session_id: str, the_timer: Timer, now: int) -> None:
            stored = world.sessions.load(session_id)
            assert stored is not None
            seen.append((stored.state, str(the_timer.command)))
            super().set(session_id, the_timer, now)

    queue = _Watching(world.clock)
    queue.queue = world.queue.queue
    world.control = replace(world.control, timers=queue)
    world.run()
    assert world.load(session).state is State.FINISHED
    asked, shown = (State.OPEN, "settle"), (State.REVEALED, "next")
    assert seen == [asked, asked, shown, shown] * 3


@pytest.mark.parametrize(
    ("lost", "action"),
    [(State.LOBBY, "start"), (State.OPEN, "settle"), (State.REVEALED, "next")],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_lost_timer_is_made_up_for(world: World, lost: State, action: str, first: bool) -> None:
    """Whichever of its two messages is lost, in every state that waits for one: nobody comes,
    no effect is left undone, and the session goes on within ten seconds."""
    session = world.create(auto=True, lobby_seconds=60, reveal_seconds=60)
    world.run_to(session, lost)
    timers = [entry for entry in world.queue.queue if "timer" in entry[3]]
    timers = sorted(entry for entry in timers if entry[3]["timer"]["action"] == action)
    due = timers[0][0]
    world.queue.queue = [timers[1] if first else timers[0]]
    world.run(until=due + SPARE_MS - 1)
    assert (world.load(session).state is lost) is first
    world.run(until=due + SPARE_MS)
    assert world.load(session).state is not lost
    world.run()
    assert world.load(session).state is State.FINISHED


def test_a_lost_timer_of_a_close_is_made_up_for(world: World) -> None:
    """A host who closes early need not wait for the end that the question had before."""
    session = world.create()
    opened = world.apply(session, Command.START)
    assert opened.window is not None
    world.queue.queue.clear()
    world.clock.now = opened.window.opens_at
    world.apply(session, Command.CLOSE)
    world.queue.pop()
    # The queue counts in whole seconds.
    world.run(until=world.clock() + LEASE_MS + DRAIN_MS + SPARE_MS + 999)
    assert world.load(session).state is State.REVEALED


def test_the_next_question_waits_for_the_results(world: World) -> None:
    """A timer that overtakes the broadcast of the results comes again a second later."""
    session = world.create(auto=True, reveal_seconds=0)
    world.run_to(session, State.OPEN)
    order: list[str] = []
    send = world.workers.send

    def slow(request: Any) -> dict[str, int]:
        if request["events"][0]["action"] == "question_closed":
            # While the results are on their way, the queue delivers the next timer.
            body = next(b for b in world.queue.bodies() if b.get("timer", {}).get("index") == 0)
            world.receive(body)
            order.append(str(world.load(session).state))
        return send(request)

    world.workers.send = slow
    world.run_to(session, State.REVEALED)
    assert order == ["revealed"]
    world.run_to(session, State.OPEN)


class _Dead:
    """A store at whose first call the function dies."""

    def __getattr__(self, name: str) -> Any:
        raise Killed


def test_going_on_past_dead_results_loses_no_points(world: World) -> None:
    """Results that never got through: the question still counts at the end."""
    session = world.create()
    ada = world.join(session, "Ada")
    opened = world.apply(session, Command.START)
    assert opened.window is not None
    ada.answer("q1", "b", at=opened.window.opens_at)
    world.clock.now = opened.window.closes_at + DRAIN_MS
    dead = replace(world.control, effects=replace(world.effects, questions=_Dead()))
    with pytest.raises(Killed):
        dead.apply(session.session_id, Command.SETTLE)
    world.queue.queue.clear()
    world.clock.advance(60_000)
    assert world.apply(session, Command.NEXT).index == 1
    world.run()
    world.apply(session, Command.END)
    world.run()
    results = world.results.results(world.load(session))
    assert [p["score"] for p in results["participants"]] == [1_000]
    assert [q["question_id"] for q in results["questions"]] == ["q1", "q2"]


# --- kicking ---------------------------------------------------------------------------------


def test_a_kicked_player_is_out(world: World) -> None:
    """Socket closed, no way back, no events, not on the board; the others move up."""
    session = world.create()
    ada, bob = world.join(session, "Ada"), world.join(session, "Bob")
    opened = world.apply(session, Command.START)
    assert opened.window is not None
    world.clock.now = opened.window.opens_at
    ada.answer("q1", "b")
    bob.answer("q1", "a")
    world.run()
    before = len(ada.frames)
    answer = world.control.kick(session.session_id, ada.id)
    assert answer == {"action": "kicked", "participant_id": ada.id, "nickname": "Ada"}
    assert ada.connection in world.sockets.closed
    assert code_of(world.resume, ada) == "forbidden"
    for source in ("redis", "dynamodb"):
        board = world.boards.get(session.session_id, 10)
        assert board["source"] == source
        assert [(e["rank"], e["nickname"]) for e in board["entries"]] == [(1, "Bob")]
        world.board.flush()
    assert world.results.audit(world.load(session))["agrees"]
    world.apply(session, Command.NEXT)
    world.run()
    assert len(ada.frames) == before
    assert bob.events("question_closed")[-1]["counts"] == {"a": 0, "b": 0, "c": 0}
    assert world.results.audit(world.load(session))["agrees"]


def test_answers_of_a_kicked_player_do_not_count(world: World) -> None:
    """Neither in the option counts nor in the rates."""
    session = world.create()
    ada, bob = world.join(session, "Ada"), world.join(session, "Bob")
    opened = world.apply(session, Command.START)
    assert opened.window is not None
    world.clock.now = opened.window.opens_at
    ada.answer("q1", "b")
    bob.answer("q1", "a")
    world.control.kick(session.session_id, ada.id)
    world.run()
    assert bob.events("question_closed")[0]["counts"] == {"a": 1, "b": 0, "c": 0}
    assert world.metrics.of("ParticipationRate") == [100.0]


@pytest.mark.parametrize("who", [None, "", "zz", "00ffffffffffffffff", 7, ["00"], "hostile"])
def test_only_players_can_be_kicked(world: World, who: object) -> None:
    """Any other name is nobody's."""
    session = world.create()
    assert code_of(world.control.kick, session.session_id, who) == "participant_not_found"


def test_hosts_cannot_be_kicked(world: World) -> None:
    """A host's id is no player's."""
    session = world.create()
    host = world.join_host(session)
    assert code_of(world.control.kick, session.session_id, host.id) == "participant_not_found"


def test_the_repair_comes_after_the_usual_end_of_effects(world: World) -> None:
    """It is sent with every change of state and finds nothing to do when all went well."""
    session = world.create()
    world.apply(session, Command.START)
    repairs = [entry for entry in world.queue.queue if "repair" in entry[3]]
    assert [due - sent for due, _, sent, _ in repairs] == [REPAIR_SECONDS * 1_000]
    sent = len(world.workers.requests)
    world.receive(repairs[0][3])
    assert len(world.workers.requests) == sent


def test_large_sessions_have_more_shards(world: World) -> None:
    """As many as their seats need; a shard's page of standings has to fit an item."""
    assert world.create().shards == world.shards
    assert world.create(max_participants=12_001).shards == 9
    assert world.create(max_participants=100_000).shards == 67
