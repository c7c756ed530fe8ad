"""Results and audits: the session recomputed from its stored answers.

Results come whole, or in pages for sessions whose results are larger than a function may
answer (6 MB). A page is folded from the answers of one shard alone, so all pages together
read every answer about once. Its lines bear no rank, since nobody's rank can be known from a
shard: whoever has all pages sorts them by `core.scoring.order`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from quizkit.core.errors import Rejected
from quizkit.core.kinds import rules_view, wire_answer, wire_key
from quizkit.core.scoring import (
    AnswerRow,
    ClosedQuestion,
    Standing,
    Verdict,
    fold,
    marked,
)
from quizkit.core.session import Session
from quizkit.lambdas.ports import Participants, Sessions
from quizkit.lambdas.services.standings import Standings, member_of

#: The cursor that asks for the first page.
FIRST_PAGE: Final = "first"
#: How much a page holds; an answer counts one, a participant's own line four. At 230 bytes
#: each, more than any has, a page stays below 5 MB.
PAGE_WEIGHT: Final = 20_000
_LINE_WEIGHT: Final = 4
#: So many characters of a typed answer, of four bytes each, weigh as much as another answer.
_TYPED: Final = 50
_CURSOR: Final = re.compile(r"(\d{1,3}):(\d{1,3}):([0-9a-f]{0,64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Results:
    """What results need."""

    sessions: Sessions
    participants: Participants
    standings: Standings

    def headcount(self, session: Session) -> int:
        """How many players are in the session."""
        return len(self.standings.members(session))

    def results(self, session: Session) -> dict[str, Any]:
        """Everything about the settled questions; nothing of one that is open."""
        questions = self._questions(session)
        standings, rows = self.standings.recompute(session)
        standings = self.standings.listed(session, standings, range(session.shards))
        lines = _participants(session, questions, standings, rows)
        return _head(session, questions) | {"participants": lines}

    def page(self, session: Session, cursor: str, weight: int = PAGE_WEIGHT) -> dict[str, Any]:
        """Some participants' part of the results, without ranks, and where it goes on.

        Args:
            cursor: `FIRST_PAGE`, or that of the page before; it keeps the number of settled
                questions, so that all pages are of the same moment.
            weight: how much a page holds.

        Raises:
            Rejected: `bad_request` for a cursor that is none.
        """
        questions = self._questions(session)
        settled, shard, after = _position(cursor, len(questions), session.shards)
        questions = questions[:settled]
        members = [
            member_of(who)
            for who in self.participants.shard(session.session_id, shard)
            if not who.kicked
        ]
        rows = self.standings.answers.of_shard(session.session_id, shard)
        bonus = session.streak_bonus
        standings = fold(members, questions, rows, session.scoring, streak_bonus=bonus)
        standings = self.standings.listed(session, standings, [shard])
        standings.sort(key=lambda standing: standing.participant_id)
        heavy = _weights(rows)
        left = (line for line in standings if line.participant_id > after)
        here = _fill(left, weight, heavy)
        lines = _participants(session, questions, here, rows)
        for line in lines:
            del line["rank"]
        more = bool(here) and here[-1] is not standings[-1]
        shard, after = (shard, here[-1].participant_id) if more else (shard + 1, "")
        cursor_after = f"{settled}:{shard}:{after}" if shard < session.shards else None
        return _head(session, questions) | {"participants": lines, "cursor": cursor_after}

    def audit(self, session: Session) -> dict[str, Any]:
        """Recompute the standings and compare them with the stored ones."""
        computed, rows = self.standings.recompute(session)
        stored = self.standings.stored(session)
        differences = _differences(computed, stored) if session.settled else []
        return {
            "session_id": session.session_id,
            "state": str(session.state),
            "agrees": not differences,
            "answers": len(rows),
            "participants": len(computed),
            "settled_questions": session.settled,
            "differences": differences[:20],
        }

    def _questions(self, session: Session) -> list[ClosedQuestion]:
        return [closed for closed, _ in self.sessions.questions(session.session_id)]


def _position(cursor: str, settled: int, shards: int) -> tuple[int, int, str]:
    """Settled questions, shard, and the participant after whom a page begins."""
    if cursor == FIRST_PAGE:
        return settled, 0, ""
    found = _CURSOR.fullmatch(cursor)
    if found is None or int(found[1]) > settled or int(found[2]) >= shards:
        raise Rejected("bad_request", "'cursor' is not one of this session's results")
    return int(found[1]), int(found[2]), found[3]


def _weights(rows: Iterable[AnswerRow]) -> Counter[str]:
    """What the typed answers of each participant weigh beyond one an answer."""
    weights: Counter[str] = Counter()
    for row in rows:
        weights[row.participant_id] += len(row.answer[0]) // _TYPED
    return weights


def _fill(standings: Iterable[Standing], weight: int, heavy: Mapping[str, int]) -> list[Standing]:
    """As many lines as a page holds, at least one."""
    here: list[Standing] = []
    for standing in standings:
        weight -= _LINE_WEIGHT + standing.answered + heavy.get(standing.participant_id, 0)
        if here and weight < 0:
            break
        here.append(standing)
    return here


def _head(session: Session, questions: Sequence[ClosedQuestion]) -> dict[str, Any]:
    """All but the participants: enough, with their answers, to work the standings out anew."""
    return {
        "session_id": session.session_id,
        "quiz_id": session.quiz_id,
        "title": session.title,
        "state": str(session.state),
        "scoring": session.scoring,
        "streak_bonus": session.streak_bonus,
        "questions": [
            {
                "question_id": question.question_id,
                "kind": question.kind,
                "opens_at": question.opens_at,
                "closes_at": question.closes_at,
                "correct": wire_key(question.kind, question.correct),
                "points": question.points,
                "time_limit": question.time_limit,
                "options": question.options,
                **rules_view(question.rules),
            }
            for question in questions
        ],
    }


def _participants(
    session: Session,
    questions: Sequence[ClosedQuestion],
    standings: Sequence[Standing],
    rows: Iterable[AnswerRow],
) -> list[dict[str, Any]]:
    """Each line with the answers that count, in the order of the questions."""
    kinds = {question.question_id: question.kind for question in questions}
    given: dict[str, list[dict[str, Any]]] = {line.participant_id: [] for line in standings}
    verdicts, _ = marked(questions, rows, session.scoring, session.streak_bonus)
    for row, verdict in verdicts:
        if row.participant_id in given:
            given[row.participant_id].append(_answer(kinds[row.question_id], row, verdict))
    return [_line(line) | {"answers": given[line.participant_id]} for line in standings]


def _answer(kind: str, row: AnswerRow, verdict: Verdict) -> dict[str, Any]:
    return {
        "question_id": row.question_id,
        "answer": wire_answer(kind, row.answer),
        "received_at": row.received_at,
        "correct": verdict.correct,
        "points": verdict.points,
    }


def _line(standing: Standing) -> dict[str, Any]:
    return {
        "rank": standing.rank,
        "participant_id": standing.participant_id,
        "nickname": standing.nickname,
        "score": standing.score,
        "time": standing.time,
        "joined_at": standing.joined_at,
    }


def _differences(computed: list[Standing], stored: list[Standing] | None) -> list[dict[str, Any]]:
    if stored is None:
        return [{"what": "the stored standings are missing or not of the last question"}]
    before = {standing.participant_id: standing for standing in stored}
    found: list[dict[str, Any]] = []
    for standing in computed:
        # Somebody who joined after the last question was settled is not stored yet.
        kept = before.pop(standing.participant_id, None)
        if kept is None and standing.answered == 0:
            continue
        if kept is None or (kept.score, kept.time) != (standing.score, standing.time):
            found.append(
                {"computed": _line(standing), "stored": None if kept is None else _line(kept)}
            )
    return found + [{"computed": None, "stored": _line(kept)} for kept in before.values()]
