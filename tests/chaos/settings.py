"""The game of a run: its quiz, its settings and its players, drawn from the seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from quizkit.core.kinds import KINDS, UNSCORED


@dataclass(frozen=True, slots=True)
class Habits:
    """How a player behaves; times in milliseconds.

    Attributes:
        joins_after: the opening of the lobby.
        skill: how often the answer is right.
        answers: how often there is one at all.
        burst: how many copies of its two different answers it may send at once.
        repeats: how often an answer is sent several times.
        contradicts: how often another answer follows.
        early, late, edge: how often an answer comes before the opening, after the closing,
            or within a millisecond of one of them.
        sprint: how often it comes in the last moment.
        forges: claims times in its messages.
        by_http: answers without its socket.
        drops: mean time after which it loses its connection; 0: never.
        away: how long it is away then, at most.
        leaves_at: when it goes for good, after the opening of the lobby; 0: it stays.
        returns: comes back once the game is over, if it went.
        pings: keeps its socket awake.
    """

    joins_after: int
    skill: float
    answers: float
    burst: int
    repeats: float
    contradicts: float
    early: float
    late: float
    edge: float
    sprint: float
    forges: bool
    by_http: float
    drops: int
    away: int
    leaves_at: int
    returns: bool
    pings: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """One run's games.

    Attributes:
        driver: `auto`, or who drives it: a `host` on a socket, or a program by `events`.
        sessions: how many sessions of the quiz are live at once.
        players: of each session, by its number.
        host_leaves_at: when the host is gone for good, after the lobby's opening; 0: never.
        ends_early: the driver ends the game at some question.
        kicks: the host removes somebody.
        locks: somebody locks and unlocks the session all the time.
    """

    document: dict[str, Any]
    shards: int
    driver: str
    lobby_seconds: int
    reveal_seconds: int
    close_early: bool
    sessions: int
    players: tuple[tuple[Habits, ...], ...]
    host_leaves_at: int
    ends_early: bool
    kicks: bool
    locks: bool

    @property
    def summary(self) -> str:
        """One line for people."""
        document = self.document
        return (
            f"{self.sessions} session(s), {self.driver}, {document['feedback']},"
            f" {document['scoring']}, {len(document['questions'])} questions"
            f" ({', '.join(sorted({each['kind'] for each in document['questions']}))}),"
            f" {sum(map(len, self.players))} players, {self.shards} shards"
            f"{', closes early' if self.close_early else ''}"
        )


def draw(rng: Random) -> Settings:
    """The game of one run."""
    document = _document(rng)
    sessions = 2 if rng.random() < 0.3 else 1
    seconds = sum(question["time_limit"] for question in document["questions"])
    length = 1_000 * (seconds + 10 * len(document["questions"]))
    most = rng.choice((6, 15, 30))
    return Settings(
        document=document,
        shards=rng.choice((1, 2, 4, 8)),
        driver=rng.choice(("auto", "auto", "host", "events")),
        lobby_seconds=rng.randint(5, 20),
        reveal_seconds=rng.randint(0, 6),
        close_early=rng.random() < 0.4,
        sessions=sessions,
        players=tuple(
            tuple(_habits(rng, length, first=n == 0) for n in range(rng.randint(2, most)))
            for _ in range(sessions)
        ),
        host_leaves_at=rng.randint(10_000, length) if rng.random() < 0.25 else 0,
        ends_early=rng.random() < 0.2,
        kicks=rng.random() < 0.3,
        locks=rng.random() < 0.2,
    )


def _document(rng: Random) -> dict[str, Any]:
    questions = []
    for number in range(rng.randint(1, 6)):
        kind = rng.choice(("choice", "choice", "choice", "multiple", *KINDS))
        question: dict[str, Any] = {
            "text": f"Question {number + 1}?",
            "kind": kind,
            "time_limit": rng.randint(4, 15),
            **_answers(rng, kind),
        }
        if kind not in UNSCORED:
            question["points"] = rng.choice((1_000, 1_000, 500, 7, 0))
            question["penalty"] = rng.choice((0, 0, 100, 333))
        questions.append(question)
    return {
        "title": "Chaos",
        "scoring": rng.choice(("speed", "speed", "flat")),
        "feedback": rng.choice(("on_close", "on_close", "immediate")),
        "streak_bonus": rng.choice((0, 0, 50)),
        "shuffle": rng.random() < 0.3,
        "questions": questions,
    }


def _answers(rng: Random, kind: str) -> dict[str, Any]:
    """What makes a question of its kind."""
    names = [f"Option {n}" for n in range(rng.randint(2, 5))]
    grading = {"grading": rng.choice(("all", "balanced"))}
    match kind:
        case "choice":
            return {"options": names, "correct": rng.choice("abcde"[: len(names)])}
        case "multiple":
            right = rng.sample("abcde"[: len(names)], rng.randint(1, len(names)))
            return {"options": names, "correct": sorted(right), **grading}
        case "boolean":
            return {"correct": rng.random() < 0.5}
        case "text":
            return {"accept": ["Zürich", "Turicum"], "fold": rng.choice(("case", "loose"))}
        case "number":
            more = {"nearest": True, "range": [0, 100]} if rng.random() < 0.5 else {}
            return {"correct": rng.choice((42, 2.5)), "tolerance": rng.choice((0, 1)), **more}
        case "order":
            return {"options": names, **grading}
        case "poll":
            return {"options": names}
    return {}


def _habits(rng: Random, length: int, *, first: bool) -> Habits:
    """A player; the first one of a session is faithful: it may drop, but always returns."""

    def rate(likely: float, most: float) -> float:
        return rng.uniform(0, most) if rng.random() < likely else 0.0

    late = rng.random() < 0.15
    return Habits(
        joins_after=rng.randint(0, length if late and not first else 4_000),
        skill=rng.uniform(0.2, 1.0),
        answers=1.0 if rng.random() < 0.6 else rng.uniform(0.3, 1.0),
        burst=25 if rng.random() < 0.06 else 0,
        repeats=rate(0.4, 0.6),
        contradicts=rate(0.3, 0.6),
        early=rate(0.2, 0.3),
        late=rate(0.2, 0.3),
        edge=rate(0.3, 0.8),
        sprint=rate(0.4, 1.0),
        forges=rng.random() < 0.3,
        by_http=rate(0.3, 1.0),
        drops=rng.choice((0, 0, 15_000, 40_000)),
        away=rng.choice((1_000, 8_000, 30_000)),
        leaves_at=rng.randint(5_000, length) if not first and rng.random() < 0.15 else 0,
        returns=rng.random() < 0.5,
        pings=rng.random() < 0.8,
    )
