"""Did a game keep its promises? What the clients saw, held against what is stored.

Clients write down every answer that they send and what became of it, and how the game
ended for them. Once the session is over, `check` compares these records with what the
platform stores and serves, and names every promise that was broken.

The checker shares no code with the platform's scoring: it works the points out again, in
fractions and without haste, since a checker that calls what it checks proves nothing. It
believes the stored questions and members, the clients' records, and nothing else.

The cost of a client's view is that an answer without a reply may or may not be stored:
both are right. So a run in which nothing was acknowledged passes; whoever runs the
checker counts what was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Final, TypeAlias
from unicodedata import combining, normalize

from quizkit.core.scoring import AnswerRow, ClosedQuestion, Member

#: (rank, participant_id, score)
Place: TypeAlias = tuple[int, str, int]

#: Errors that say nothing about the answer: it may be stored all the same.
PASSING: Final = frozenset({"unavailable", "internal"})
#: `GET /leaderboard` lists at most this many lines; more are not asked of a board.
_BOARD_REACH: Final = 5_000
_PODIUM: Final = 3


class Fate(StrEnum):
    """What a client knows of an answer that it sent; `UNKNOWN` where no reply came."""

    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One submission as its client saw it; each try of a repeated one is its own.

    Attributes:
        answer: as it would be stored, see `core.kinds`.
        received_at: of the acknowledgement, epoch milliseconds; where acknowledged only.
        code: the error's code; where refused only.
    """

    participant_id: str
    question_id: str
    answer: tuple[str, ...]
    fate: Fate
    received_at: int | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """What a client that stayed, or returned, saw last.

    Attributes:
        score, rank: its own; None for hosts, who have none.
        podium: the first places.
        finished: whether it saw the end of the session at all.
    """

    participant_id: str
    score: int | None
    rank: int | None
    podium: tuple[Place, ...] = ()
    finished: bool = True


@dataclass(frozen=True, slots=True)
class Truth:
    """What the platform stores and serves once the session is over.

    Attributes:
        scoring: `speed` or `flat`.
        questions: those that were settled.
        members: everybody who counts; not those whom the host removed.
        rows: all stored answers, also those that do not count.
        results: as `session results` lists them.
        board: as `GET /leaderboard` lists them, with the greatest `top`.
        published: how many winners' messages went out, None where that is not known.
        streak_bonus: points for each right answer in a row.
    """

    scoring: str
    questions: tuple[ClosedQuestion, ...]
    members: tuple[Member, ...]
    rows: tuple[AnswerRow, ...]
    results: tuple[Place, ...]
    board: tuple[Place, ...]
    published: int | None = None
    streak_bonus: int = 0


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken promise: `rule` is a short stable code, `message` says what was found."""

    rule: str
    message: str


def check(attempts: Iterable[Attempt], endings: Iterable[Ending], truth: Truth) -> list[Violation]:
    """Every promise that this game broke; empty where it kept them all.

    The rules: `acknowledged_lost`, `acknowledged_changed`, `stored_twice`,
    `stored_unsent`, `refused_stored`, `outside_window`, `wrong_results`, `wrong_board`,
    `never_finished`, `wrong_podium`, `wrong_score`, `wrong_rank`, `unknown_participant`,
    `winners_missing`, `winners_twice`.
    """
    attempts, endings = tuple(attempts), tuple(endings)
    expected = standings(truth)
    return [
        *_acknowledged(attempts, truth),
        *_stored(attempts, endings, truth),
        *_windows(truth),
        *_listing("wrong_results", "the results", truth.results, expected),
        *_listing("wrong_board", "the board", truth.board, _reach(truth.board, expected)),
        *(found for ending in endings for found in _ending(ending, expected, truth)),
        *_winners(truth.published),
    ]


# --- answers -------------------------------------------------------------------------


def _acknowledged(attempts: Sequence[Attempt], truth: Truth) -> Iterator[Violation]:
    stored: dict[tuple[str, str], list[AnswerRow]] = defaultdict(list)
    for row in truth.rows:
        stored[row.participant_id, row.question_id].append(row)
    for attempt in attempts:
        if attempt.fate is not Fate.OK:
            continue
        rows = stored[attempt.participant_id, attempt.question_id]
        promised = (attempt.answer, attempt.received_at)
        who = f"{attempt.participant_id} was told that {attempt.question_id} has {promised}"
        if not rows:
            yield Violation("acknowledged_lost", f"{who}; nothing is stored")
        elif promised not in [(row.answer, row.received_at) for row in rows]:
            found = (rows[0].answer, rows[0].received_at)
            yield Violation("acknowledged_changed", f"{who}; stored is {found}")


def _stored(
    attempts: Sequence[Attempt], endings: Sequence[Ending], truth: Truth
) -> Iterator[Violation]:
    known = {attempt.participant_id for attempt in attempts}
    known |= {ending.participant_id for ending in endings}
    refused: dict[tuple[str, str, tuple[str, ...]], str | None] = {}
    possible: set[tuple[str, str, tuple[str, ...]]] = set()
    for attempt in attempts:
        content = (attempt.participant_id, attempt.question_id, attempt.answer)
        if attempt.fate is Fate.FAIL and attempt.code not in PASSING:
            refused[content] = attempt.code
        else:
            possible.add(content)
    seen: set[tuple[str, str]] = set()
    for row in truth.rows:
        content = (row.participant_id, row.question_id, row.answer)
        what = f"{row.answer} of {row.participant_id} to {row.question_id}"
        if content[:2] in seen:
            yield Violation("stored_twice", f"{what} is not the only row")
        seen.add(content[:2])
        if content in possible or row.participant_id not in known:
            continue
        if content in refused:
            yield Violation("refused_stored", f"{what} was refused: {refused[content]}")
        else:
            yield Violation("stored_unsent", f"{what} was never sent")


def _windows(truth: Truth) -> Iterator[Violation]:
    questions = {question.question_id: question for question in truth.questions}
    for row in truth.rows:
        question = questions.get(row.question_id)
        if question is None or not _in_window(question, row):
            window = "none" if question is None else f"{question.opens_at}-{question.closes_at}"
            yield Violation(
                "outside_window",
                f"{row.participant_id} answered {row.question_id} at {row.received_at},"
                f" window {window}",
            )


def _in_window(question: ClosedQuestion, row: AnswerRow) -> bool:
    return question.opens_at <= row.received_at <= question.closes_at


# --- standings -----------------------------------------------------------------------


def standings(truth: Truth) -> tuple[Place, ...]:
    """The standings as they have to be, worked out from the stored rows alone.

    Higher score first, then less total answering time of correct answers, then earlier
    join; the id decides between what is still equal.
    """
    questions = sorted(truth.questions, key=lambda question: question.index)
    rows = {(row.participant_id, row.question_id): row for row in truth.rows}
    best_first = []
    for who in truth.members:
        given = [rows.get((who.participant_id, each.question_id)) for each in questions]
        score, time = _total(truth, list(zip(questions, given, strict=True)))
        best_first.append((-score, time, who.joined_at, who.participant_id))
    best_first.sort()
    return tuple((rank, line[3], -line[0]) for rank, line in enumerate(best_first, start=1))


def _total(
    truth: Truth, given: Sequence[tuple[ClosedQuestion, AnswerRow | None]]
) -> tuple[int, int]:
    """One player's score and time, from the questions in order, each with the answer to it."""
    score = time = run = 0
    for question, row in given:
        if question.kind in ("poll", "slide"):
            continue
        if row is None or not _in_window(question, row):
            run = 0
            continue
        elapsed = row.received_at - question.opens_at
        share = _share(question, row.answer)
        run = run + 1 if share == 1 else 0
        if share == 1:
            time += elapsed
            score += truth.streak_bonus * min(run - 1, 5)
        if share > 0:
            score += _points(question, truth.scoring, elapsed, share)
        else:
            score -= question.rules.penalty
    return score, time


def _share(question: ClosedQuestion, answer: Sequence[str]) -> Fraction:
    """The part of the points that an answer is worth."""
    rules, right = question.rules, question.correct
    if question.kind == "text":
        loose = rules.fold == "loose"
        same = _letters(answer[0], loose) in [_letters(each, loose) for each in right]
        return Fraction(int(same))
    if question.kind == "number":
        off = abs(Fraction(answer[0]) - Fraction(right[0]))
        if off <= Fraction(rules.tolerance):
            return Fraction(1)
        if not rules.nearest or rules.range is None:
            return Fraction(0)
        width = Fraction(rules.range[1]) - Fraction(rules.range[0])
        return (width - off) / width if off < width else Fraction(0)
    balanced = rules.grading == "balanced"
    if question.kind == "order":
        hits = [place for place, each in enumerate(right) if answer[place] == each]
        return Fraction(len(hits), len(right)) if balanced else Fraction(len(hits) // len(right))
    if question.kind == "multiple" and balanced:
        gained = sum(1 if each in right else -1 for each in answer)
        return Fraction(gained, len(right)) if gained > 0 else Fraction(0)
    return Fraction(int(sorted(answer) == sorted(right)))


def _letters(text: str, loose: bool) -> str:
    """What has to be the same of two texts; `loose`: without accents."""
    text = normalize("NFKC", text).casefold()
    if loose:
        text = "".join(letter for letter in normalize("NFKD", text) if combining(letter) == 0)
    return " ".join(normalize("NFKC", text).split())


def _points(question: ClosedQuestion, scoring: str, elapsed: int, share: Fraction) -> int:
    """Points of an answer that has some; `elapsed` in milliseconds."""
    if scoring == "flat" or elapsed < 500:
        return floor(question.points * share + Fraction(1, 2))
    part = 1 - Fraction(elapsed, 1_000) / question.time_limit / 2
    return floor(question.points * share * part + Fraction(1, 2))


def _reach(board: Sequence[Place], expected: Sequence[Place]) -> Sequence[Place]:
    """What a board has to list: everybody, or as many as its door gives."""
    return expected[: max(len(board), _BOARD_REACH)]


def _listing(
    rule: str, name: str, found: Sequence[Place], expected: Sequence[Place]
) -> Iterator[Violation]:
    if len(found) != len(expected):
        yield Violation(rule, f"{name} have {len(found)} lines instead of {len(expected)}")
    for listed, right in zip(found, expected, strict=False):
        if listed != right:
            yield Violation(rule, f"{name} list {listed} where {right} belongs")
            return


# --- what clients saw ----------------------------------------------------------------


def _ending(ending: Ending, expected: Sequence[Place], truth: Truth) -> Iterator[Violation]:
    who = ending.participant_id
    if not ending.finished:
        yield Violation("never_finished", f"{who} never saw the end of the session")
        return
    if ending.podium != tuple(expected[:_PODIUM]):
        yield Violation("wrong_podium", f"{who} saw {ending.podium}")
    own = next((place for place in expected if place[1] == who), None)
    if own is None:
        if (ending.score, ending.rank) != (None, None):
            yield Violation("unknown_participant", f"{who} has a score but is not in the session")
        return
    rank, _, score = own
    if ending.score != score:
        yield Violation("wrong_score", f"{who} saw the score {ending.score}, it is {score}")
    # Where nothing was asked there are no standings, and nobody is told a rank.
    if ending.rank != rank and (truth.questions or ending.rank is not None):
        yield Violation("wrong_rank", f"{who} saw the rank {ending.rank}, it is {rank}")


def _winners(published: int | None) -> Iterator[Violation]:
    if published == 0:
        yield Violation("winners_missing", "the winners were never announced")
    elif published is not None and published > 1:
        yield Violation("winners_twice", f"the winners were announced {published} times")
