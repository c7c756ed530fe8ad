"""The key in play is the one that was committed to, or the audit says that it is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from quizkit.core.commitment import Key, commitment
from quizkit.core.owners import ADMIN
from quizkit.core.session import Command, Session
from quizkit.lambdas.services.sealing import seal_of
from tests.fakes.game import DOCUMENT, QUIZ, World

CHANGED = DOCUMENT | {
    "questions": [{**DOCUMENT["questions"][0], "correct": "c"}, *DOCUMENT["questions"][1:]]
}
CHANGED["questions"][0]["options"] = ["Sydney", "Canberra", "Perth"]


def audit(world: World, session: Session) -> dict[str, Any]:
    """What `session.audit` answers."""
    return world.hosting.run("session.audit", {"session_id": session.session_id}, ADMIN)


def test_published_first_and_shown_last() -> None:
    """Players get the digest with the first question, the salt at the end, and can check."""
    world = World()
    session = world.create(auto=True)
    ada = world.join(session, "Ada")
    assert ada.snapshot["commitment"] == session.commitment
    assert ada.snapshot["salt"] is None
    world.run()
    questions = ada.events("new_question")
    assert [event.get("commitment") for event in questions] == [session.commitment, None, None]
    closed = ada.events("question_closed")
    key = [Key(event["question_id"], tuple(event["correct"])) for event in closed]
    salt = ada.events("quiz_finished")[0]["salt"]
    assert commitment(salt, key) == session.commitment
    assert world.resume(ada).snapshot["salt"] == salt
    seal = audit(world, session)
    assert (seal["agrees"], seal["key_unchanged"], seal["salt"]) == (True, True, salt)


def test_the_salt_stays_hidden_until_the_end() -> None:
    """Nothing that a player receives before the end holds it."""
    world = World()
    session = world.create(auto=True)
    ada = world.join(session, "Ada")
    salt = world.questions.salt(session.session_id)
    world.run()
    assert salt
    early = [frame for frame in ada.frames if frame["action"] != "quiz_finished"]
    assert len(early) > 6
    assert salt not in repr([ada.snapshot, early])


def test_a_key_changed_in_play_is_found() -> None:
    """Another right answer after the start, in storage itself: the audit does not agree."""
    world = World()
    session = world.create(auto=True)
    world.join(session, "Ada")
    world.questions.create(QUIZ, world.clock(), CHANGED)
    world.run()
    seal = audit(world, session)
    assert (seal["agrees"], seal["key_unchanged"]) == (False, False)


def test_a_key_changed_and_changed_back_is_found() -> None:
    """What a question was judged by counts, not only what storage holds at the end."""
    world = World()
    session = world.create(auto=True)
    world.join(session, "Ada")
    world.questions.create(QUIZ, world.clock(), CHANGED)
    world.run()
    world.questions.create(QUIZ, world.clock(), DOCUMENT)
    assert seal_of(world.load(session), world.sessions, world.questions)["key_unchanged"] is False


def test_a_deleted_quiz() -> None:
    """Once all was asked the record of the session is enough; before that nobody can tell."""
    world = World()
    whole = world.create(auto=True)
    world.run()
    stopped = world.create()
    world.apply(stopped, Command.END)
    world.questions.delete(QUIZ)
    assert audit(world, whole)["key_unchanged"] is True
    assert audit(world, stopped)["key_unchanged"] is None


def test_sessions_from_before_commitments() -> None:
    """They are not accused of anything."""
    world = World()
    older = replace(world.create(auto=True), commitment="")
    seal = seal_of(older, world.sessions, world.questions)
    assert seal == {"commitment": "", "salt": None, "key_unchanged": None}
