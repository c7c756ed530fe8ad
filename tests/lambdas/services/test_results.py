"""quizkit.lambdas.services.results: results and audits from the stored answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from quizkit.core.errors import Rejected
from quizkit.core.scoring import AnswerRow, Standing, order
from quizkit.core.session import Command, Session, State
from quizkit.lambdas.ports import Line
from quizkit.lambdas.services.results import FIRST_PAGE
from tests.fakes.game import Player, World


def game(world: World) -> tuple[Session, Player, Player]:
    """Two players after one question: Ada right, Bob wrong."""
    session = world.create()
    ada, bob = world.join(session, "Ada"), world.join(session, "Bob")
    window = world.apply(session, Command.START).window
    assert window is not None
    ada.answer("q1", "b", at=window.opens_at + 10_000)
    bob.answer("q1", "a", at=window.opens_at + 200)
    return world.run_to(session, State.REVEALED), ada, bob


def crowd(world: World, count: int) -> tuple[Session, list[Player]]:
    """Many players after one question, right and wrong, some without an answer."""
    session = world.create()
    people = [world.join(session, f"P{number}") for number in range(count)]
    window = world.apply(session, Command.START).window
    assert window is not None
    for number, who in enumerate(people):
        if number % 3:
            who.answer("q1", "abc"[number % 2], at=window.opens_at + 100 * (number % 9))
    return world.run_to(session, State.REVEALED), people


def test_the_document(world: World) -> None:
    """The contract's fields, with each answer's verdict and points."""
    session, ada, bob = game(world)
    window = session.window
    assert window is not None
    results = world.results.results(session)
    assert (results["session_id"], results["state"]) == (session.session_id, "revealed")
    assert results["questions"] == [
        {
            "question_id": "q1",
            "kind": "choice",
            "opens_at": window.opens_at,
            "closes_at": window.closes_at,
            "correct": ["b"],
            "points": 1_000,
            "time_limit": 20,
            "options": 3,
            "grading": "all",
            "penalty": 0,
            "tolerance": 0,
            "nearest": False,
            "range": None,
            "fold": "case",
        }
    ]
    assert (results["scoring"], results["streak_bonus"]) == ("speed", 0)
    first, second = results["participants"]
    assert first == {
        "rank": 1,
        "participant_id": ada.id,
        "nickname": "Ada",
        "score": 750,
        "time": 10_000,
        "joined_at": ada.who.joined_at,
        "answers": [
            {
                "question_id": "q1",
                "answer": ["b"],
                "received_at": window.opens_at + 10_000,
                "correct": True,
                "points": 750,
            }
        ],
    }
    assert (second["participant_id"], second["answers"][0]["correct"]) == (bob.id, False)
    assert world.results.headcount(session) == 2


def pages(world: World, session: Session, weight: int) -> list[dict[str, Any]]:
    """All pages of a session's results."""
    found = [world.results.page(session, FIRST_PAGE, weight)]
    while (cursor := found[-1]["cursor"]) is not None:
        found.append(world.results.page(session, cursor, weight))
    return found


@pytest.mark.parametrize("weight", [1, 12, 1_000])
def test_pages_hold_what_the_whole_does(world: World, weight: int) -> None:
    """However small they are: every line once, and sorted by the order the same standings."""
    session, people = crowd(world, 40)
    whole = world.results.results(session)
    found = pages(world, session, weight)
    assert len(found) >= {1: 40, 12: 15, 1_000: 8}[weight]
    head = {key: value for key, value in whole.items() if key != "participants"}
    lines = []
    for page in found:
        assert {key: page[key] for key in head} == head
        lines += page["participants"]
    lines.sort(
        key=lambda line: order(
            line["score"], line["time"], line["joined_at"], line["participant_id"]
        )
    )
    ranked = [{"rank": rank, **line} for rank, line in enumerate(lines, start=1)]
    assert ranked == whole["participants"]
    assert len(ranked) == len(people)


def test_pages_are_of_one_moment(world: World) -> None:
    """A question that settles between two pages is in neither; a kicked player is in none."""
    session, people = crowd(world, 12)
    world.control.kick(session.session_id, people[0].id)
    first = world.results.page(session, FIRST_PAGE, 1)
    world.apply(session, Command.NEXT)
    later = world.run_to(session, State.REVEALED)
    rest = [first]
    while (cursor := rest[-1]["cursor"]) is not None:
        rest.append(world.results.page(later, cursor, 1))
    assert {len(page["questions"]) for page in rest} == {1}
    lines = [line for page in rest for line in page["participants"]]
    assert {line["participant_id"] for line in lines} == {who.id for who in people[1:]}
    assert len(world.results.page(later, FIRST_PAGE)["questions"]) == 2


@pytest.mark.parametrize("cursor", ["", "2", "9:0:", "1:8:", "1:0:zz", "-1:0:", "1:0:ab:", "١:0:"])
def test_a_cursor_that_is_none(world: World, cursor: str) -> None:
    """Anything else than what a page gave is a bad request."""
    session, _, _ = game(world)
    with pytest.raises(Rejected) as caught:
        world.results.page(session, cursor)
    assert caught.value.code == "bad_request"


def test_nothing_of_an_open_question(world: World) -> None:
    """Neither its key nor who answered what, even for admins."""
    session, ada, _ = game(world)
    window = world.apply(session, Command.NEXT).window
    assert window is not None
    ada.answer("q2", "a", "c", at=window.opens_at)
    results = world.results.results(world.load(session))
    assert [question["question_id"] for question in results["questions"]] == ["q1"]
    assert all(len(p["answers"]) <= 1 for p in results["participants"])


def test_an_audit_sees_what_was_changed(world: World) -> None:
    """Scores, times, missing and invented lines: each is a difference."""
    session, ada, bob = game(world)
    audit = world.results.audit(session)
    assert (audit["agrees"], audit["answers"], audit["participants"]) == (True, 2, 2)
    assert audit["settled_questions"] == 1
    shard = int(ada.id[:2], 16)
    _, lines = world.sessions.lines(session, shard)
    mine = next(line for line in lines if line.standing.participant_id == ada.id)
    others = [line for line in lines if line is not mine]
    ghost = Line(Standing(3, f"{shard:02x}ghost", "Ghost", 5, 0, 0, 1))
    for forged in (
        [replace(mine, standing=replace(mine.standing, score=751))],
        [replace(mine, standing=replace(mine.standing, time=1))],
        [],
        [mine, ghost],
    ):
        world.sessions.put_lines(session, {shard: others + forged})
        assert not world.results.audit(session)["agrees"]
    world.sessions.put_lines(session, {shard: [*others, mine]})
    assert world.results.audit(session)["agrees"]
    del bob


def test_an_audit_sees_an_answer_that_was_changed(world: World) -> None:
    """The stored standings no longer follow from the answers."""
    session, _, bob = game(world)
    world.stored._rows[session.session_id, "q1", bob.id] = AnswerRow(
        bob.id, "q1", ("b",), session.window.opens_at if session.window else 0
    )
    differences = world.results.audit(session)["differences"]
    assert [d["computed"]["nickname"] for d in differences] == ["Bob"]


def test_missing_standings_are_a_difference(world: World) -> None:
    """Pages that were never stored, or are of another question."""
    session, _, _ = game(world)
    audit = world.results.audit(replace(session, settled=2))
    assert not audit["agrees"]
    assert "missing" in audit["differences"][0]["what"]


def test_who_came_later_is_no_difference(world: World) -> None:
    """They join the standings with the next result."""
    session, _, _ = game(world)
    world.join(session, "Late")
    assert world.results.audit(session)["agrees"]


def test_before_the_first_result(world: World) -> None:
    """There is nothing to compare, so nothing disagrees."""
    session = world.create()
    world.join(session, "Ada")
    audit = world.results.audit(session)
    assert (audit["agrees"], audit["answers"], audit["participants"]) == (True, 0, 1)


def test_a_joining_that_the_end_overtook(world: World) -> None:
    """Stored after the last fold: on no board, in no results, and no difference for an audit."""
    session = world.create()
    ada = world.join(session, "Ada")
    world.apply(session, Command.START)
    world.run()
    world.apply(session, Command.END)
    ended = world.load(session)
    late = replace(world.participants.everybody(ended)[0], participant_id=f"{ada.id[:2]}late")
    world.participants.add(replace(late, nickname="Late"))
    board = world.boards.get(session.session_id, 10)["entries"]
    whole = world.results.results(ended)["participants"]
    page = world.results.page(ended, FIRST_PAGE)
    while not page["participants"]:
        page = world.results.page(ended, page["cursor"])
    for lines in (board, whole, page["participants"]):
        assert [line["participant_id"] for line in lines] == [ada.id]
    assert world.results.audit(ended)["agrees"]


def test_typed_answers_fill_pages_by_their_length(world: World) -> None:
    """A page stays below what a function may answer, however much everybody types."""
    asked = {"text": "Why?", "kind": "text", "accept": ["x"]}
    world.questions.create("typed", 0, {"title": "T", "questions": [asked]})
    session = world.control.create({"quiz_id": "typed"})
    people = [world.join(session, f"P{number}") for number in range(24)]
    window = world.apply(session, Command.START).window
    assert window is not None
    for who in people:
        who.submit("q1", "🙂" * 200, at=window.opens_at)
    session = world.run_to(session, State.REVEALED)
    found: list[str] = []
    cursor = FIRST_PAGE
    while cursor:
        page = world.results.page(session, cursor, 20)
        # A line weighs four and an answer of 200 characters five, so two of them fill a page.
        assert len(page["participants"]) <= 2
        found += [line["participant_id"] for line in page["participants"]]
        cursor = page["cursor"]
    assert sorted(found) == sorted(who.id for who in people)
