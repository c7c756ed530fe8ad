"""Figures and verdict of a rehearsal, worked out from records."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.core.history import Fate
from quizkit.sdk.bot_records import BotResult, Given, kept
from quizkit.sdk.errors import Refused, Unreachable
from quizkit.sdk.live_events import Answer, Entry
from quizkit.sdk.live_protocol import Ack
from quizkit.sdk.rehearsal_report import Findings, RehearsalReport, Spread, clock_offset

#: The platform's clock is this many milliseconds ahead of the bots'.
AHEAD = 5_000
OPENS = 1_000_000 + AHEAD


def bot(name: str, *, arrives: float, sends: float, delay: float = 0.02) -> BotResult:
    """A bot that answers one question rightly; times in ms after the opening, by the platform."""
    result = BotResult(name, "steady", participant_id=name, finished=True)
    result.arrivals["q1"] = OPENS - AHEAD + arrives
    sent_at = OPENS - AHEAD + sends
    ack = Ack("q1", "r", int(OPENS + sends + delay * 500))
    result.answers.append(Given("q1", ("a",), ack, delay, None, Fate.OK, sent_at))
    result.joining = (10.0, 10.5)
    return result


def findings(*bots: BotResult, **changed: Any) -> Findings:
    """What a platform that keeps its promises says about these bots."""
    lines: list[dict[str, Any]] = [
        {
            "rank": rank,
            "participant_id": each.participant_id,
            "nickname": each.nickname,
            "score": 10 if each.answers else 0,
            "time": 0,
            "joined_at": rank,
            "answers": [
                {
                    "question_id": "q1",
                    "answer": ["a"],
                    "received_at": given.ack.received_at,
                }
                for given in each.answers
                if given.ack
            ],
        }
        for rank, each in enumerate(bots, start=1)
        if each.participant_id
    ]
    podium = tuple(Entry(x["rank"], x["participant_id"], "", x["score"]) for x in lines[:3])
    for each, line in zip([b for b in bots if b.participant_id], lines, strict=True):
        each.score, each.rank, each.podium = line["score"], line["rank"], podium
    question = {"question_id": "q1", "opens_at": OPENS, "closes_at": OPENS + 9_000}
    question |= {"correct": ["a"], "points": 10, "time_limit": 10, "options": 3}
    question |= {"kind": "choice", "grading": "all", "penalty": 0, "tolerance": 0}
    question |= {"nearest": False, "range": None, "fold": "case"}
    documents: dict[str, Any] = {
        "session": {"session_id": "s1", "quiz_id": "k1", "title": "T", "pin": "123456"},
        "results": {
            "scoring": "flat",
            "streak_bonus": 0,
            "questions": [question],
            "participants": lines,
        },
        "board": {"total": len(lines), "entries": lines},
        "audit": {"agrees": True, "differences": []},
    }
    return Findings(bots=bots, **(documents | changed))


def report(*bots: BotResult, **changed: Any) -> RehearsalReport:
    """The report of these findings."""
    return findings(*bots, **changed).report(seed=7, seconds=12.345)


def test_figures() -> None:
    """Joins, spreads, lateness by the platform's clock, acknowledgements, counts."""
    first = bot("p1", arrives=-900, sends=100)
    second = bot("p2", arrives=40, sends=200, delay=0.04)
    second.joining = (10.25, 12.0)
    second.reconnects, second.returns = 2, 1
    second.answers.append(Given("q1", ("b",), None, 0.1, "already_answered", Fate.FAIL))
    found = report(first, second)
    assert found.clean, found.violations
    assert (found.joins.joined, found.joins.seconds, found.joins.per_second) == (2, 2.0, 1.0)
    assert (found.joins.each.p50, found.joins.each.max) == (500.0, 1_750.0)
    (question,) = found.questions
    assert (question.delivered, question.spread, question.late) == (2, 940.0, 1)
    assert found.clock_offset == pytest.approx(AHEAD, abs=1)
    assert found.lateness.max == pytest.approx(40, abs=1)
    assert (found.acknowledgement.p50, found.acknowledgement.max) == (20.0, 40.0)
    answers = found.answers
    assert (answers.sent, answers.refused, answers.unknown) == (3, 1, 0)
    assert (answers.acknowledged, answers.stored) == (2, 2)
    assert (found.reconnects, found.returns, found.seconds) == (2, 1, 12.35)


def test_the_document_names_its_units() -> None:
    """Milliseconds end in _ms at every depth, the verdict is one object, all of it is JSON."""
    document = json.loads(json.dumps(report(bot("p1", arrives=0, sends=1)).document()))
    assert document["verdict"] == {"clean": True, "broken": 0, "violations": []}
    assert {"delivery_ms", "lateness_ms", "acknowledgement_ms", "clock_offset_ms"} <= set(document)
    assert document["joins"]["each_ms"].keys() == {"count", "p50", "p95", "p99", "max"}
    assert document["questions"][0].keys() == {"question_id", "delivered", "spread_ms", "late"}
    assert not {"violations", "delivery", "acknowledgement"} & set(document)


NUMBER: dict[str, Any] = {"kind": "number", "correct": 100, "tolerance": 0.5, "nearest": True}
NUMBER |= {"range": [50, 150.0], "options": 0}


@pytest.mark.parametrize(
    ("question", "answers", "scores"),
    [
        # Half as far away as the range is wide: half of the points.
        (NUMBER | {"points": 11}, [100.5, 50, -7], [11, 6, 0]),
        ({"kind": "text", "correct": ["Zoë"], "fold": "loose"}, ["zoe", "ZOË", "Zo"], [10, 10, 0]),
        (
            {"kind": "order", "correct": ["c", "a", "b"]},
            [["c", "a", "b"], ["a", "b", "c"]],
            [10, 0],
        ),
        (
            {"kind": "multiple", "correct": ["a", "b"], "grading": "balanced", "penalty": 3},
            [["a", "b"], ["a"], ["c"]],
            [10, 5, -3],
        ),
        ({"kind": "poll", "correct": [], "penalty": 3}, [["a"], ["b"]], [0, 0]),
    ],
)
def test_rules_of_every_kind_are_read_from_the_results(
    question: dict[str, Any], answers: list[Answer], scores: list[int]
) -> None:
    """The checker works out what the rules in the results give, in the form of the storage."""
    bots = [bot(f"p{number}", arrives=0, sends=number) for number in range(len(answers))]
    for each, answer in zip(bots, answers, strict=True):
        each.answers = [replace(each.answers[0], answer=kept(answer))]
    found = findings(*bots)
    results = cast(Any, found.results)
    results["questions"][0] |= question
    lines = results["participants"]
    for line, answer, score in zip(lines, answers, scores, strict=True):
        line["answers"][0]["answer"], line["score"] = answer, score
    podium = tuple(Entry(x["rank"], x["participant_id"], "", x["score"]) for x in lines[:3])
    for each, score in zip(bots, scores, strict=True):
        each.score, each.podium = score, podium
    assert found.report(seed=1, seconds=1).violations == ()
    lines[0]["score"] += 1
    assert not found.report(seed=1, seconds=1).clean


def test_streaks_count() -> None:
    """A bonus in the results is part of the score that the checker expects."""
    first = bot("p1", arrives=0, sends=1)
    found = findings(first)
    results = cast(Any, found.results)
    results["streak_bonus"] = 7
    results["questions"].append(results["questions"][0] | {"question_id": "q2"})
    line = results["participants"][0]
    line["answers"].append(line["answers"][0] | {"question_id": "q2"})
    first.answers.append(replace(first.answers[0], question_id="q2"))
    line["score"] = first.score = 27
    first.podium = (Entry(1, "p1", "", 27),)
    assert found.report(seed=1, seconds=1).violations == ()


def test_a_lost_answer() -> None:
    """Acknowledged and not stored: the verdict names the rule, the document lists it."""
    found = findings(bot("p1", arrives=0, sends=1))
    lines = cast(Any, found.results["participants"])
    lines[0]["answers"].clear()
    broken = found.report(seed=7, seconds=1)
    assert {"acknowledged_lost"} <= {each.rule for each in broken.violations}
    assert not broken.clean
    verdict = broken.document()["verdict"]
    assert verdict["broken"] == len(verdict["violations"]) == len(broken.violations)


def test_only_so_many_violations_are_listed() -> None:
    """A platform that lost a table has thousands; the document counts all, and lists some."""
    found = findings(*(bot(f"p{number}", arrives=0, sends=1) for number in range(150)))
    for line in cast(Any, found.results["participants"]):
        line["answers"].clear()
    verdict = found.report(seed=7, seconds=1).document()["verdict"]
    assert verdict["broken"] >= 150
    assert len(verdict["violations"]) == 100


@pytest.mark.parametrize("total", [1, 3])
def test_a_board_that_is_not_whole(total: int) -> None:
    """A board that hides, or invents, a line is found, however long it is."""
    bots = (bot("p1", arrives=0, sends=1), bot("p2", arrives=0, sends=2))
    whole = findings(*bots)
    board = {"total": total, "entries": cast(Any, whole.board["entries"])}
    assert [each.rule for each in report(*bots, board=board).violations] == ["board_incomplete"]


def test_an_audit_that_disagrees() -> None:
    """Its first differences are told."""
    audit = {"agrees": False, "differences": [{"what": "gone"}]}
    (found,) = report(bot("p1", arrives=0, sends=1), audit=audit).violations
    assert found.rule == "audit_disagrees"
    assert "gone" in found.message


def test_who_could_not_join() -> None:
    """They are counted with the first one's reason, and are no part of the game."""
    out = BotResult("Bob", "flaky", error=Unreachable("no answer"))
    found = report(bot("p1", arrives=0, sends=1), out)
    assert [each.rule for each in found.violations] == ["could_not_join"]
    assert "no answer" in found.violations[0].message
    assert found.cast == {"steady": 1, "flaky": 1}
    assert found.joins.failed == 1


def test_who_was_removed() -> None:
    """A bot that a host has kicked is named as such; its answers are not said to be lost."""
    removed = bot("p2", arrives=0, sends=1)
    removed.finished, removed.error = False, Refused("you were removed", code="forbidden")
    stayed = bot("p1", arrives=0, sends=1)
    broken = replace(findings(stayed), bots=[stayed, removed]).report(seed=7, seconds=1)
    assert [each.rule for each in broken.violations] == ["removed"]
    # Left out by the platform and not told so, the same bot has lost its answer.
    removed.error = None
    lost = replace(findings(stayed), bots=[stayed, removed]).report(seed=7, seconds=1)
    assert {"acknowledged_lost", "never_finished"} <= {each.rule for each in lost.violations}


def test_nothing_at_all() -> None:
    """Without arrivals and acknowledgements there are no figures, and no error either."""
    quiet = BotResult("p1", "steady", participant_id="p1", finished=True)
    found = report(quiet)
    assert found.delivery == Spread(0, None, None, None, None)
    assert (found.clock_offset, found.joins.per_second) == (None, 0.0)
    assert found.questions[0].spread is None
    assert report().joins.joined == 0


@given(st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 1)), min_size=1))
def test_spreads_are_values(values: list[float]) -> None:
    """Each figure is one of the values, they grow, and the last is the greatest."""
    spread = Spread.of(values)
    figures = [spread.p50, spread.p95, spread.p99, spread.max]
    assert set(figures) <= set(values)
    assert figures == sorted(cast(list[float], figures))
    assert (spread.count, spread.max) == (len(values), max(values))


def test_the_nearest_rank() -> None:
    """Of a hundred values the fiftieth, the ninety-fifth, the ninety-ninth and the last."""
    spread = Spread.of(float(value) for value in range(100, 0, -1))
    assert (spread.p50, spread.p95, spread.p99, spread.max) == (50, 95, 99, 100)


def test_repeats_say_nothing_about_clocks() -> None:
    """A repeat is acknowledged with the first one's time, long before it was sent itself."""
    result = bot("p1", arrives=0, sends=100)
    ack = result.answers[0].ack
    later = result.answers[0].sent_at + 60_000
    result.answers.append(Given("q1", ("a",), ack, 0.01, None, Fate.OK, later))
    assert clock_offset([result]) == pytest.approx(AHEAD, abs=1)
