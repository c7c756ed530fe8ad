"""quizkit.lambdas.services.authoring: versions, names, comments, and deleting beside sessions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from quizkit.core.digest import digest
from quizkit.core.errors import InvalidQuiz, QuizError, Rejected
from quizkit.core.owners import ADMIN, Caller
from quizkit.core.packing import pack, source_digest
from quizkit.core.quiz import parse, to_document
from quizkit.core.session import Command, Session, State
from quizkit.lambdas.services.authoring import DELETING_MS
from tests.fakes.game import DOCUMENT, QUIZ, RIGHT, World

ADA, BOB = Caller("ada-1"), Caller("bob-1")
#: The same questions with other right answers, and one more.
CHANGED: dict[str, Any] = {
    "title": "Capitals, again",
    "questions": [
        {"text": "Australia?", "options": ["Sydney", "Canberra", "Perth"], "correct": "c"},
        {"text": "Which are capitals?", "options": ["Bern", "Geneva", "Rome"], "correct": "b"},
        {"text": "Canada?", "options": ["Toronto", "Ottawa"], "correct": "a"},
        {"text": "Chad?", "options": ["N'Djamena", "Abéché"], "correct": "a"},
    ],
}


def ask(world: World, operation: str, caller: Caller = ADMIN, /, **arguments: Any) -> Any:
    """Have an operation done; gives its answer."""
    return world.hosting.run(operation, arguments, caller)


def refusal(world: World, operation: str, caller: Caller = ADMIN, /, **arguments: Any) -> str:
    """The code with which an operation is refused."""
    with pytest.raises(QuizError) as caught:
        world.hosting.run(operation, arguments, caller)
    return caught.value.code


def source(text: str, form: str = "yaml") -> dict[str, Any]:
    """A source as it is sent."""
    return {"format": form, "packed": pack(text)}


# --- versions --------------------------------------------------------------------------------


def test_an_edit_makes_a_version(world: World) -> None:
    """The quiz keeps its id; each version is read back, with the list of all."""
    first = ask(world, "quiz.get", quiz_id=QUIZ)
    world.clock.advance(1_000)
    made = ask(world, "quiz.update", quiz_id=QUIZ, document=CHANGED)
    assert made == {
        "quiz_id": QUIZ,
        "title": "Capitals, again",
        "questions": 4,
        "version": 2,
        "changed": True,
        "name": None,
        "digest": digest(to_document(parse(CHANGED))),
    }
    second = ask(world, "quiz.get", quiz_id=QUIZ)
    assert (second["version"], second["title"], second["questions"]) == (2, CHANGED["title"], 4)
    assert second["document"] == to_document(parse(CHANGED))
    assert second["digest"] == made["digest"]
    assert [each["version"] for each in second["versions"]] == [1, 2]
    assert second["versions"][1]["created_at"] == second["created_at"] + 1_000
    older = ask(world, "quiz.get", quiz_id=QUIZ, version=1)
    assert older == first | {"versions": second["versions"]}
    [line] = ask(world, "quiz.list")["quizzes"]
    assert (line["version"], line["digest"]) == (2, made["digest"])


def test_an_edit_that_says_the_same_makes_none(world: World) -> None:
    """Also in other words: what counts is what would be stored."""
    before = ask(world, "quiz.get", quiz_id=QUIZ)
    for document in (DOCUMENT, before["document"], {"scoring": "speed", **DOCUMENT}):
        made = ask(world, "quiz.update", quiz_id=QUIZ, document=document)
        assert (made["version"], made["changed"]) == (1, False)
    assert ask(world, "quiz.get", quiz_id=QUIZ) == before


def test_versions_that_are_not_there(world: World) -> None:
    """By number, and what is no number."""
    for version in (2, 99):
        assert refusal(world, "quiz.get", quiz_id=QUIZ, version=version) == "quiz_not_found"
    for nonsense in (0, -1, "1", True, 1.0, [1]):
        assert refusal(world, "quiz.get", quiz_id=QUIZ, version=nonsense) == "bad_request"
        wrong = {"document": CHANGED, "expected_version": nonsense}
        assert refusal(world, "quiz.update", quiz_id=QUIZ, **wrong) == "bad_request"
    assert refusal(world, "quiz.update", quiz_id="none", document=CHANGED) == "quiz_not_found"


def test_an_edit_of_what_is_not_the_newest_any_more(world: World) -> None:
    """Refused where a version was expected; nothing is stored."""
    ask(world, "quiz.update", quiz_id=QUIZ, document=CHANGED, expected_version=1)
    wrong = {"document": DOCUMENT, "expected_version": 1}
    assert refusal(world, "quiz.update", quiz_id=QUIZ, **wrong) == "conflict"
    assert len(ask(world, "quiz.get", quiz_id=QUIZ)["versions"]) == 2


def test_an_invalid_edit(world: World) -> None:
    """Every problem is told and nothing stored."""
    broken = {"title": "", "questions": [{"text": "?", "options": ["a"]}]}
    with pytest.raises(InvalidQuiz) as caught:
        ask(world, "quiz.update", quiz_id=QUIZ, document=broken)
    assert len(caught.value.problems) > 1
    assert ask(world, "quiz.get", quiz_id=QUIZ)["version"] == 1


def test_a_quiz_is_its_makers_to_edit(world: World) -> None:
    """Not another host's, nor, of the admins' quizzes, any host's."""
    mine = ask(world, "quiz.create", ADA, document=DOCUMENT)["quiz_id"]
    assert refusal(world, "quiz.update", BOB, quiz_id=mine, document=CHANGED) == "forbidden"
    assert refusal(world, "quiz.update", ADA, quiz_id=QUIZ, document=CHANGED) == "forbidden"
    assert ask(world, "quiz.update", ADA, quiz_id=mine, document=CHANGED)["version"] == 2
    assert ask(world, "quiz.update", quiz_id=mine, document=DOCUMENT)["version"] == 3
    assert ask(world, "quiz.get", ADA, quiz_id=mine)["owner"] == "ada-1"


# --- names and comments ----------------------------------------------------------------------


def test_a_name_is_an_owners_own(world: World) -> None:
    """The second quiz of a name is refused; another owner may have it, too."""
    named = {"document": DOCUMENT, "name": "geo/capitals.yaml"}
    made = ask(world, "quiz.create", ADA, **named)
    assert made["name"] == "geo/capitals.yaml"
    assert refusal(world, "quiz.create", ADA, **named) == "conflict"
    ask(world, "quiz.create", BOB, **named)
    ask(world, "quiz.create", **named)
    [mine] = [each for each in ask(world, "quiz.list", ADA)["quizzes"] if each["owner"] == "ada-1"]
    assert (mine["quiz_id"], mine["name"]) == (made["quiz_id"], "geo/capitals.yaml")
    ask(world, "quiz.delete", ADA, quiz_id=made["quiz_id"])
    ask(world, "quiz.create", ADA, **named)


@pytest.mark.parametrize("name", ["", " x", "x\n", "a\x00b", "x" * 201, 7, ["x"], "\ud800"])
def test_what_is_no_name(world: World, name: object) -> None:
    """Empty, long, with characters that cannot be seen."""
    assert refusal(world, "quiz.create", document=DOCUMENT, name=name) == "bad_request"


def test_comments_are_kept_with_their_version(world: World) -> None:
    """Given back to whoever asks for them, of any version."""
    made = ask(world, "quiz.create", document=DOCUMENT, source=source("# one"))
    quiz = {"quiz_id": made["quiz_id"]}
    ask(world, "quiz.update", **quiz, document=CHANGED, source=source("# two", "markdown"))
    ask(world, "quiz.update", **quiz, document=DOCUMENT)
    shown = [ask(world, "quiz.get", **quiz, version=n, source=True)["source"] for n in (1, 2, 3)]
    assert shown == [source("# one"), source("# two", "markdown"), None]
    assert "source" not in ask(world, "quiz.get", **quiz)


def test_comments_alone_make_no_version(world: World) -> None:
    """They are exchanged; an edit that brings none leaves them."""
    quiz = {"quiz_id": QUIZ}
    for given, kept in ((source("# a"), "# a"), (source("# b"), "# b"), (None, "# b")):
        made = ask(world, "quiz.update", **quiz, document=DOCUMENT, source=given)
        assert (made["version"], made["changed"]) == (1, False)
        assert ask(world, "quiz.get", **quiz, source=True)["source"] == source(kept)
        [line] = ask(world, "quiz.list")["quizzes"]
        assert line["source_digest"] == source_digest(source(kept))


@pytest.mark.parametrize(
    "wrong",
    [
        "text",
        {},
        {"format": "yaml"},
        {"format": "yaml", "packed": 7},
        {"format": "yaml", "packed": "not packed"},
        {"format": "xlsx", "packed": pack("x")},
        {"format": ["yaml"], "packed": pack("x")},
    ],
)
def test_what_is_no_source(world: World, wrong: object) -> None:
    """Another format, another packing, or none."""
    assert refusal(world, "quiz.create", document=DOCUMENT, source=wrong) == "bad_request"


# --- sessions --------------------------------------------------------------------------------


def test_a_session_keeps_its_version(world: World) -> None:
    """Edited twice in the game: questions, verdicts, seal and audit are those of its start."""
    session = world.create(auto=True)
    ada = world.join(session, "Ada")
    ask(world, "quiz.update", quiz_id=QUIZ, document=CHANGED)
    later = world.create(auto=True)
    assert (session.quiz_version, later.quiz_version) == (1, 2)
    assert (session.question_count, later.question_count) == (3, 4)
    world.run()
    asked = [event["question"]["text"] for event in ada.events("new_question")]
    assert asked == [question["text"] for question in DOCUMENT["questions"]]
    for event in ada.events("question_closed"):
        assert event["correct"] == RIGHT[event["question_id"]]
    for each, count in ((session, 3), (later, 4)):
        audit = ask(world, "session.audit", session_id=each.session_id)
        assert (audit["agrees"], audit["key_unchanged"]) == (True, True)
        results = ask(world, "session.results", session_id=each.session_id)
        assert len(results["questions"]) == count


def test_a_planned_session_keeps_its_quiz(world: World) -> None:
    """It waits in its lobby, so the quiz is not deleted under it."""
    plan = {"quiz_id": QUIZ, "expression": "at(2030-01-01T12:00:00)", "name": "later"}
    made = ask(world, "schedule.create", **plan)
    assert refusal(world, "quiz.delete", quiz_id=QUIZ) == "quiz_in_use"
    ask(world, "session.command", session_id=made["session_id"], command="end")
    assert ask(world, "quiz.delete", quiz_id=QUIZ) == {"quiz_id": QUIZ}


def test_a_refused_deletion_changes_nothing(world: World) -> None:
    """The quiz is played and edited on at once."""
    session = world.create()
    assert refusal(world, "quiz.delete", quiz_id=QUIZ) == "quiz_in_use"
    assert world.create().quiz_id == QUIZ
    assert ask(world, "quiz.update", quiz_id=QUIZ, document=CHANGED)["version"] == 2
    assert world.load(session).state is State.LOBBY


def test_a_mark_goes_by_itself(world: World) -> None:
    """Whoever set it may have died: until then nobody starts or edits, then everybody may."""
    assert world.questions.mark(QUIZ, world.clock() + DELETING_MS, None)
    assert refusal(world, "session.start", quiz_id=QUIZ) == "quiz_not_found"
    assert refusal(world, "quiz.update", quiz_id=QUIZ, document=CHANGED) == "conflict"
    assert ask(world, "session.list", live=True)["sessions"] == []
    world.clock.advance(DELETING_MS)
    assert ask(world, "session.start", quiz_id=QUIZ)["state"] == "lobby"
    assert ask(world, "quiz.update", quiz_id=QUIZ, document=CHANGED)["version"] == 2


def test_a_deletion_that_died_is_done_again(world: World) -> None:
    """Its mark is in nobody's way who deletes."""
    assert world.questions.mark(QUIZ, world.clock() + DELETING_MS, None)
    assert ask(world, "quiz.delete", quiz_id=QUIZ) == {"quiz_id": QUIZ}
    assert refusal(world, "quiz.delete", quiz_id=QUIZ) == "quiz_not_found"


class Between:
    """A port, before whose n-th call of all that are counted something else happens."""

    def __init__(self, port: Any, count: list[int], act: Callable[[], None]) -> None:
        self._port, self._count, self._act = port, count, act

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._port, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self._count[0] -= 1
            if self._count[0] == 0:
                self._act()
            return real(*args, **kwargs)

        return call


def start(world: World) -> Session | None:
    """A session of the quiz, unless that is refused."""
    try:
        return world.control.create({"quiz_id": QUIZ})
    except Rejected:
        return None


def delete(world: World) -> bool:
    """Whether the quiz is deleted."""
    head = world.questions.head(QUIZ)
    try:
        return head is not None and bool(world.hosting.authoring.delete(head))
    except Rejected:
        return False


def disturbed(n: int, *, starting: bool) -> bool:
    """Start a session with a deletion before its n-th call, or the other way round.

    Gives whether there was an n-th call; whatever came of it, no session is without questions.
    """
    world, count = World(), [n]
    came: dict[str, Any] = {}
    if starting:
        came["deleted"] = False

        def act() -> None:
            came["deleted"] = delete(world)

        ports = {name: getattr(world.control, name) for name in ("sessions", "questions")}
    else:

        def act() -> None:
            came["session"] = start(world)

        ports = {name: getattr(world.hosting, name) for name in ("sessions", "questions")}
    hooked: Mapping[str, Any] = {name: Between(port, count, act) for name, port in ports.items()}
    if starting:
        world.control = replace(world.control, **hooked)
        came["session"] = start(world)
    else:
        world.hosting = replace(world.hosting, **hooked)
        came["deleted"] = delete(world)
    there = world.questions.document(QUIZ) is not None
    assert there is not came["deleted"]
    session = came.get("session")
    live = list(world.sessions.listing(live=True, cursor=None)[0])
    if session is not None:
        assert there, f"the quiz of a session was deleted ({n}, {starting})"
        world.apply(session, Command.START)
        assert world.load(session).state is State.OPEN
    else:
        assert [each for each in live if each["state"] != State.FINISHED] == []
    return count[0] <= 0


@pytest.mark.parametrize("starting", [True, False])
def test_no_session_loses_its_questions(starting: bool) -> None:
    """A deletion at every step of a start, and a start at every step of a deletion."""
    steps = 1
    while disturbed(steps, starting=starting):
        steps += 1
    assert steps > 3
