"""What bots write down, and the roll."""

from __future__ import annotations

from quizkit.core.history import Attempt, Ending, Fate
from quizkit.sdk.bot_records import BotResult, Given, Progress, Roll, fate_of, kept
from quizkit.sdk.errors import Refused, Unreachable
from quizkit.sdk.live_events import Entry
from quizkit.sdk.live_protocol import Ack

ACK = Ack("q1", "r", 1_000)


def test_records_for_the_checker() -> None:
    """Each answer becomes an attempt with its fate; the end, an ending with the podium."""
    bot = BotResult("Ada", participant_id="p1", score=10, rank=2, finished=True)
    bot.podium = (Entry(1, "p2", "Bob", 20),)
    bot.answers += [
        Given("q1", ("a",), ACK, 0.1, fate=Fate.OK),
        Given("q1", ("b",), None, 0.1, "already_answered", Fate.FAIL),
        Given("q2", ("a",), None, 30.0, "unreachable"),
    ]
    assert list(bot.attempts()) == [
        Attempt("p1", "q1", ("a",), Fate.OK, 1_000),
        Attempt("p1", "q1", ("b",), Fate.FAIL, None, "already_answered"),
        Attempt("p1", "q2", ("a",), Fate.UNKNOWN, None, "unreachable"),
    ]
    assert bot.acknowledged == {"q1"}
    assert bot.ending() == Ending("p1", 10, 2, ((1, "p2", 20),), True)


def test_answers_as_they_are_kept() -> None:
    """What counts as the same answer is the same; the order of options is left alone."""
    assert kept(["c", "a"]) == ("c", "a")
    assert kept(5) == kept(5.0) == ("5",)
    assert kept(1_000_000_000_000_000) == kept(1e15) == ("1000000000000000",)
    assert kept(0.1) == ("0.1",)
    assert kept(-0.0) == kept(0)
    assert kept("  Canberra ") == kept("Canberra") == ("Canberra",)


def test_who_never_joined_has_nothing_to_tell() -> None:
    """No participant, no attempts and no ending."""
    bot = BotResult("Ada")
    assert (list(bot.attempts()), bot.ending()) == ([], None)


def test_the_roll_tells_of_each_change() -> None:
    """Counts and presence, as they change."""
    seen: list[Progress] = []
    roll = Roll(2, seen.append)
    roll.count("joined")
    roll.come(0)
    roll.ask("q1")
    roll.deal(0, "q1")
    roll.count("answers")
    roll.count("reconnects")
    roll.go(0)
    roll.count("finished")
    joined = Progress(bots=2, joined=1, answers=0, finished=0, failed=0)
    assert seen[0] == joined
    assert (seen[1].present, seen[1].waiting, seen[1].questions) == (1, 0, 0)
    assert (seen[2].waiting, seen[2].questions) == (1, 1)
    assert seen[-1] == Progress(2, 1, 1, 1, 0, present=0, questions=1, waiting=0, reconnects=1)


def roll(*bots: int) -> tuple[Roll, list[str]]:
    """A roll with bots who are there, and the questions that all have answered."""
    answered: list[str] = []
    made = Roll(5, None, answered.append)
    for bot in bots:
        made.come(bot)
    return made, answered


def test_all_have_answered_is_told_once() -> None:
    """Not before the last one; and for each question anew."""
    made, answered = roll(0, 1)
    made.ask("q1")
    made.deal(0, "q1")
    assert answered == []
    made.deal(1, "q1")
    made.deal(1, "q1")
    assert answered == ["q1"]
    made.ask("q2")
    made.ask("q2")
    made.deal(0, "q1")  # late news of an older question
    assert answered == ["q1"]
    made.deal(0, "q2")
    made.deal(1, "q2")
    assert answered == ["q1", "q2"]


def test_nobody_waits_for_those_who_left() -> None:
    """Whoever goes is not waited for; whoever comes back in time is."""
    made, answered = roll(0, 1, 2)
    made.ask("q1")
    made.go(1)
    made.deal(0, "q1")
    made.come(1)
    made.deal(2, "q1")
    assert answered == []
    made.deal(1, "q1")
    assert answered == ["q1"]


def test_whoever_answered_and_returns_is_not_waited_for() -> None:
    """Coming back after answering changes nothing."""
    made, answered = roll(0, 1)
    made.ask("q1")
    made.deal(1, "q1")
    made.go(1)
    made.come(1)
    made.deal(0, "q1")
    assert answered == ["q1"]


def test_a_question_that_all_leave_is_not_answered() -> None:
    """If everybody goes before answering, the question has its time."""
    made, answered = roll(0)
    made.ask("q1")
    made.go(0)
    assert answered == []


def test_a_refusal_after_a_lost_socket_settles_nothing() -> None:
    """An earlier copy of the answer may have been in time; a refusal at once is certain."""
    assert fate_of(Refused("", code="question_closed"), once=False) is Fate.UNKNOWN
    assert fate_of(Refused("", code="question_closed"), once=True) is Fate.FAIL
    assert fate_of(Refused("", code="already_answered"), once=False) is Fate.FAIL
    assert fate_of(Refused("", code="internal"), once=True) is Fate.UNKNOWN
    assert fate_of(Unreachable(""), once=True) is Fate.UNKNOWN
