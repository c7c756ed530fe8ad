"""Who gets what: points for an answer, and standings as a pure fold of stored answers.

Standings depend on three things only: the stored answers, the closed questions with
their windows and keys, and the order in which participants joined. Folding the same
rows again gives the same standings, so anyone can recompute them and a closing that was
retried changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor
from types import MappingProxyType
from typing import Final

from quizkit.core.kinds import CHOSEN, DEFAULT_RULES, UNSCORED, Rules, credit

#: An answer within this time of the opening gets full points under `speed`.
FULL_POINTS_MS: Final = 500
#: The streak bonus grows for so many right answers after the first.
LONGEST_BONUS: Final = 5


@dataclass(frozen=True, slots=True)
class ClosedQuestion:
    """What scoring needs of a question whose window is over.

    Attributes:
        opens_at, closes_at: epoch milliseconds, the last accepted instant inclusive.
        time_limit: seconds, as authored (the window may have been cut short).
        correct: the key as it is stored, see `core.kinds`.
        options: how many options there are, for the counts.
        kind: one of `kinds.KINDS`; rows from before there were kinds are judged like `choice`.
        rules: how answers are held against the key.
    """

    question_id: str
    index: int
    opens_at: int
    closes_at: int
    time_limit: int
    points: int
    correct: tuple[str, ...]
    options: int
    kind: str = "choice"
    rules: Rules = DEFAULT_RULES


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A stored answer: the fact, without a verdict; `answer` as `core.kinds` has it."""

    participant_id: str
    question_id: str
    answer: tuple[str, ...]
    received_at: int


@dataclass(frozen=True, slots=True)
class Member:
    """A participant as the ranking needs one."""

    participant_id: str
    nickname: str
    joined_at: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one answer is worth; `elapsed` in milliseconds.

    Attributes:
        correct: whether it is right; an answer that earns a part of the points is not.
        points: below 0 where a penalty is taken.
    """

    correct: bool
    points: int
    elapsed: int


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of the standings.

    Attributes:
        time: total answering time of the correct answers, milliseconds.
        answered: how many questions have an answer that counts.
        streak: how many right answers in a row there are, up to the last question.
    """

    rank: int
    participant_id: str
    nickname: str
    score: int
    time: int
    joined_at: int
    answered: int
    streak: int = 0


def speed_points(points: int, elapsed: int, time_limit: int) -> int:
    """`round(points × (1 − elapsed / time_limit / 2))`, half up, in exact integers.

    Args:
        points: of the question.
        elapsed: milliseconds since the opening; under 500 gives full points.
        time_limit: seconds.
    """
    if elapsed < FULL_POINTS_MS:
        return points
    whole = 2 * time_limit * 1_000
    return (2 * points * (whole - elapsed) + whole) // (2 * whole)


def judge(question: ClosedQuestion, scoring: str, answer: tuple[str, ...], at: int) -> Verdict:
    """Score one answer that was received at `at` (epoch milliseconds), without streaks."""
    elapsed = at - question.opens_at
    part = credit(question.kind, question.correct, question.rules, answer)
    if part == 0:
        lost = 0 if question.kind in UNSCORED else question.rules.penalty
        return Verdict(False, -lost, elapsed)
    if part < 1:
        return Verdict(False, _part_of_points(question, scoring, part, elapsed), elapsed)
    if scoring == "flat":
        return Verdict(True, question.points, elapsed)
    return Verdict(True, speed_points(question.points, elapsed, question.time_limit), elapsed)


def _part_of_points(question: ClosedQuestion, scoring: str, part: Fraction, elapsed: int) -> int:
    """The points rounded once, half up, so that a part is not a part of a rounded number."""
    if scoring != "flat" and elapsed >= FULL_POINTS_MS:
        part *= 1 - Fraction(elapsed, 2 * question.time_limit * 1_000)
    return floor(question.points * part + Fraction(1, 2))


def bonus(streak_bonus: int, streak: int) -> int:
    """What the last of `streak` right answers in a row gets on top of its points."""
    return streak_bonus * min(max(0, streak - 1), LONGEST_BONUS)


def counts_for(question: ClosedQuestion, row: AnswerRow) -> bool:
    """Whether a stored row lies in its question's window."""
    return question.opens_at <= row.received_at <= question.closes_at


def taken_until(
    question: ClosedQuestion, rows: Iterable[AnswerRow], settled_at: int
) -> ClosedQuestion:
    """The question, open for as long as answers to it were taken.

    A function that takes answers trusts a window for a moment after it was cut short; if
    the cut takes long to be saved, it may take one after the new end. Such an answer was
    acknowledged, so it counts: the end moves to it, but never past the whole time limit,
    nor past `settled_at` (epoch milliseconds), before which nobody saw the right answer.
    """
    latest = min(question.opens_at + 1_000 * question.time_limit, settled_at)
    taken = (
        row.received_at
        for row in rows
        if row.question_id == question.question_id and row.received_at <= latest
    )
    return replace(question, closes_at=max(question.closes_at, max(taken, default=0)))


def order(score: int, time: int, joined_at: int, participant_id: str) -> tuple[int, int, int, str]:
    """The sort key of the standings: higher score, less time, earlier join, then the id."""
    return (-score, time, joined_at, participant_id)


def marked(
    questions: Sequence[ClosedQuestion],
    rows: Iterable[AnswerRow],
    scoring: str,
    streak_bonus: int = 0,
    streaks: Mapping[str, int] = MappingProxyType({}),
) -> tuple[list[tuple[AnswerRow, Verdict]], dict[str, int]]:
    """Every answer that counts with what it is worth, streak bonus included.

    Args:
        questions: closed ones; a streak goes through them in the order of their index.
        rows: stored answers, in any order; those that do not count are passed over.
        streaks: right answers in a row by participant id, before these questions.

    Returns:
        Rows and verdicts in the order of the questions; and the streaks afterwards, of those
        who have one.
    """
    given: dict[str, list[AnswerRow]] = {each.question_id: [] for each in questions}
    for row in rows:
        if row.question_id in given:
            given[row.question_id].append(row)
    found: list[tuple[AnswerRow, Verdict]] = []
    now = dict(streaks)
    for question in sorted(questions, key=lambda each: each.index):
        after: dict[str, int] = {}
        for row in given[question.question_id]:
            if not counts_for(question, row):
                continue
            verdict = judge(question, scoring, row.answer, row.received_at)
            if verdict.correct:
                streak = after[row.participant_id] = now.get(row.participant_id, 0) + 1
                more = bonus(streak_bonus, streak)
                verdict = replace(verdict, points=verdict.points + more) if more else verdict
            found.append((row, verdict))
        if question.kind not in UNSCORED:
            now = after  # who is not in it was wrong, or gave no answer
    return found, now


def fold(
    members: Iterable[Member],
    questions: Sequence[ClosedQuestion],
    rows: Iterable[AnswerRow],
    scoring: str,
    base: Mapping[str, Standing] = MappingProxyType({}),
    streak_bonus: int = 0,
) -> list[Standing]:
    """The standings: every member, best first.

    Args:
        members: everybody who joined; rows of others are ignored.
        questions: the closed ones; rows of other questions are ignored.
        rows: stored answers, in any order, at most one a participant and question.
        scoring: `speed` or `flat`.
        base: earlier standings by participant id that this fold adds to; its questions
            all come before `questions`.
        streak_bonus: points for each right answer in a row, see `bonus`.
    """
    score = {who: line.score for who, line in base.items()}
    time = {who: line.time for who, line in base.items()}
    answered = {who: line.answered for who, line in base.items()}
    before = {who: line.streak for who, line in base.items() if line.streak}
    verdicts, streaks = marked(questions, rows, scoring, streak_bonus, before)
    for row, verdict in verdicts:
        who = row.participant_id
        answered[who] = answered.get(who, 0) + 1
        score[who] = score.get(who, 0) + verdict.points
        if verdict.correct:
            time[who] = time.get(who, 0) + verdict.elapsed
    ranked = sorted(
        members,
        key=lambda member: order(
            score.get(member.participant_id, 0),
            time.get(member.participant_id, 0),
            member.joined_at,
            member.participant_id,
        ),
    )
    return [
        Standing(
            rank=rank,
            participant_id=member.participant_id,
            nickname=member.nickname,
            score=score.get(member.participant_id, 0),
            time=time.get(member.participant_id, 0),
            joined_at=member.joined_at,
            answered=answered.get(member.participant_id, 0),
            streak=streaks.get(member.participant_id, 0),
        )
        for rank, member in enumerate(ranked, start=1)
    ]


def option_counts(question: ClosedQuestion, rows: Iterable[AnswerRow]) -> dict[str, int]:
    """How many chose each option, every option present, from rows that count.

    Empty for kinds in which no options are chosen.
    """
    if question.kind not in CHOSEN:
        return {}
    counts = {chr(ord("a") + index): 0 for index in range(question.options)}
    for row in rows:
        if row.question_id == question.question_id and counts_for(question, row):
            for option in row.answer:
                counts[option] += 1
    return counts


def right_count(question: ClosedQuestion, rows: Iterable[AnswerRow]) -> int:
    """How many answers that count are right."""
    verdicts, _ = marked([question], rows, "flat")
    return sum(verdict.correct for _, verdict in verdicts)


def rates(standings: Sequence[Standing], answers: int, questions: int) -> Mapping[str, float]:
    """The two published metrics, in percent; 0 where nobody joined or nothing was asked.

    ParticipationRate: answers given to the question just closed ÷ participants.
    CompletionRate: participants with an answer to every question asked ÷ participants.

    Args:
        questions: how many were asked; slides, which take no answers, are none.
    """
    if not standings or not questions:
        return {"ParticipationRate": 0.0, "CompletionRate": 0.0}
    complete = sum(1 for standing in standings if standing.answered == questions)
    return {
        "ParticipationRate": 100 * answers / len(standings),
        "CompletionRate": 100 * complete / len(standings),
    }
