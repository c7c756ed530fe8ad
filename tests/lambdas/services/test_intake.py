"""quizkit.lambdas.services.intake: one conditional write an answer, acknowledged as the first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest

from quizkit.core.answers import WRITE_TIMEOUT_MS
from quizkit.core.errors import QuizError
from quizkit.core.session import (
    DRAIN_MS,
    LEASE_MS,
    NAMED_REMOVALS,
    Command,
    Session,
    State,
    Window,
)
from quizkit.lambdas.ids import participant_id
from tests.fakes.clock import FakeClock
from tests.fakes.faults import Faults
from tests.fakes.game import Player, World


def opened(world: World, feedback: str = "on_close") -> tuple[Session, Window, Player]:
    """A session with its first question just open, and a player."""
    document = world.questions.document("capitals-1")
    assert document is not None
    world.questions.create("quiz", 0, document | {"feedback": feedback})
    session = world.control.create({"quiz_id": "quiz"})
    ada = world.join(session, "Ada")
    started = world.apply(session, Command.START)
    assert started.window is not None
    world.clock.now = started.window.opens_at
    return started, started.window, ada


def refusal(player: Player, *args: Any, **kwargs: Any) -> str:
    """The code with which an answer is refused."""
    with pytest.raises(QuizError) as caught:
        player.answer(*args, **kwargs)
    return caught.value.code


def test_the_acknowledgement(world: World) -> None:
    """Question, ref and the gateway's time; the same shape for right and wrong."""
    session, window, ada = opened(world)
    bob = world.join(session, "Bob")
    right = ada.answer("q1", "b", at=window.opens_at + 700, ref="r1")
    assert right == {
        "action": "answer_accepted",
        "question_id": "q1",
        "ref": "r1",
        "received_at": window.opens_at + 700,
    }
    wrong = bob.answer("q1", "a", at=window.opens_at + 700, ref="r1")
    assert wrong == right


def test_the_window_is_the_gateways(world: World) -> None:
    """One millisecond outside is refused, both ends are taken; only received_at decides."""
    session, window, ada = opened(world)
    bob = world.join(session, "Bob")
    assert refusal(ada, "q1", "b", at=window.opens_at - 1) == "question_not_open"
    assert ada.answer("q1", "b", at=window.opens_at)["received_at"] == window.opens_at
    world.clock.now = window.closes_at
    assert refusal(bob, "q1", "b", at=window.closes_at + 1) == "question_closed"
    assert bob.answer("q1", "b", at=window.closes_at)["received_at"] == window.closes_at


def test_times_sent_by_clients_do_not_count(world: World) -> None:
    """Unknown fields are passed over, those that look like ours too."""
    _, window, ada = opened(world)
    message = {
        "question_id": "q1",
        "answer": ["b"],
        "received_at": 1,
        "participant_id": "00other",
        "elapsed": 0,
    }
    acknowledged = world.intake.submit(ada.who, message, window.opens_at + 5)
    assert acknowledged["received_at"] == window.opens_at + 5
    assert world.stored.get(ada.who.session_id, ada.id, "q1") is not None


def test_a_cold_start_costs_nothing(world: World) -> None:
    """An answer received in time may be handled late, as long as its write can end in time."""
    session, window, ada = opened(world)
    bob = world.join(session, "Bob")
    last = window.closes_at + DRAIN_MS - WRITE_TIMEOUT_MS
    world.clock.now = last
    assert ada.answer("q1", "b", at=window.opens_at + 1)["received_at"] == window.opens_at + 1
    world.clock.now = last + 1
    assert refusal(bob, "q1", "b", at=window.opens_at + 1) == "question_closed"
    assert world.stored.calls == 1


def test_a_repeat_gets_the_first_acknowledgement(world: World) -> None:
    """Same answer, later: the first time; another answer: the first one stands."""
    _, window, ada = opened(world)
    first = ada.answer("q1", "b", at=window.opens_at + 10)
    assert ada.answer("q1", "b", at=window.opens_at + 900) == first
    assert refusal(ada, "q1", "a", at=window.opens_at + 901) == "already_answered"
    row = world.stored.get(ada.who.session_id, ada.id, "q1")
    assert row is not None
    assert (row.answer, row.received_at) == (("b",), window.opens_at + 10)


def test_a_repeat_after_the_end_is_acknowledged_too(world: World) -> None:
    """The client that missed its acknowledgement may ask again whenever it likes."""
    session, window, ada = opened(world)
    first = ada.answer("q1", "b", at=window.opens_at + 10)
    states = []
    for command in (Command.NEXT, Command.END):
        world.run()
        states.append(world.load(session).state)
        assert ada.answer("q1", "b") == first
        assert refusal(ada, "q1", "a") == "already_answered"
        world.apply(session, command)
    world.run()
    states.append(world.load(session).state)
    assert ada.answer("q1", "b") == first
    assert states == [State.REVEALED, State.REVEALED, State.FINISHED]


def test_late_first_answers_stay_refused(world: World) -> None:
    """The repeat's path lets nobody in who had not answered in time."""
    session, _, ada = opened(world)
    world.run()
    assert refusal(ada, "q1", "b") == "question_closed"
    world.apply(session, Command.NEXT)
    assert refusal(ada, "q1", "b") == "wrong_question"
    assert world.stored.calls == 0


def test_an_answer_stored_before_a_crash_is_acknowledged(world: World) -> None:
    """The write was committed, its answer lost: the retry finds the first received_at."""
    _, window, ada = opened(world)
    faults = Faults(lambda: QuizError("unavailable", "the answer was lost"))
    broken = replace_answers(world, faults)
    faults.arm(0, after=True)
    message = {"question_id": "q1", "answer": ["b"], "ref": 1}
    with pytest.raises(QuizError, match="lost"):
        broken.submit(ada.who, message, window.opens_at + 5)
    retried = broken.submit(ada.who, message, window.opens_at + 500)
    assert retried["received_at"] == window.opens_at + 5


def replace_answers(world: World, faults: Faults) -> Any:
    """An intake whose answers may be struck."""
    intake = world.new_intake()
    intake.answers = faults.wrap(world.stored)
    return intake


def test_fifty_at_once(world: World) -> None:
    """Two answers of one player, 50 times at once: one is stored and the rest see it."""
    session, window, ada = opened(world)
    barrier = Barrier(50)

    def submit(number: int) -> str:
        option = "ab"[number % 2]
        barrier.wait()
        try:
            frame = ada.answer("q1", option, at=window.opens_at + number, ref=number)
        except QuizError as error:
            return f"{option} {error.code}"
        return f"{option} {frame['received_at']}"

    with ThreadPoolExecutor(50) as pool:
        outcomes = set(pool.map(submit, range(50)))
    (row,) = world.stored.of_session(session)
    stands = row.answer[0]
    other = "ab"[stands == "a"]
    assert outcomes == {f"{stands} {row.received_at}", f"{other} already_answered"}


@pytest.mark.parametrize("question_id", [None, 1, ["q1"], {}, "q9", "", "q1#", "\ud800", "*"])
def test_wrong_questions(world: World, question_id: object) -> None:
    """A question id of another type or of no question is refused without a look-up by it."""
    _, _, ada = opened(world)
    message = {"question_id": question_id, "answer": ["b"]}
    with pytest.raises(QuizError) as caught:
        world.intake.submit(ada.who, message, world.clock())
    expected = "wrong_question" if isinstance(question_id, str) else "bad_request"
    assert caught.value.code == expected


@pytest.mark.parametrize("answer", [None, "b", [], ["z"], ["a", "b"], [["b"]], {"b": 1}])
def test_malformed_answers_store_nothing(world: World, answer: object) -> None:
    """They are refused before anything is written; the player may still answer."""
    _, _, ada = opened(world)
    with pytest.raises(QuizError) as caught:
        world.intake.submit(ada.who, {"question_id": "q1", "answer": answer}, world.clock())
    assert caught.value.code == "invalid_answer"
    assert world.stored.calls == 0
    assert ada.answer("q1", "b")


def test_only_players_answer(world: World) -> None:
    """A host's socket cannot."""
    session, _, _ = opened(world)
    host = world.join_host(session)
    assert refusal(host, "q1", "b") == "forbidden"


@pytest.mark.parametrize("feedback", ["on_close", "immediate"])
def test_who_was_removed_answers_over_no_socket(world: World, feedback: str) -> None:
    """A socket that was never bound stays open; nothing of it is stored or comes on the board."""
    session, window, ada = opened(world, feedback)
    bob = world.join(session, "Bob")
    at = window.opens_at + 600
    assert bob.answer("q1", "b", at=at)["action"] == "answer_accepted"
    world.control.kick(session.session_id, ada.id)
    world.clock.now += LEASE_MS
    assert refusal(ada, "q1", "b", at=at) == "forbidden"
    assert world.answers.get(session.session_id, ada.id, "q1") is None
    board = world.boards.get(session.session_id, 10)["entries"]
    assert ada.id not in [entry["participant_id"] for entry in board]
    cat = world.join(session, "Cat")
    assert cat.answer("q1", "b", at=at)["action"] == "answer_accepted"


def test_who_stayed_costs_nothing_more_after_removals(world: World) -> None:
    """Who was removed is named in the session; only where names are too many a row is read."""
    session, window, _ = opened(world)
    at = window.opens_at + 600
    bob = world.join(session, "Bob")
    for _ in range(NAMED_REMOVALS - 1):
        world.sessions.removed(session.session_id, participant_id(session.shards))
    eve = world.join(session, "Eve")
    warm = world.join(session, "Warm")
    world.clock.now += LEASE_MS
    assert warm.answer("q1", "b", at=at)
    world.faults.arm(None)
    assert bob.answer("q1", "b", at=at)["action"] == "answer_accepted"
    assert world.faults.calls == ["put"]
    world.sessions.removed(session.session_id, participant_id(session.shards))
    world.control.kick(session.session_id, eve.id)
    world.clock.now += LEASE_MS
    assert refusal(eve, "q1", "b", at=at) == "forbidden"
    world.faults.arm(None)
    assert world.join(session, "Cat").answer("q1", "b", at=at)["action"] == "answer_accepted"
    assert world.faults.calls[-2:] == ["get", "put"]


def test_a_session_that_is_gone(world: World) -> None:
    """No such session is a refusal, not a crash."""
    _, _, ada = opened(world)
    stranger = replace(ada.who, session_id="none")
    with pytest.raises(QuizError) as caught:
        world.intake.submit(stranger, {"question_id": "q1", "answer": ["b"]}, world.clock())
    assert caught.value.code == "session_not_found"


# --- the lease -------------------------------------------------------------------------------


def test_a_warm_answer_costs_one_write(world: World) -> None:
    """Within a lease nothing is read."""
    _, _, ada = opened(world)
    ada.answer("q1", "b")
    world.faults.arm(None)
    ada.answer("q1", "b")
    assert world.faults.calls == ["put"]


def test_the_lease_ends_before_an_early_close_takes_effect(world: World) -> None:
    """Whatever an intake has cached, nothing is acknowledged after the new closes_at."""
    session, _, ada = opened(world)
    world.clock.advance(5_000)
    world.intake.lease.get(session.session_id)
    closed = world.apply(session, Command.CLOSE)
    # The closing's own save took a while: its clock was read before.
    assert closed.window is not None
    assert closed.window.closes_at == world.clock() + LEASE_MS
    world.clock.now = closed.window.closes_at + 1
    assert refusal(ada, "q1", "b") == "question_closed"


@pytest.mark.parametrize("late", [0, 100, 249])
def test_a_slow_save_of_a_close_is_safe(world: World, late: int) -> None:
    """A window read just before the close was saved is not trusted beyond closes_at."""
    session, _, ada = opened(world)
    world.clock.advance(5_000)
    decided_at = world.clock()
    world.clock.advance(late)
    world.intake.lease.get(session.session_id)
    world.clock.now = decided_at
    closed = world.apply(session, Command.CLOSE)
    assert closed.window is not None
    world.clock.now = closed.window.closes_at + 1
    assert refusal(ada, "q1", "b") == "question_closed"


def test_a_lease_from_before_the_opening_is_read_again(world: World) -> None:
    """The first answers to a question are not refused for what was cached in the lobby."""
    session = world.create()
    ada = world.join(session, "Ada")
    world.intake.lease.get(session.session_id)
    started = world.apply(session, Command.START)
    assert started.window is not None
    # An intake's clock may be far behind.
    world.intake.lease.clock = FakeClock(world.clock())
    world.clock.now = started.window.opens_at
    assert ada.answer("q1", "b")["action"] == "answer_accepted"


def test_few_sessions_are_kept(world: World) -> None:
    """An environment that serves many sessions forgets, it does not grow."""
    sessions = [world.create() for _ in range(70)]
    for session in sessions:
        world.intake.lease.get(session.session_id)
    assert len(world.intake.lease._held) <= 64
    assert world.intake.lease.get(sessions[0].session_id) == sessions[0]


def test_patience(world: World) -> None:
    """A write waits long only where there is time before the fold."""
    session, window, ada = opened(world)
    bob = world.join(session, "Bob")
    ada.answer("q1", "b")
    world.clock.now = window.closes_at
    bob.answer("q1", "b")
    assert world.stored.patient == [True, False]


# --- immediate feedback ----------------------------------------------------------------------


def test_immediate_feedback_gives_the_verdict(world: World) -> None:
    """The acknowledgement tells right or wrong and the points; a repeat tells the same."""
    session, window, ada = opened(world, "immediate")
    bob = world.join(session, "Bob")
    right = ada.answer("q1", "b", at=window.opens_at + 10_000)
    assert (right["correct"], right["points"]) == (True, 750)
    wrong = bob.answer("q1", "a", at=window.opens_at + 10_000)
    assert (wrong["correct"], wrong["points"]) == (False, 0)
    assert ada.answer("q1", "b", at=window.opens_at + 19_000) == right
    world.run()
    assert ada.answer("q1", "b") == right
    world.apply(session, Command.NEXT)
    assert "correct" not in ada.answer("q1", "b")


def test_the_board_moves_at_once(world: World) -> None:
    """After every acknowledgement the board in Redis is the fold of the answers so far."""
    session, _, ada = opened(world, "immediate")
    bob = world.join(session, "Bob")
    world.boards.refresh(session.session_id)
    for question, answers in (("q1", "ab"), ("q2", "ac"), ("q3", "bb")):
        opens_at = world.load(session).window
        assert opens_at is not None
        for place, (player, option) in enumerate(zip((ada, bob), answers, strict=True), start=1):
            world.clock.now = opens_at.opens_at + place * 1_000
            options = ("a", "c") if question == "q2" and option == "c" else (option,)
            player.answer(question, *options)
            player.answer(question, *options)
            board = world.boards.get(session.session_id, 10)
            assert board["source"] == "redis"
            world.board.flush()
            again = world.boards.get(session.session_id, 10)
            assert (again["source"], again["entries"]) == ("dynamodb", board["entries"])
        world.run()
        world.apply(session, Command.NEXT)
    world.run()
    board = world.boards.get(session.session_id, 10)
    results = world.results.results(world.load(session))
    assert [(e["rank"], e["score"]) for e in board["entries"]] == [
        (p["rank"], p["score"]) for p in results["participants"]
    ]
    assert results["state"] == "finished"
