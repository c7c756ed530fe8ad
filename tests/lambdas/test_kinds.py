"""Games with every kind of question, live and self-paced, with points worked by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from quizkit.core.commitment import Key, commitment
from quizkit.core.errors import Rejected
from quizkit.core.history import Truth, standings
from quizkit.core.kinds import Rules, shuffled, stored_form
from quizkit.core.scoring import AnswerRow, ClosedQuestion, Member
from quizkit.core.session import Command, Session, State
from quizkit.lambdas.ports import Line
from tests.fakes.game import Player, World

QUIZ = "kinds-1"
DOCUMENT: dict[str, Any] = {
    "title": "Kinds",
    "scoring": "flat",
    "streak_bonus": 100,
    "shuffle": True,
    "questions": [
        {"text": "Welcome", "kind": "slide", "time_limit": 5, "media": "x.png", "alt": "A map"},
        {"text": "Canberra?", "kind": "boolean", "correct": True, "penalty": 200},
        {"text": "Primes?", "options": ["2", "4", "5"], "correct": ["2", "5"]},
        {
            "text": "Even?",
            "options": ["2", "4", "5", "7"],
            "correct": ["a", "b"],
            "grading": "balanced",
            "points": "double",
        },
        {"text": "Your age?", "kind": "poll", "options": ["young", "old"]},
        {"text": "Largest city?", "kind": "text", "accept": ["Zürich", "Zurich"]},
        {
            "text": "Independent since?",
            "kind": "number",
            "correct": 1822,
            "tolerance": 1,
            "nearest": True,
            "range": [1800, 1900],
        },
        {"text": "By size", "kind": "order", "options": ["one", "two", "three"], "penalty": 50},
        {"text": "Capital?", "options": ["Bern", "Genf"], "correct": "a", "points": "none"},
    ],
}
#: For each question Ada's and Bob's answers (the order by texts), their points and the counts.
#: Ada is right in all but q4, of which she has one of two; her streak is 2 before it and 4 at
#: the end. Bob is right in q6 and q7 only.
GAME: list[tuple[str, Any, Any, int, int]] = [
    ("q1", None, None, 0, 0),
    ("q2", ["a"], ["b"], 1_000, -200),
    ("q3", ["c", "a"], ["a"], 1_100, 0),
    ("q4", ["a"], ["a", "b", "c"], 1_000, 1_000),
    ("q5", ["b"], ["b"], 0, 0),
    ("q6", " ZÜRICH", "zurich", 1_000, 1_000),
    ("q7", 1822.0, 1823, 1_100, 1_100),
    ("q8", ["one", "two", "three"], ["two", "one", "three"], 1_200, -50),
    ("q9", ["a"], None, 300, 0),
]
SCORES = {"Ada": 6_700, "Bob": 2_850}


def start(world: World, feedback: str = "on_close", **options: Any) -> Session:
    """A session of the quiz that runs by itself."""
    document = {**DOCUMENT, "feedback": feedback}
    world.questions.create(QUIZ, world.clock(), document)
    return world.control.create({"quiz_id": QUIZ, "auto": True, **options})


def given(player: Player, answer: Any) -> Any:
    """An answer as it is sent: an order by the ids that its texts have."""
    question = player.events("new_question")[-1]["question"]
    if question["kind"] != "order":
        return answer
    ids = {option["text"]: option["id"] for option in question["options"]}
    return [ids[text] for text in answer]


def answered(player: Player, question_id: str, answer: Any, at: int) -> dict[str, Any]:
    """Submit, if there is anything; the acknowledgement."""
    if answer is None:
        return {}
    return player.submit(question_id, given(player, answer), at=at)


def play(world: World, session: Session, ada: Player, bob: Player) -> list[list[dict[str, Any]]]:
    """The whole game; acknowledgements by question."""
    acknowledged = []
    for question_id, *answers, _, _ in GAME:
        window = world.run_to(session, State.OPEN).window
        assert window is not None
        assert window.question_id == question_id
        world.clock.now = at = window.opens_at + 2_000
        acknowledged.append(
            [answered(ada, question_id, answers[0], at), answered(bob, question_id, answers[1], at)]
        )
        world.run_to(session, State.REVEALED)
        world.step()
    world.run()
    return acknowledged


@pytest.fixture
def played(world: World) -> tuple[World, Session, Player, Player]:
    """A finished live game."""
    session = start(world)
    ada, bob = world.join(session, "Ada"), world.join(session, "Bob")
    play(world, session, ada, bob)
    return world, world.load(session), ada, bob


Played = tuple[World, Session, Player, Player]


def test_points_are_those_worked_out_by_hand(played: Played) -> None:
    """In each result, in the results, on the board, and by the checker's own reckoning."""
    world, session, ada, bob = played
    for player, place in ((ada, 3), (bob, 4)):
        shown = [event["you"]["points"] for event in player.events("question_closed")]
        assert shown == [line[place] for line in GAME]
    results = world.results.results(session)
    lines = {line["nickname"]: line for line in results["participants"]}
    assert {name: line["score"] for name, line in lines.items()} == SCORES
    for line in lines.values():
        assert sum(answer["points"] for answer in line["answers"]) == line["score"]
    board = world.boards.get(session.session_id, 10)["entries"]
    assert [entry["score"] for entry in board] == [6_700, 2_850]
    assert world.results.audit(session)["agrees"]


def test_results_tell_all_that_it_takes_to_work_them_out(played: Played) -> None:
    """From the document alone, by the checker, come the same places: P2 for everybody."""
    world, session, _, _ = played
    results = json.loads(json.dumps(world.results.results(session)))
    names = ("grading", "penalty", "nearest", "fold")
    questions = [
        ClosedQuestion(
            node["question_id"],
            index,
            node["opens_at"],
            node["closes_at"],
            node["time_limit"],
            node["points"],
            stored_form(node["correct"]),
            node["options"],
            node["kind"],
            Rules(
                **{name: node[name] for name in names},
                tolerance=str(node["tolerance"]),
                range=node["range"] and (str(node["range"][0]), str(node["range"][1])),
            ),
        )
        for index, node in enumerate(results["questions"])
    ]
    people = results["participants"]
    rows = [
        AnswerRow(
            who["participant_id"],
            row["question_id"],
            stored_form(row["answer"]),
            row["received_at"],
        )
        for who in people
        for row in who["answers"]
    ]
    members = [Member(who["participant_id"], who["nickname"], who["joined_at"]) for who in people]
    truth = Truth(
        results["scoring"],
        tuple(questions),
        tuple(members),
        tuple(rows),
        (),
        (),
        None,
        results["streak_bonus"],
    )
    assert [(rank, score) for rank, _, score in standings(truth)] == [(1, 6_700), (2, 2_850)]


def test_what_is_shown_of_each_kind(played: Played) -> None:
    """Keys, counts and right answers of the results, each in its own form."""
    _, _, ada, bob = played
    closed = {event["question_id"]: event for event in ada.events("question_closed")}
    order = closed["q8"]["correct"]
    assert {name: event["correct"] for name, event in closed.items()} == {
        "q1": [],
        "q2": ["a"],
        "q3": ["a", "c"],
        "q4": ["a", "b"],
        "q5": [],
        "q6": ["Zürich", "Zurich"],
        "q7": 1822,
        "q8": order,
        "q9": ["a"],
    }
    assert sorted(order) == ["a", "b", "c"]
    assert {name: (event["counts"], event["right"]) for name, event in closed.items()} == {
        "q1": ({}, 0),
        "q2": ({"a": 1, "b": 1}, 1),
        "q3": ({"a": 2, "b": 0, "c": 1}, 1),
        "q4": ({"a": 2, "b": 1, "c": 1, "d": 0}, 0),
        "q5": ({"a": 0, "b": 2}, 0),
        "q6": ({}, 2),
        "q7": ({}, 2),
        "q8": ({}, 1),
        "q9": ({"a": 1, "b": 0}, 1),
    }
    you = {event["question_id"]: event["you"] for event in bob.events("question_closed")}
    answers = [you[name]["answer"] for name in ("q1", "q4", "q6", "q7", "q9")]
    assert answers == [None, ["a", "b", "c"], "zurich", 1823, None]
    assert [you[name]["correct"] for name in ("q4", "q5", "q6", "q7")] == [False, False, True, True]
    assert closed["q7"]["rules"]["tolerance"] == 1
    assert "rules" not in closed["q9"]


def test_what_is_asked_of_each_kind(played: Played) -> None:
    """Questions as players see them: shuffled by the session's seed, without any key."""
    _, session, ada, _ = played
    asked = [event["question"] for event in ada.events("new_question")]
    kinds = ["slide", "boolean", "multiple", "multiple", "poll", "text", "number", "order"]
    kinds.append("choice")
    assert [question["kind"] for question in asked] == kinds
    assert [question["alt"] for question in asked if "alt" in question] == ["A map"]
    assert [question.get("penalty", 0) for question in asked][1] == 200
    assert asked[3]["grading"] == "balanced"
    assert (asked[5]["options"], asked[6]["options"], asked[0]["options"]) == ([], [], [])
    assert asked[6]["range"] == [1800, 1900]
    ids = [[option["id"] for option in question["options"]] for question in asked]
    assert ids[1] == ["a", "b"]
    assert ids[3] == shuffled("abcd", session.shuffle_seed, "q4")
    before = [frame for frame in ada.frames if frame["action"] == "new_question"]
    assert not any(word in repr(before) for word in ("accept", "tolerance", "correct", "Zurich"))


def test_the_order_cannot_be_told_from_what_is_public(world: World) -> None:
    """P3: the public row, the window and the question are the same for another right order."""
    options = ["one", "two", "three", "four"]
    orders = set()
    for number in range(40):
        quiz = f"order-{number}"
        asked = {"text": f"Sort {number}", "kind": "order", "options": options}
        # The fake's seed is fixed; other questions before it give it other places.
        slide = {"text": "S", "kind": "slide"}
        world.questions.create(quiz, 0, {"title": "T", "questions": [slide] * number + [asked]})
        public = world.questions.public(quiz, 1, number)
        assert public is not None
        assert "correct" not in public
        orders.add(tuple(public["options"]))
    assert len(orders) > 15


def test_the_commitment_covers_every_kind(played: Played) -> None:
    """Whoever saw the results and the salt can check it, rules and all."""
    world, session, ada, _ = played
    keys = [
        Key(node["question_id"], stored_form(node["correct"]), node["kind"])
        for node in world.results.results(session)["questions"]
    ]
    rules = {
        "q2": Rules(penalty=200),
        "q4": Rules(grading="balanced"),
        "q7": Rules(tolerance="1", nearest=True, range=("1800", "1900")),
        "q8": Rules(penalty=50),
    }
    keys = [key._replace(rules=rules.get(key.question_id, Rules())) for key in keys]
    salt = ada.events("quiz_finished")[0]["salt"]
    assert commitment(salt, keys) == session.commitment
    other = [key._replace(rules=Rules()) for key in keys]
    assert commitment(salt, other) != session.commitment


def test_slides_count_in_no_rate(played: Played) -> None:
    """Eight questions take answers: Ada completed them all, Bob left out the last."""
    world, _, _, _ = played
    assert world.metrics.of("ParticipationRate") == [100.0] * 7 + [50.0]
    assert world.metrics.of("CompletionRate") == [50.0]


def test_a_self_paced_game_of_every_kind(world: World) -> None:
    """Each acknowledgement has the points of the final fold, and the board moves with it."""
    session = start(world, "immediate")
    ada, bob = world.join(session, "Ada"), world.join(session, "Bob")
    acknowledged = play(world, session, ada, bob)
    for line, frames in zip(GAME, acknowledged, strict=True):
        for frame, points in zip(frames, line[3:], strict=True):
            assert not frame or (frame["question_id"], frame["points"]) == (line[0], points)
    results = world.results.results(world.load(session))
    told = {
        line["nickname"]: [answer["correct"] for answer in line["answers"]]
        for line in results["participants"]
    }
    assert told["Ada"] == [frame["correct"] for frame, _ in acknowledged if frame]
    assert {line["nickname"]: line["score"] for line in results["participants"]} == SCORES
    assert world.results.audit(world.load(session))["agrees"]


def test_the_board_of_a_self_paced_game_moves_below_nothing(world: World) -> None:
    """With each answer, penalties and streaks included, to what the whole fold gives then."""
    session = start(world, "immediate")
    ada, bob = world.join(session, "Ada"), world.join(session, "Bob")
    total = {"Ada": 0, "Bob": 0}
    for question_id, mine, other, *points in GAME:
        window = world.run_to(session, State.OPEN).window
        assert window is not None
        world.boards.get(session.session_id, 10)
        world.clock.now = at = window.opens_at + 1_000
        for player, answer, more in ((ada, mine, points[0]), (bob, other, points[1])):
            answered(player, question_id, answer, at)
            total[player.who.nickname] += more
            board = world.boards.get(session.session_id, 10)
            assert {e["nickname"]: e["score"] for e in board["entries"]} == total
        world.run_to(session, State.REVEALED)
        world.step()


def test_a_repeat_has_the_same_verdict(world: World) -> None:
    """Sent again in time, after the settling of its question, and once the next one is open."""
    session = start(world, "immediate")
    ada, bob = world.join(session, "Ada"), world.join(session, "Bob")
    for question_id, mine, other, *_ in GAME[:3]:
        window = world.run_to(session, State.OPEN).window
        assert window is not None
        world.clock.now = at = window.opens_at + 1_000
        first = answered(ada, question_id, mine, at)
        answered(bob, question_id, other, at)
        assert answered(ada, question_id, mine, at + 500) == first
        world.run_to(session, State.REVEALED)
        world.run(world.clock.now + 1_000)
        assert answered(ada, question_id, mine, world.clock.now) == first
        if mine is not None:
            with pytest.raises(Rejected, match="first answer stands"):
                answered(bob, question_id, ["a", "b"], world.clock.now)
    world.run_to(session, State.OPEN)
    late = ada.submit("q3", ["c", "a"], at=world.clock.now)
    assert (late["received_at"], "points" in late) == (first["received_at"], False)


class Behind:
    """Sessions whose standings are not written yet."""

    def __init__(self, sessions: Any) -> None:
        self._sessions = sessions

    def lines(self, session: Session, shard: int) -> tuple[int, list[Line]]:
        """The page before the first fold."""
        return 0, []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sessions, name)


def test_a_verdict_while_its_standings_are_not_written(world: World) -> None:
    """Results that never got through leave older pages: told by those, the board left alone."""
    session = start(world, "immediate")
    ada = world.join(session, "Ada")
    for question_id, mine, *_ in GAME[:3]:
        window = world.run_to(session, State.OPEN).window
        assert window is not None
        if question_id == "q3":
            edition = world.load(session).edition
            before = world.board.top(session.session_id, edition, 10)
            assert before is not None
            world.intake = replace(world.intake, sessions=Behind(world.sessions))
            assert answered(ada, question_id, mine, window.opens_at)["points"] == 1_000
            assert world.board.top(session.session_id, edition, 10) == before
            return
        answered(ada, question_id, mine, window.opens_at)
        world.run_to(session, State.REVEALED)
        world.step()


def test_the_snapshot_of_each_kind(world: World) -> None:
    """Who returns sees the own answer in the form in which it was given."""
    session = start(world)
    ada = world.join(session, "Ada")
    for question_id, mine, *_ in GAME:
        window = world.run_to(session, State.OPEN).window
        assert window is not None
        expected = given(ada, mine)
        asked = ada.events("new_question")[-1]["question"]
        answered(ada, question_id, mine, window.opens_at)
        ada = world.resume(ada)
        if question_id == "q3":
            expected = sorted(expected)
        shown = ada.snapshot["answered"]
        assert shown == (expected.strip() if question_id == "q6" else expected)
        assert ada.snapshot["question"] == asked
        world.run_to(session, State.REVEALED)
        world.run(world.clock.now + 1_000)
        closed = ada.events("question_closed")[-1]
        ada = world.resume(ada)
        last = ada.snapshot["last"]
        names = ("question_id", "correct", "counts", "right", "explanation", "you")
        assert {name: last[name] for name in names} == {name: closed[name] for name in names}


def test_a_slide_takes_no_answer(world: World) -> None:
    """It is refused by its name, and closes by itself."""
    session = start(world)
    ada = world.join(session, "Ada")
    window = world.run_to(session, State.OPEN).window
    assert window is not None
    with pytest.raises(Rejected) as caught:
        ada.submit("q1", ["a"], at=window.opens_at)
    assert caught.value.code == "invalid_answer"
    assert window.closes_at == window.opens_at + 5_000
    assert world.run_to(session, State.REVEALED).settled == 1


def test_a_live_session_holds_no_key(world: World) -> None:
    """P3: neither the window nor the session that the intake reads has any part of it."""
    session = start(world)
    world.join(session, "Ada")
    for _ in GAME:
        window = world.run_to(session, State.OPEN).window
        assert window is not None
        assert (window.correct, window.rules) == (None, Rules())
        world.run_to(session, State.REVEALED)
        world.step()


def test_sessions_are_shuffled_by_seeds_of_their_own(world: World) -> None:
    """Each session draws one; without `shuffle` there is none."""
    seeds = {start(World()).shuffle_seed for _ in range(3)}
    assert len(seeds) == 3
    assert "" not in seeds
    assert world.create().shuffle_seed == ""
    assert world.apply(world.create(), Command.START).shuffle_seed == ""
