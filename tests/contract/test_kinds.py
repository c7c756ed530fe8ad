"""Every kind of question, played to the end on the real platform.

One game is flat, so that its points can be worked out by hand, in the table below; the other
is about speed and its points are worked out in fractions. In both an independent client plays
beside bots of the SDK, and some answers go over HTTP.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from quizkit.core.quiz import parse
from quizkit.sdk.bot_answers import key_of
from quizkit.sdk.bot_profiles import Profile
from quizkit.sdk.bot_records import Progress
from quizkit.sdk.bots import BotPlan, Troupe
from tests.contract.client import PATIENCE, Connection, Frame, Player
from tests.contract.doors import Done, Doors, Room, answers_of, rows_of
from tests.contract.game import opening
from tests.contract.kinds import (
    STEPS,
    Answer,
    Document,
    every_kind,
    ids_of,
    in_order,
    kind_of,
    worth,
)

ROOT = Path(__file__).parents[2]
BOTS = 3
#: What only a key has.
SECRET_KEYS = {"correct", "accept", "tolerance", "nearest", "fold", "rules", "explanation", "right"}

#: Answers of bob (over HTTP), cem and dee to the flat game, question by question; orders as
#: texts. Ann and the bots are right every time.
SWAPPED = [STEPS[1], STEPS[0], *STEPS[2:]]
ANSWERS: dict[str, list[Any]] = {
    "bob": [
        None, ["b"], ["a"], ["b"], ["a", "b", "c"], " vault   WORD", "angstrom vault", 1827.75,
        8_000, SWAPPED, ["tera", "giga", "kilo", "mega"], ["b"], ["b"],
    ],
    "cem": [
        None, ["a"], ["a"], ["a"], ["b", "d"], "nothing", "metre", 1_800,
        99_999, SWAPPED, ["giga", "tera", "kilo", "mega"], ["a"], ["b"],
    ],
    "dee": [
        None, None, ["b"], None, ["e", "c", "a"], "Väult Word", "ÅNGSTRÖM VAULT", 1827.76,
        8849.86, STEPS, None, None, ["a"],
    ],
}  # fmt: skip

#: Points by hand; the bonus of the k-th right answer in a row is 10 × min(k − 1, 5).
POINTS: dict[str, list[int]] = {
    # The slide and the poll neither count nor end the row of right answers.
    "ann": [
        0, 500, 2_000 + 10, 1_000 + 20, 1_000 + 30, 300 + 40, 300 + 50, 400 + 50,
        1_000 + 50, 600 + 50, 1_001 + 50, 0, 0 + 50,
    ],
    # A third of 1000 for two right less one wrong; 1827.75 is just near enough; 8000 is
    # 848.86 of 3000 away; two of four in place give 500.5, which is rounded up.
    "bob": [0, 500, -250, -100, 333, 300, 300 + 10, 400 + 20, 717, -60, 501, 0, 0],
    # Only where there is a penalty does a wrong answer cost anything.
    "cem": [0, 0, -250, -100, 0, -50, 0, -40, 0, -60, 0, 0, 0],
    # 1827.76 is a hundredth too far; 8849.86 is 1 away, no more, whatever doubles say.
    "dee": [0, 0, 2_000, 0, 1_000, -50, 300, -40, 1_000, 600 + 10, 0, 0, 0],
}  # fmt: skip
SCORES = {"ann": 8_501, "bob": 2_671, "cem": -500, "dee": 4_820}
#: How many of the seven were right, and what was chosen.
RIGHT = [0, 5, 5, 4, 5, 5, 6, 5, 5, 5, 4, 0, 5]
COUNTS: dict[int, dict[str, int]] = {
    1: {"a": 1, "b": 5, "c": 0},
    2: {"a": 2, "b": 5},
    3: {"a": 1, "b": 5, "c": 0, "d": 4},
    4: {"a": 6, "b": 2, "c": 6, "d": 1, "e": 5},
    12: {"a": 5, "b": 2},
}
KEYS: list[Any] = [
    [], ["b"], ["b"], ["b", "d"], ["a", "c", "e"], ["Vault Word", "Second Vault"],
    ["Ångström Vault"], 1822.5, 8848.86, STEPS, ["tera", "giga", "mega", "kilo"], [], ["a"],
]  # fmt: skip
#: Texts that nobody may see before the question is closed.
SECRETS = {
    5: ["Vault Word", "Second Vault"],
    6: ["Ångström"],
    7: ["1822.5", "5.25"],
    8: ["8848.86"],
}
#: What is no answer, by kind.
NOT_ANSWERS: dict[str, list[Any]] = {
    "slide": [["a"], "a", 1, []],
    "choice": ["b", [], ["a", "b"], ["z"], 1, None],
    "boolean": [True, ["a", "b"], ["c"]],
    "multiple": [["a", "a"], "ab", [1]],
    "text": [["Vault Word"], "", "  ", "x" * 201, "a\u0000b", 7],
    "number": ["1822.5", True, [1822.5], None],
    "order": [["a", "b"], [*"abcdefghija"], "abcd", [*"zyxwvutsrq"]],
    "poll": [["a", "b"], [], "a"],
}


@dataclass(slots=True)
class Played:
    """One game, with all that went over the wire."""

    room: Room
    document: Document
    host: Connection
    people: dict[str, Player]
    asked: list[Frame] = field(default_factory=list)
    given: dict[str, list[tuple[Answer, int] | None]] = field(default_factory=dict)
    replies: list[tuple[int, str]] = field(default_factory=list)
    refusals: list[tuple[str, Any, Mapping[str, Any]]] = field(default_factory=list)
    repeats: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = field(default_factory=list)

    @property
    def shown(self) -> list[dict[str, str]]:
        """The texts of the options by id, as they were shown, a question each."""
        return [texts_of(frame) for frame in self.asked]

    def closed(self, name: str, place: int) -> dict[str, Any]:
        """What a player was told when a question closed."""
        (frame,) = [
            frame
            for frame in self.people[name].line.frames
            if frame.action == "question_closed" and frame["question_id"] == f"q{place + 1}"
        ]
        return frame.body


def texts_of(asked: Frame) -> dict[str, str]:
    """The texts of the options of a question by id."""
    return {option["id"]: option["text"] for option in asked["question"]["options"]}


def as_sent(asked: Frame, answer: Any) -> Any:
    """An answer of the table as it is sent: an order by the ids that the question shows."""
    if asked["question"]["kind"] != "order" or answer is None:
        return answer
    ids = {text: name for name, text in texts_of(asked).items()}
    return [ids[text] for text in answer]


def right_answer(question: Document) -> Any:
    """What is right, in the form of the table."""
    match kind_of(question):
        case "slide":
            return None
        case "poll":
            return ["a"]
        case "text":
            return question["accept"][0]
        case "number":
            return question["correct"]
        case "order":
            return in_order(question)
    return sorted(ids_of(question))


class Crowd:
    """Bots of the SDK in a room, and how they get on.

    Args:
        profile: what all of them are like; they know the key of the document.
    """

    def __init__(self, room: Room, document: Document, profile: Profile) -> None:
        self._there = asyncio.Event()
        self._dealt: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        plan = BotPlan(
            seed=3, key=key_of(parse(dict(document))), cast={profile: 1}, pace=(0.0, 0.03)
        )
        self.troupe = Troupe(
            room.doors.output("HttpApiUrl"),
            room.pin,
            BOTS,
            plan=plan,
            on_progress=self._count,
            on_answered=lambda question_id: self._dealt[question_id].set(),
        )

    def _count(self, progress: Progress) -> None:
        if progress.joined == BOTS:
            self._there.set()

    async def joined(self) -> None:
        """Wait until all are in."""
        async with asyncio.timeout(PATIENCE):
            await self._there.wait()

    async def dealt(self, question_id: str) -> None:
        """Wait until all have answered, or let a slide pass."""
        async with asyncio.timeout(PATIENCE):
            await self._dealt[question_id].wait()


async def play(
    doors: Doors, document: Document, answers: Mapping[str, list[Any]], bots: Profile, delay: float
) -> Played:
    """Play a game: the people as their tables say, the bots as their profile does."""
    table = {"ann": [right_answer(each) for each in document["questions"]], **answers}
    async with await doors.room(document) as room:
        people = {name: await room.player(name) for name in table}
        game = Played(room, document, await room.host(), people)
        game.given = {name: [None] * len(document["questions"]) for name in table}
        crowd = Crowd(room, document, bots)
        async with asyncio.TaskGroup() as group:
            playing = group.create_task(crowd.troupe.play())
            await crowd.joined()
            for place in range(len(document["questions"])):
                await play_round(game, crowd, place, table, delay)
            await game.host.host("next", "quiz_finished")
            for player in people.values():
                await player.line.wait("quiz_finished")
        for result in playing.result():
            assert result.error is None
            assert result.finished
    return game


async def play_round(
    game: Played, crowd: Crowd, place: int, table: Mapping[str, list[Any]], delay: float
) -> None:
    """Ask one question, let everybody answer, and close it; the later a name, the slower."""
    asked = await game.host.host("next" if place else "start", "new_question")
    assert asked.action == "new_question", asked.text
    game.asked.append(asked)
    async with asyncio.TaskGroup() as group:
        for number, name in enumerate(table):
            group.create_task(answer(game, name, place, table[name][place], delay * number))
    await crowd.dealt(f"q{place + 1}")
    await game.host.host("close", "session", "question_closed")
    closed = await game.host.wait("question_closed", question_id=f"q{place + 1}")
    await game.host.wait("leaderboard", since=game.host.frames.index(closed))


async def answer(game: Played, name: str, place: int, wanted: Any, delay: float) -> None:
    """One player's part in a question; bob's over HTTP, cem tries what is no answer before."""
    player, asked = game.people[name], game.asked[place]
    question_id, kind = f"q{place + 1}", asked["question"]["kind"]
    await player.line.wait("new_question", seq=asked["seq"])
    await opening(asked)
    if name == "cem":
        for nonsense in NOT_ANSWERS[kind]:
            refusal = await player.line.answer(question_id, nonsense)
            game.refusals.append((kind, nonsense, refusal.body))
    if wanted is None:
        return
    await asyncio.sleep(delay)
    sent = as_sent(asked, wanted)
    if name == "bob":
        reply = await game.room.http.answer(player.seat.resume_token, question_id, sent)
        game.replies.append((place, reply.text))
        accepted = reply.body
    else:
        accepted = (await player.line.answer(question_id, sent)).body
    assert accepted.get("action") == "answer_accepted", accepted
    game.given[name][place] = (sent, accepted["received_at"] - asked["opens_at"])
    if name in ("ann", "cem"):
        # The same answer again, as another client may write it.
        alike = float(sent) if kind == "number" else f" {sent} " if kind == "text" else sent
        again = await game.room.http.answer(player.seat.resume_token, question_id, alike)
        game.repeats.append((accepted, again.body))
    if name == "ann":
        await player.line.join_quiz()


@dataclass(frozen=True, slots=True)
class Afternoon:
    """Two games and a rehearsal, played at the same time."""

    flat: Played
    speed: Played
    rehearsal: Done


async def play_all(doors: Doors) -> Afternoon:
    """Play both games while a sample with every kind is rehearsed."""
    clever = Profile("clever", skill=(1.0, 1.0))
    doubtful = Profile("doubtful", skill=(0.5, 0.5), contradicts=0.3, repeats=1)
    sample = str(ROOT / "quizkit" / "samples" / "measuring.yaml")
    flat, speed, rehearsal = await asyncio.gather(
        play(doors, every_kind(scoring="flat"), ANSWERS, clever, 0.0),
        play(doors, every_kind(scoring="speed"), ANSWERS, doubtful, 0.3),
        doors.command(
            "rehearse", sample, "--players", "8", "--seed", "5", "--pace", "0.02",
            "--reveal-seconds", "0",
        ),
    )  # fmt: skip
    return Afternoon(flat, speed, rehearsal)


@pytest.fixture(scope="module")
def afternoon(doors: Doors) -> Afternoon:
    """The games, played once for all tests here."""
    return asyncio.run(play_all(doors))


@pytest.fixture(scope="module")
def games(afternoon: Afternoon) -> tuple[Played, Played]:
    """Both games."""
    return afternoon.flat, afternoon.speed


def test_the_table_is_what_the_rules_give() -> None:
    """The figures that were worked out by hand agree with the rules in fractions."""
    quiz = every_kind(scoring="flat")
    letters = [
        {chr(ord("a") + place): text for place, text in enumerate(each.get("options", ()))}
        for each in quiz["questions"]
    ]
    table = {"ann": [right_answer(each) for each in quiz["questions"]], **ANSWERS}
    for name, answers in table.items():
        given: list[tuple[Answer, int] | None] = []
        for question, wanted, texts in zip(quiz["questions"], answers, letters, strict=True):
            ids = {text: letter for letter, text in texts.items() if isinstance(text, str)}
            ordered = kind_of(question) == "order" and wanted is not None
            sent = [ids[text] for text in wanted] if ordered else wanted
            given.append(None if sent is None else (sent, 9_999))
        assert [points for points, _ in worth(quiz, given, letters)] == POINTS[name], name
        assert sum(POINTS[name]) == SCORES[name]


def test_points_are_those_worked_out_by_hand(afternoon: Afternoon) -> None:
    """Parts, penalties, streaks and words for points, to the point, at each question."""
    game = afternoon.flat
    for name, expected in POINTS.items():
        score = 0
        for place, points in enumerate(expected):
            you = game.closed(name, place)["you"]
            score += points
            assert (you["points"], you["score"]) == (points, score), (name, place, you)
    end = {
        name: next(f for f in player.line.frames if f.action == "quiz_finished")["you"]
        for name, player in game.people.items()
    }
    assert {name: you["score"] for name, you in end.items()} == SCORES


def test_speed_takes_its_part_of_every_kind(afternoon: Afternoon) -> None:
    """Points × credit × speed, rounded once, half up; and the bonus, which speed leaves alone."""
    game = afternoon.speed
    slow = 0
    for name in game.people:
        expected = worth(game.document, game.given[name], game.shown)
        for place, (points, correct) in enumerate(expected):
            you = game.closed(name, place)["you"]
            assert (you["points"], you["correct"]) == (points, correct), (name, place, you)
        slow += sum(1 for given in game.given[name] if given is not None and given[1] >= 500)
    assert slow > 10


def test_everybody_is_told_the_own_answer_and_the_verdict(games: tuple[Played, Played]) -> None:
    """`you` has the answer in the form of the wire, and `correct` only where all is right."""
    for game in games:
        for name in game.people:
            expected = worth(game.document, game.given[name], game.shown)
            for place, question in enumerate(game.document["questions"]):
                you = game.closed(name, place)["you"]
                given = game.given[name][place]
                assert you["correct"] is expected[place][1], (name, place)
                assert you["answer"] == as_told(kind_of(question), given), (name, place)


def as_told(kind: str, given: tuple[Answer, int] | None) -> Any:
    """An answer as it comes back: options sorted, texts without blanks around them."""
    if given is None:
        return None
    answer = given[0]
    if isinstance(answer, list):
        return answer if kind == "order" else sorted(answer)
    return answer.strip() if isinstance(answer, str) else answer


def test_the_close_tells_key_counts_and_how_many_were_right(afternoon: Afternoon) -> None:
    """By kind: ids, ids in order, a number, spellings, nothing; counts where options are chosen."""
    game = afternoon.flat
    for place, question in enumerate(game.document["questions"]):
        closed = game.closed("cem", place)
        correct = closed["correct"]
        if kind_of(question) == "order":
            correct = [game.shown[place][each] for each in correct]
        assert correct == KEYS[place]
        assert closed["counts"] == COUNTS.get(place, closed["counts"])
        if kind_of(question) in ("text", "number", "order", "slide"):
            assert closed["counts"] == {}
        assert closed["right"] == RIGHT[place], place
        if kind_of(question) == "poll":
            assert sum(closed["counts"].values()) == 3 + BOTS
        assert closed["explanation"] == f"vault-explanation-{place + 1}"


def test_questions_are_shown_by_kind(games: tuple[Played, Played]) -> None:
    """Kind, range and options; a shuffled order of options, ids as in the file."""
    for game in games:
        kinds = [frame["question"]["kind"] for frame in game.asked]
        assert kinds == [kind_of(question) for question in game.document["questions"]]
        for asked, question in zip(game.asked, game.document["questions"], strict=True):
            shown = texts_of(asked)
            options = question.get("options", ["True", "False"])
            if kind_of(question) in ("slide", "text", "number"):
                assert shown == {}
                continue
            texts = [each["text"] if isinstance(each, Mapping) else each for each in options]
            assert sorted(shown.values()) == sorted(texts)
            assert sorted(shown) == [chr(ord("a") + place) for place in range(len(texts))]
            if kind_of(question) != "order":
                assert [shown[letter] for letter in sorted(shown)] == texts
        assert game.asked[8]["question"]["range"] == [7_000, 10_000]
        assert [option["id"] for option in game.asked[2]["question"]["options"]] == ["a", "b"]
        # All see one order, and so does who comes back.
        for player in game.people.values():
            views = [f["question"] for f in player.line.frames if f.action == "new_question"]
            assert views == [frame["question"] for frame in game.asked]
    one, two = ([list(shown) for shown in game.shown] for game in games)
    assert one != two, "each session has an order of its own"


def test_ids_of_an_order_do_not_tell_it(games: tuple[Played, Played]) -> None:
    """Neither the ids nor the places of options that a file has in order are in that order."""
    tables = []
    for game in games:
        shown = game.shown[9]
        assert [shown[letter] for letter in sorted(shown)] != STEPS
        assert list(shown.values()) != STEPS
        tables.append({letter: shown[letter] for letter in sorted(shown)})
    assert tables[0] != tables[1], "the ids are mixed anew wherever a quiz is stored"


def keys_in(value: Any) -> set[str]:
    """Every key of a JSON value, at every depth."""
    if isinstance(value, dict):
        return set(value).union(*(keys_in(each) for each in value.values()), set())
    if isinstance(value, list):
        return set().union(*map(keys_in, value))
    return set()


def test_nothing_tells_the_key_before_the_close(games: tuple[Played, Played]) -> None:
    """No frame to players or host, and no HTTP reply, holds any part of an open question's key."""
    for game in games:
        lines = {"host": game.host, **{name: one.line for name, one in game.people.items()}}
        looked = 0
        for place, asked in enumerate(game.asked):
            secrets = [f"vault-explanation-{place + 1}", *SECRETS.get(place, [])]
            for name, line in lines.items():
                begin = next(
                    i
                    for i, frame in enumerate(line.frames)
                    if frame.action == "new_question" and frame["seq"] == asked["seq"]
                )
                for frame in line.frames[begin:]:
                    if frame.action == "question_closed":
                        # What was looked for comes now, so its absence before meant something.
                        assert secrets[0] in frame.text
                        break
                    looked += 1
                    body = frame.body
                    if frame.action == "quiz_joined":  # it holds the last result, of another key
                        body = {**body["session"], "last": None}
                    assert not keys_in(body) & SECRET_KEYS, frame.text
                    if name not in ("ann", "dee"):  # who typed it sees the own answer again
                        assert not [each for each in secrets if each in frame.text], frame.text
            replies = [text for at, text in game.replies if at == place]
            for text in replies:
                assert not keys_in(json.loads(text)) & SECRET_KEYS
                assert not [each for each in secrets if each in text]
        assert looked > 3 * len(game.asked)


def test_what_is_no_answer_is_refused(games: tuple[Played, Played]) -> None:
    """Every form that a kind does not take is `invalid_answer`, and the right form counts after."""
    for game in games:
        assert {kind for kind, _, _ in game.refusals} == set(NOT_ANSWERS)
        for kind, nonsense, refusal in game.refusals:
            assert refusal.get("code") == "invalid_answer", (kind, nonsense, refusal)
        assert all(given is not None for given in game.given["cem"][1:])


def test_the_same_answer_in_other_words_is_a_repeat(games: tuple[Played, Played]) -> None:
    """A number as a double, a text with blanks around it: the first acknowledgement again."""
    for game in games:
        assert len(game.repeats) == 2 * (len(game.asked) - 1)
        for first, again in game.repeats:
            assert again == first


async def test_results_and_audit_agree(doors: Doors, games: tuple[Played, Played]) -> None:
    """The results hold what players were told; all answers, the bots' too, follow the rules."""
    for game in games:
        results, audit = await asyncio.gather(game.room.results(), game.room.audit())
        assert audit["agrees"] is True
        assert results["streak_bonus"] == 10
        people = rows_of(results)
        assert len(people) == audit["participants"] == len(game.people) + BOTS
        opens = {each["question_id"]: each["opens_at"] for each in results["questions"]}
        assert list(opens) == [f"q{number}" for number in range(1, len(game.asked) + 1)]
        for who, row in people.items():
            answers = answers_of(results, who)
            assert set(answers) <= set(opens)
            given = [
                (answers[name]["answer"], answers[name]["received_at"] - opens[name])
                if name in answers
                else None
                for name in opens
            ]
            expected = worth(game.document, given, game.shown)
            for name, (points, correct) in zip(opens, expected, strict=True):
                if name in answers:
                    told = answers[name]["points"], answers[name]["correct"]
                    assert told == (points, correct), (row["nickname"], name)
            assert row["score"] == sum(points for points, _ in expected)
        for name, player in game.people.items():
            answers = answers_of(results, player.seat.participant_id)
            for place, sent in enumerate(game.given[name]):
                kind = kind_of(game.document["questions"][place])
                found = answers.get(f"q{place + 1}", {"answer": None})
                assert found["answer"] == as_told(kind, sent)
        assert sum(len(row["answers"]) for row in people.values()) == audit["answers"]
        assert "q1" not in {name for who in people for name in answers_of(results, who)}
    shown = await doors.command("audit", games[0].room.session_id)
    assert (shown.exit_code, shown.document["agrees"]) == (0, True)


async def test_results_hold_the_rules(games: tuple[Played, Played]) -> None:
    """Whoever has the results can work the points out: kinds, keys, grading, tolerance, fold."""
    results = await games[0].room.results()
    questions = results["questions"]
    assert [each["kind"] for each in questions] == [
        kind_of(each) for each in games[0].document["questions"]
    ]
    assert [questions[place]["grading"] for place in (3, 4, 10)] == ["all", "balanced", "balanced"]
    assert [questions[place]["penalty"] for place in (1, 2, 7)] == [0, 250, 40]
    assert [questions[place]["fold"] for place in (5, 6)] == ["case", "loose"]
    assert (questions[7]["correct"], questions[7]["tolerance"]) == (1822.5, 5.25)
    assert (questions[8]["nearest"], questions[8]["range"]) == (True, [7_000, 10_000])
    assert [each["points"] for each in questions[1:4]] == [500, 2_000, 1_000]
    assert questions[12]["points"] == 0


async def test_clever_bots_are_right_about_everything(afternoon: Afternoon) -> None:
    """Bots that know the key of every kind have all the points that there are."""
    game = afternoon.flat
    results = await game.room.results()
    people = {player.seat.participant_id for player in game.people.values()}
    bots = [row for row in results["participants"] if row["participant_id"] not in people]
    assert [row["score"] for row in bots] == [SCORES["ann"]] * BOTS
    assert all(len(row["answers"]) == len(game.asked) - 1 for row in bots)
    ranks = {row["nickname"]: row["rank"] for row in results["participants"]}
    assert (ranks["dee"], ranks["bob"], ranks["cem"]) == (5, 6, 7)


def test_a_rehearsal_of_every_kind_is_clean(afternoon: Afternoon) -> None:
    """Bots with mishaps play the sample that has every kind; nothing is lost, all points follow."""
    report = afternoon.rehearsal
    assert report.exit_code == 0, report.document
    assert report.document["verdict"]["clean"] is True, report.document
    assert len(report.document["questions"]) == 12
    assert report.document["answers"]["stored"] >= 8 * 11 * 0.8
