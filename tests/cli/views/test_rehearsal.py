"""The report of a rehearsal for people."""

from __future__ import annotations

from dataclasses import replace

from quizkit.cli.views.rehearsal import report_view
from quizkit.core.history import Violation
from quizkit.sdk.rehearsal_report import Answers, Delivery, Joins, RehearsalReport, Spread
from tests.cli.samples import as_text

REPORT = RehearsalReport(
    session_id="s1",
    quiz_id="k1",
    title="Capitals",
    pin="123456",
    players=10,
    seed=7,
    cast={"steady": 8, "flaky": 2},
    seconds=20.0,
    joins=Joins(9, 1, 2.5, 3.6, Spread(9, 100.0, 200.0, 250.0, 260.0)),
    questions=(Delivery("q1", 9, 31.4, 2), Delivery("q2", 0, None, 0)),
    delivery=Spread(9, 10.0, 20.0, 30.0, 31.4),
    lateness=Spread(9, -900.0, -800.0, -700.0, 12.0),
    acknowledgement=Spread(0, None, None, None, None),
    clock_offset=0.2,
    answers=Answers(30, 3, 1, 17, 18),
    reconnects=4,
    returns=1,
    audit={
        "session_id": "s1",
        "agrees": True,
        "answers": 18,
        "participants": 9,
        "differences": [],
    },
    violations=(),
)


def line_of(text: str, name: str) -> list[str]:
    """The cells of the line that begins with a name."""
    (line,) = [line for line in text.splitlines() if line.strip().startswith(name)]
    return line.strip().removeprefix(name).split()


def test_a_clean_report() -> None:
    """Every figure has its place, and the verdict comes last."""
    text = as_text(*report_view(REPORT))
    assert "10 (2 flaky, 8 steady), seed 7" in text
    assert "9 in 2.5 s, 1 failed" in text
    assert line_of(text, "joins a second") == ["4"]
    assert line_of(text, "answers acknowledged") == ["17"]
    assert line_of(text, "answers stored") == ["18"]
    assert line_of(text, "without a reply") == ["1"]
    assert line_of(text, "question, behind the first to get it") == ["10", "20", "30", "31"]
    assert line_of(text, "question, after it opened") == ["-900", "-800", "-700", "12"]
    assert line_of(text, "acknowledgement of an answer") == ["–"] * 4
    assert line_of(text, "q1") == ["9", "31", "2"]
    assert line_of(text, "q2") == ["0", "–"]
    assert text.rstrip().splitlines()[-1].startswith("Clean:")


def test_broken_promises() -> None:
    """The first ten by rule, the number of all, and the command that plays it again."""
    violations = tuple(Violation("acknowledged_lost", f"p{n}\x1b[2J") for n in range(13))
    text = as_text(*report_view(replace(REPORT, violations=violations)))
    assert "NOT clean: 13 broken promises." in text
    assert text.count("acknowledged_lost: p") == 10
    assert "and 3 more" in text
    assert "--seed 7 --players 10" in text
    assert "\x1b" not in text
    assert "Clean:" not in text
    one = as_text(*report_view(replace(REPORT, violations=violations[:1])))
    assert "NOT clean: 1 broken promise." in one
