"""Results and audits: the session recomputed from its stored answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from quizkit.core.scoring import Standing, judge
from quizkit.core.session import Session
from quizkit.lambdas.ports import Participants, Sessions
from quizkit.lambdas.services.standings import Standings


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
        questions = [closed for closed, _ in self.sessions.questions(session.session_id)]
        standings, rows = self.standings.recompute(session)
        by_id = {question.question_id: question for question in questions}
        answers: dict[str, list[dict[str, Any]]] = {}
        for row in sorted(rows, key=lambda row: by_id[row.question_id].index):
            verdict = judge(by_id[row.question_id], session.scoring, row.answer, row.received_at)
            answers.setdefault(row.participant_id, []).append(
                {
                    "question_id": row.question_id,
                    "answer": list(row.answer),
                    "received_at": row.received_at,
                    "correct": verdict.correct,
                    "points": verdict.points,
                }
            )
        return {
            "session_id": session.session_id,
            "quiz_id": session.quiz_id,
            "title": session.title,
            "state": str(session.state),
            "questions": [
                {
                    "question_id": question.question_id,
                    "opens_at": question.opens_at,
                    "closes_at": question.closes_at,
                    "correct": list(question.correct),
                    "points": question.points,
                    "time_limit": question.time_limit,
                }
                for question in questions
            ],
            "participants": [
                _line(standing) | {"answers": answers.get(standing.participant_id, [])}
                for standing in standings
            ],
        }

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


def _line(standing: Standing) -> dict[str, Any]:
    return {
        "rank": standing.rank,
        "participant_id": standing.participant_id,
        "nickname": standing.nickname,
        "score": standing.score,
        "time": standing.time,
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
