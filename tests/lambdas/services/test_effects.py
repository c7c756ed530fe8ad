"""quizkit.lambdas.services.effects: what can be done again, and what when parts are gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from quizkit.core.answers import written_by
from quizkit.core.errors import QuizError
from quizkit.core.scoring import AnswerRow
from quizkit.core.session import Ask, Command, Finish, Reveal, State
from tests.fakes.clock import FakeClock
from tests.fakes.faults import Faults
from tests.fakes.game import World


def test_effects_can_be_done_again(world: World) -> None:
    """Every effect repeated: the same frames with the same numbers, the same board, one winner."""
    session = world.create()
    ada = world.join(session, "Ada")
    started = world.apply(session, Command.START)
    assert started.window is not None
    ada.answer("q1", "b", at=started.window.opens_at)
    world.effects.run(Ask(), started)
    shown = world.run_to(session, State.REVEALED)
    world.effects.run(Reveal(), shown)
    finished = world.apply(session, Command.END)
    board = world.boards.get(session.session_id, 10)
    world.effects.run(Finish(), finished)
    assert world.boards.get(session.session_id, 10)["entries"] == board["entries"]
    frames = [frame for frame in ada.frames if frame["action"] != "lobby"]
    assert len(frames) == 8
    for frame in frames:
        assert frames.count(frame) == 2
    assert len(world.topic.published) == 1


def test_nothing_has_been_asked(world: World) -> None:
    """Asking without a window is a bug of the caller."""
    with pytest.raises(ValueError, match="no question"):
        world.effects.new_question(world.create())


def test_a_question_or_its_key_is_gone(world: World) -> None:
    """A quiz deleted behind the session's back: the effect fails, it does not invent."""
    session = world.create()
    started = world.apply(session, Command.START)
    world.questions.delete(session.quiz_id)
    for effect in (Ask(), Reveal()):
        with pytest.raises(QuizError) as caught:
            world.effects.run(effect, started)
        assert caught.value.code == "quiz_not_found"


def test_winners_that_could_not_be_announced_are_announced_later() -> None:
    """The topic is away: the duty is given back, the repair does it, once."""
    world = World(faults=Faults(lambda: QuizError("unavailable", "struck")))
    session = world.create()
    world.join(session, "Ada")
    probe = World()
    other = probe.create()
    probe.join(other, "Ada")
    probe.faults.arm(None)
    probe.apply(other, Command.END)
    world.faults.arm(probe.faults.calls.index("publish"))
    with pytest.raises(QuizError, match="struck"):
        world.apply(session, Command.END)
    assert world.topic.published == []
    world.faults.arm(None)
    world.run()
    (message,) = world.topic.published
    assert [winner["nickname"] for winner in message["winners"]] == ["Ada"]
    assert message["finished_at"] == world.load(session).finished_at


class _Meanwhile(FakeClock):
    """A clock on which something happens while somebody sleeps."""

    def __init__(self) -> None:
        super().__init__()
        self.then: Callable[[], None] = lambda: None

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.then()


@pytest.mark.parametrize("done", [True, False], ids=["announced", "given back"])
def test_a_repair_waits_for_whoever_announces_just_now(done: bool) -> None:
    """It reports nothing done before it knows: refused, the other gives the duty back."""
    clock = _Meanwhile()
    world = World(clock=clock)
    session = world.create()
    world.join(session, "Ada")
    assert world.sessions.claim(session.session_id, "winners", clock(), 10**9)
    settle = world.sessions.settle_claim
    clock.then = lambda: settle(session.session_id, "winners", done=done)
    world.apply(session, Command.END)
    assert len(world.topic.published) == (0 if done else 1)
    assert world.sessions.pending(session.session_id) == 0


def test_nobody_waits_for_good_for_whoever_died_while_announcing(world: World) -> None:
    """A duty that nobody gives back is left alone: the session is finished all the same."""
    session = world.create()
    assert world.sessions.claim(session.session_id, "winners", world.clock(), 10**9)
    started = world.clock()
    world.apply(session, Command.END)
    assert world.topic.published == []
    assert 20_000 <= world.clock() - started < 25_000
    assert world.sessions.listing(live=True, cursor=None)[0] == []


def test_nobody_is_waited_for_in_a_self_paced_board(world: World) -> None:
    """Asking renews the board first, so that moves find everybody on it."""
    document = world.questions.document("capitals-1")
    assert document is not None
    world.questions.create("slow", 0, document | {"feedback": "immediate"})
    session = world.control.create({"quiz_id": "slow"})
    world.join(session, "Ada")
    world.join(session, "Bob")
    world.apply(session, Command.START)
    board = world.boards.get(session.session_id, 10)
    assert (board["source"], board["total"]) == ("redis", 2)


def test_a_patient_write_that_lands_after_its_fold_counts_at_the_end(world: World) -> None:
    """P1: a question cut short was folded without the row; the last fold waits for it."""
    session = world.create()
    ada = world.join(session, "Ada")
    started = world.apply(session, Command.START)
    assert started.window is not None
    at = started.window.opens_at
    world.clock.now = at + 2_000
    world.apply(session, Command.CLOSE)
    world.run_to(session, State.REVEALED)
    world.answers.put(
        session.session_id,
        AnswerRow(ada.id, "q1", ("b",), at),
        patient=True,
    )
    shown = world.sessions.load(session.session_id)
    assert shown is not None
    assert shown.window is not None
    world.apply(session, Command.END)
    assert world.clock() >= written_by(shown.window)
    [line] = world.boards.get(session.session_id, 10)["entries"]
    assert line["score"] == 1_000
