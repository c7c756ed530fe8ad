"""What follows from a move: asking, revealing, finishing, and the lobby's news.

Each effect can be done again: rows and boards are absolute, events keep their numbers,
and winners are announced under a claim.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from quizkit.core import messages
from quizkit.core.answers import written_by
from quizkit.core.errors import QuizError
from quizkit.core.kinds import rules_from_row
from quizkit.core.scoring import ClosedQuestion, Standing, option_counts, rates, right_count
from quizkit.core.session import Ask, Effect, Finish, Reveal, Session, State, Window
from quizkit.lambdas.ports import (
    Answers,
    Clock,
    Metrics,
    Participants,
    Questions,
    Sessions,
    Winners,
    Workers,
)
from quizkit.lambdas.services.intake import as_closed
from quizkit.lambdas.services.standings import Standings

#: One broadcast worker serves this many shards; large sessions have more shards.
_SHARDS_A_WORKER: Final = 8
_NEWEST: Final = 10
#: A lobby of so many is told of itself as often as its hosts are.
_FEW: Final = 50
#: Longer than publishing takes, with its time-outs.
_ANNOUNCING_SECONDS: Final = 20
#: A claim on announcing is never taken over (see `_announce`); a thousand years will do.
_FOR_GOOD_MS: Final = 1_000 * 366 * 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Effects:
    """What the effects need; `media_url` makes a URL of a question's media."""

    sessions: Sessions
    questions: Questions
    participants: Participants
    answers: Answers
    workers: Workers
    winners: Winners
    metrics: Metrics
    clock: Clock
    sleep: Callable[[float], None]
    media_url: Callable[[str], str]

    @property
    def standings(self) -> Standings:
        return Standings(self.sessions, self.participants, self.answers)

    def run(self, effect: Effect, session: Session) -> None:
        """Carry out one effect of the session's state."""
        match effect:
            case Ask():
                self._ask(session)
            case Reveal():
                self._reveal(session)
            case Finish():
                self._finish(session)

    # --- the effects -------------------------------------------------------------------

    def new_question(self, session: Session) -> dict[str, Any]:
        """The `new_question` event of an open session."""
        window = _window(session)
        public = self.questions.public(session.quiz_id, session.quiz_version, session.index)
        if public is None:
            raise QuizError("quiz_not_found", "the question is gone")
        media = public["media"]
        view = messages.question_view(public, session, self.media_url(media) if media else None)
        return messages.new_question(session, window, view)

    def _ask(self, session: Session) -> None:
        if session.feedback == "immediate":
            self.workers.refresh_board(session.session_id)
        audience = self._broadcast(session, [self.new_question(session)], at=session.changed_at)
        self.sessions.expect(session.session_id, _window(session).question_id, audience)

    def _reveal(self, session: Session) -> None:
        question, explanation = self.record(session)
        question, standings, rows = self.standings.settle(session, question)
        shown = {"counts": option_counts(question, rows), "right": right_count(question, rows)}
        extra = {**_extra(session), "explanation": explanation, **shown}
        self.sessions.add_question(session.session_id, question, extra)
        self.workers.refresh_board(session.session_id)
        if question.kind != "slide":
            figures = rates(standings, len(rows), session.settled)
            self.metrics.put(
                {"ParticipationRate": (figures["ParticipationRate"], "Percent")},
                session_id=session.session_id,
                question_id=question.question_id,
            )
        closed = messages.event(
            "question_closed",
            session.session_id,
            session.first_seq,
            **messages.key_view(question),
            **shown,
            explanation=explanation,
        )
        board = messages.event(
            "leaderboard",
            session.session_id,
            session.first_seq + 1,
            entries=messages.board_entries(standings[: messages.BOARD_LINES]),
        )
        self._broadcast(session, [closed, board], personal=0, at=session.changed_at)

    def record(self, session: Session) -> tuple[ClosedQuestion, str | None]:
        """Record the question just settled, with its key, for folds and audits to come."""
        key = self.questions.key(session.quiz_id, session.quiz_version, session.index)
        if key is None:
            raise QuizError("quiz_not_found", "the question's key is gone")
        rules = rules_from_row(key.get("rules"))
        question = as_closed(session, _window(session), tuple(key["correct"]), rules)
        # Stored before the fold: a full fold reads the questions from here.
        self.sessions.add_question(session.session_id, question, _extra(session))
        return question, key["explanation"]

    def _finish(self, session: Session) -> None:
        if session.window is not None:
            wait = written_by(session.window) - self.clock()
            if wait > 0:
                self.sleep(wait / 1_000)
        standings, _ = self.standings.finish(session)
        salt = self.questions.salt(session.session_id)
        # Before the board: it takes lines for final once the ending is there.
        self.sessions.put_ending(session.session_id, messages.podium(standings), salt)
        self.workers.refresh_board(session.session_id)
        event = self.quiz_finished(session)
        self._broadcast(session, [event], personal=0, at=session.changed_at)
        self._announce(session, standings)
        self.sessions.retire(session)

    def quiz_finished(self, session: Session) -> dict[str, Any]:
        """The `quiz_finished` event of a session whose podium is stored."""
        podium, salt = self.sessions.ending(session.session_id)
        return messages.event(
            "quiz_finished", session.session_id, session.first_seq, podium=podium, salt=salt
        )

    def _announce(self, session: Session, standings: Sequence[Standing]) -> None:
        """Announce the winners under a claim, so that a finishing done twice announces once.

        A function killed between publishing and reporting leaves a claim that nobody
        settles; it is not published again, since a second announcement cannot be undone
        and the winners can be read from the results at any time.
        """
        if not self._may_announce(session):
            return
        try:
            self.winners.publish(winners_message(session, standings))
        except QuizError:
            self.sessions.settle_claim(session.session_id, "winners", done=False)
            raise
        self.sessions.settle_claim(session.session_id, "winners", done=True)
        completion = rates(standings, 0, session.settled - session.slides)["CompletionRate"]
        self.metrics.put({"CompletionRate": (completion, "Percent")}, session_id=session.session_id)

    def _may_announce(self, session: Session) -> bool:
        """Take the duty; whoever has it just now may yet be refused and give it back.

        Reporting the session done meanwhile would leave nobody to try again.
        """
        for _ in range(_ANNOUNCING_SECONDS):
            if self.sessions.claim(session.session_id, "winners", self.clock(), _FOR_GOOD_MS):
                return True
            if self.sessions.is_settled(session.session_id, "winners"):
                return False
            self.sleep(1)
        return False

    def lobby(self, session: Session, *, everybody: bool = True) -> int:
        """Tell who is there; nothing once the session has started.

        Args:
            everybody: tell players too, also where they are many.

        Returns:
            How many players are in a lobby that only hosts were told of.
        """
        if session.state is not State.LOBBY:
            return 0
        people = [who for who in self.participants.everybody(session) if not who.kicked]
        people.sort(key=lambda who: who.joined_at, reverse=True)
        event = messages.event(
            "lobby",
            session.session_id,
            self.sessions.next_seq(session.session_id),
            participants=len(people),
            newest=[who.nickname for who in people[:_NEWEST]],
        )
        if everybody or len(people) <= _FEW:
            self._broadcast(session, [event])
            return 0
        self.workers.broadcast(
            {"session_id": session.session_id, "events": [event], "shards": [], "hosts": True}
        )
        return len(people)

    def waiting_for(self, session: Session, window: Window) -> int:
        """How many connected players have not answered the open question."""
        answered = {
            row.participant_id for row in self.answers.of_question(session, window.question_id)
        }
        return sum(
            1
            for who in self.participants.everybody(session)
            if who.connection_id and not who.kicked and who.participant_id not in answered
        )

    # --- sending -----------------------------------------------------------------------

    def _broadcast(
        self,
        session: Session,
        events: Sequence[Mapping[str, Any]],
        *,
        personal: int | None = None,
        at: int | None = None,
    ) -> int:
        """Have workers send events to all shards; returns how many players got them."""
        request = {
            "session_id": session.session_id,
            "events": [dict(event) for event in events],
            "personal": personal,
            "at": at,
        }
        workers = -(-session.shards // _SHARDS_A_WORKER)
        requests = [
            request | {"shards": list(range(first, session.shards, workers)), "hosts": not first}
            for first in range(workers)
        ]
        if len(requests) == 1:
            return self.workers.broadcast(requests[0])
        with ThreadPoolExecutor(len(requests)) as pool:
            return sum(pool.map(self.workers.broadcast, requests))


def _extra(session: Session) -> dict[str, Any]:
    """What is kept beside a question that was settled by the session's last move."""
    return {"settled_at": session.changed_at}


def _window(session: Session) -> Window:
    if session.window is None:
        raise ValueError("the session has asked no question")
    return session.window


def winners_message(session: Session, standings: Sequence[Standing]) -> dict[str, Any]:
    """What the winners' topic carries."""
    return {
        "session_id": session.session_id,
        "quiz_id": session.quiz_id,
        "title": session.title,
        "finished_at": session.finished_at,
        "participants": len(standings),
        "winners": messages.podium(standings),
    }
