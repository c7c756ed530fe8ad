"""quizkit.lambdas.services.results: results and audits from the stored answers."""

from __future__ import annotations

from dataclasses import replace

from quizkit.core.scoring import AnswerRow, Standing
from quizkit.core.session import Command, Session, State
from quizkit.lambdas.ports import Line
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
            "opens_at": window.opens_at,
            "closes_at": window.closes_at,
            "correct": ["b"],
            "points": 1_000,
            "time_limit": 20,
        }
    ]
    first, second = results["participants"]
    assert first == {
        "rank": 1,
        "participant_id": ada.id,
        "nickname": "Ada",
        "score": 750,
        "time": 10_000,
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
