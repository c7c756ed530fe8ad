"""The fake platform with an administrator: a whole session that a program can host.

`Admin` talks to it with real boto3 over HTTP. The quiz has two questions, each with the right
answer `a` for ten points; standings are folded as the platform folds them.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from quizkit.core.kinds import rules_view
from quizkit.core.scoring import AnswerRow, ClosedQuestion, Member, Standing, fold
from quizkit.sdk.admin import Admin
from tests.sdk.fake_aws import FakeAws, fake_aws
from tests.sdk.fake_platform import PIN, FakePlatform, Frame, Player, question, running

QUESTIONS = 2
QUIZ: Frame = {
    "title": "Fake",
    "scoring": "flat",
    "questions": [
        {"text": "?", "options": ["A", "B", "C"], "correct": "a", "points": 10, "time_limit": 1}
        for _ in range(QUESTIONS)
    ],
}


@dataclass
class FakeStage(FakePlatform):
    """A platform with one session.

    Attributes:
        stuck: the session never moves, whatever is commanded.
        audit: what the audit says of the standings.
        commands: that were given.
        opening, go_on: set when a session is asked for, and when it may open.
    """

    closed: list[ClosedQuestion] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    stuck: bool = False
    audit: bool = True
    opening: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def standings(self) -> list[Standing]:
        """The standings of the questions that are closed, best first."""
        members = [
            Member(player.participant_id, player.nickname, number)
            for number, player in enumerate(self.players.values())
        ]
        return fold(members, self.closed, self.rows(), "flat")

    def rows(self) -> list[AnswerRow]:
        """All stored answers."""
        return [
            AnswerRow(who, name, tuple(stored["answer"]), stored["received_at"])
            for (who, name), stored in self.answers.items()
        ]

    # --- the session ---------------------------------------------------------------------

    async def move(self, command: str) -> None:
        """Carry out a host's command; questions follow one another at once."""
        self.commands.append(command)
        fits = {"lobby": ("start", "next", "end"), "open": ("next", "close", "end")}
        if self.stuck or command not in fits.get(self.state, ()):
            return
        if self.state == "open":
            await self._settle()
        if command != "end" and len(self.closed) < QUESTIONS:
            await self.ask(len(self.closed) + 1)
        else:
            await self.finish()

    async def ask(self, number: int, **more: Any) -> None:
        """Open a question for everybody, as long as it takes."""
        now = int(time.time() * 1000)
        self.state = "open"
        node = question(number, count=QUESTIONS, **more)
        self.open = {"question": node, "opens_at": now, "closes_at": now + 60_000}
        await self.broadcast("new_question", **self.open)

    async def _settle(self) -> None:
        assert self.open is not None
        number, opens_at = len(self.closed) + 1, self.open["opens_at"]
        self.open = None
        now = int(time.time() * 1000)
        self.closed.append(
            ClosedQuestion(f"q{number}", number - 1, opens_at, now, 1, 10, ("a",), 3)
        )
        await self.broadcast("question_closed", question_id=f"q{number}", correct=["a"])

    async def finish(self) -> None:
        """End the session, telling each player score, rank and podium; `keep_the_end` not."""
        self.state = "finished"
        self.seq += 1
        lines = {line.participant_id: line for line in self.standings()}
        for player in self.players.values():
            if self.wrong.due("keep_the_end"):
                continue
            own = lines[player.participant_id]
            event = {"action": "quiz_finished", "session_id": "s1", "seq": self.seq}
            you = {"score": own.score, "rank": own.rank}
            await self._send(player.socket, {**event, "podium": self.podium(), "you": you})

    def podium(self) -> list[Frame]:
        """The first three."""
        return [_entry(line) for line in self.standings()[:3]]

    def _view(self, player: Player) -> Frame:
        view = super()._view(player)
        if self.state == "finished":
            lines = {line.participant_id: line for line in self.standings()}
            own = lines[player.participant_id]
            view |= {"podium": self.podium(), "score": own.score, "rank": own.rank}
        return view

    # --- what an administrator asks --------------------------------------------------------

    def session(self) -> Frame:
        """The document of the session."""
        return {"session_id": "s1", "quiz_id": "k1", "title": "Fake", "pin": PIN} | {
            "state": self.state
        }

    def results(self) -> Frame:
        """The results, in one page."""
        rows = self.rows()
        return {
            **self.session(),
            "scoring": "flat",
            "streak_bonus": 0,
            "questions": [
                {
                    "question_id": each.question_id,
                    "opens_at": each.opens_at,
                    "closes_at": each.closes_at,
                    "correct": ["a"],
                    "points": 10,
                    "time_limit": 1,
                    "options": 3,
                    "kind": "choice",
                    **rules_view(each.rules),
                }
                for each in self.closed
            ],
            "participants": [
                _entry(line)
                | {
                    "time": line.time,
                    "joined_at": line.joined_at,
                    "answers": [
                        {
                            "question_id": row.question_id,
                            "answer": list(row.answer),
                            "received_at": row.received_at,
                        }
                        for row in rows
                        if row.participant_id == line.participant_id
                    ],
                }
                for line in self.standings()
            ],
        }

    def post(self, path: str, token: str, body: Frame) -> tuple[int, Frame]:
        """Answer an HTTP request; the board is the whole one."""
        if path.startswith("/leaderboard/"):
            lines = self.standings()
            return 200, {"total": len(lines), "entries": [_entry(line) for line in lines]}
        return super().post(path, token, body)

    def serve(self, aws: FakeAws, loop: asyncio.AbstractEventLoop) -> None:
        """Answer an administrator's operations; they arrive in threads."""

        def there(make: Callable[[], Coroutine[Any, Any, None]]) -> None:
            asyncio.run_coroutine_threadsafe(make(), loop).result(30)

        def command(arguments: Frame) -> Frame:
            there(lambda: self.move(arguments["command"]))
            return {"ok": self.session()}

        def start(arguments: Frame) -> Frame:
            self.opening.set()
            self.go_on.wait(30)
            return {"ok": self.session()}

        self.go_on.set()
        audit = {"differences": [{"what": "x"}], "answers": 0, "participants": 0}
        aws.operations |= {
            "quiz.get": lambda arguments: {"ok": {"quiz_id": "k1", "document": QUIZ}},
            "session.start": start,
            "session.get": lambda arguments: {"ok": self.session()},
            "session.command": command,
            "session.results": lambda arguments: {"ok": self.results()},
            "session.audit": lambda arguments: {"ok": audit | {"agrees": self.audit}},
        }


def _entry(line: Standing) -> Frame:
    return {
        "rank": line.rank,
        "participant_id": line.participant_id,
        "nickname": line.nickname,
        "score": line.score,
    }


@asynccontextmanager
async def fake_stage() -> AsyncIterator[tuple[FakeStage, Admin]]:
    """A running stage and its administrator."""
    async with running(FakeStage()) as stage:
        with fake_aws() as aws:
            stage.serve(aws, asyncio.get_running_loop())
            outputs = aws.outputs | {"HttpApiUrl": stage.http_url}
            yield stage, Admin(aws.target, outputs)
