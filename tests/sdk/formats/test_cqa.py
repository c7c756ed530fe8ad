"""ClassQuiz's archives."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from quizkit.sdk.errors import InvalidInput
from quizkit.sdk.formats import load
from quizkit.sdk.formats.draft import Draft
from quizkit.sdk.formats.load import read
from quizkit.sdk.formats.source import MAX_BYTES, MAX_CONTAINER, Source

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01 picture"
JPG = b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x02\x00\x03 \xc6\xc6\xc6\x00 inside"


def archive(*questions: Any, pictures: dict[int, bytes] | None = None, **quiz: Any) -> bytes:
    """An archive as ClassQuiz writes it."""
    data = {
        "public": True,
        "title": "Tiere &amp; Pflanzen",
        "description": "",
        "created_at": "2024-05-01T10:00:00",
        "cover_image": None,
        "background_color": None,
        "questions": list(questions),
        **quiz,
    }
    parts = [
        b"\xc6\xc6\xc6\x00" + str(index).encode() + b"\xc5\xc5\x00" + content
        for index, content in (pictures or {}).items()
    ]
    return gzip.compress(json.dumps(data).encode()) + b"\xc7\xc7\xc7\x00" + b"".join(parts)


def question(kind: str | None, answers: Any, **more: Any) -> dict[str, Any]:
    """A question as ClassQuiz stores it; times are text."""
    return {"question": "Q?", "time": "30", "type": kind, "answers": answers, "image": None, **more}


def abcd(**more: Any) -> dict[str, Any]:
    """A plain question."""
    answers = [{"answer": "x", "right": False, "color": None}, {"answer": "y", "right": True}]
    return question("ABCD", answers, **more)


def draft(content: bytes) -> Draft:
    """What an archive gives."""
    return read(Source(content, "quiz.cqa"))


def test_questions_with_their_pictures() -> None:
    """Pictures come along, under names of ours; marks inside of a picture do no harm."""
    made = draft(
        archive(
            abcd(question="Was <b>frisst</b> ein Igel?", image=0),
            abcd(),
            abcd(image="2"),
            pictures={0: PNG, 2: JPG, -1: PNG},
            cover_image="-1",
            background_color="#fff",
            description="Für <i>alle</i>",
        )
    )
    assert made.document["title"] == "Tiere & Pflanzen"
    assert made.document["description"] == "Für alle"
    first, _, third = made.document["questions"]
    assert first == {
        "text": "Was frisst ein Igel?",
        "options": ["x", {"text": "y", "correct": True}],
        "time_limit": 30,
        "media": "q1.png",
    }
    assert third["media"] == "q3.jpg"
    assert made.media == {"q1.png": PNG, "q3.jpg": JPG}
    said = {note.message for note in made.notes.warnings}
    assert {"colours are left out", "the cover picture is left out"} < said


def test_every_type() -> None:
    """What ClassQuiz asks in its own types becomes a kind of ours."""
    made = draft(
        archive(
            question("CHECK", [{"answer": each, "right": each != "b"} for each in "abc"]),
            question("VOTING", [{"answer": "x", "image": "1"}, {"answer": "y"}]),
            question("ORDER", [{"answer": "first"}, {"answer": "second"}]),
            question("TEXT", [{"answer": "Igel", "case_sensitive": True}]),
            question("RANGE", {"min": 0, "max": 100, "min_correct": 40, "max_correct": 45}),
            question("RANGE", {"min": 0, "max": 9, "min_correct": 5, "max_correct": 5}),
            question("SLIDE", "[]"),
        )
    )
    kinds = [
        (each.get("kind"), each.get("options") or each.get("accept") or each.get("correct"))
        for each in made.document["questions"]
    ]
    assert kinds == [
        (None, [{"text": "a", "correct": True}, "b", {"text": "c", "correct": True}]),
        ("poll", ["x", "y"]),
        ("order", ["first", "second"]),
        ("text", ["Igel"]),
        ("number", 42.5),
        ("number", 5),
        ("slide", None),
    ]
    assert made.document["questions"][4]["tolerance"] == 2.5
    assert [note.message for note in made.notes.warnings] == [
        "a picture of an answer is left out",
        "capital letters do not count here",
        "the ends of a scale are left out (2 times)",
        "what is drawn on a slide is left out",
    ]


def test_empty_answers_and_missing_pictures() -> None:
    """Unused fields of the four vanish; a picture that is none is told."""
    answers = [{"answer": each, "right": each == "x"} for each in ("x", "y", "", "")]
    made = draft(archive(question(None, answers, image=0), abcd(image=7), pictures={0: b"<svg/>"}))
    assert [len(each["options"]) for each in made.document["questions"]] == [2, 2]
    assert made.media == {}
    assert [note.message for note in made.notes.warnings] == [
        "a picture is left out: it is not in the archive, or is none (2 times)"
    ]


def test_pictures_that_nothing_names_are_told() -> None:
    """That of the cover, too, unless it is told already."""
    said = "a picture that no question names is left out"
    made = draft(archive(abcd(image=0), abcd(), pictures={0: PNG, 1: PNG, -1: PNG}))
    assert list(made.media) == ["q1.png"]
    assert [note.message for note in made.notes.warnings] == [f"{said} (2 times)"]
    made = draft(archive(abcd(), cover_image=-1, pictures={-1: PNG}))
    assert [note.message for note in made.notes.warnings] == ["the cover picture is left out"]


def test_an_archive_is_a_quiz() -> None:
    """An archive without pictures, or without the mark after the quiz, loads."""
    assert load(archive(abcd()), "a.cqa").quiz.questions[0].time_limit == 30
    assert load(archive(abcd()).removesuffix(b"\xc7\xc7\xc7\x00"), "a.cqa").quiz.title


GZIP = gzip.compress(b'{"title": "T"}')


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x1f\x8b", "cut short"),
        (b"\x1f\x8bxxxxxxxxxxxxxxxx", "damaged"),
        (GZIP[:-9], "cut short"),
        (GZIP, "no quiz of ClassQuiz"),
        (GZIP + b"more", "no archive of ClassQuiz"),
        (gzip.compress(b"[1"), "not valid JSON"),
        (gzip.compress(b"\xff\xfe"), "not UTF-8"),
        (gzip.compress(b'{"title": "\x07"}'), "control characters"),
        (gzip.compress(b" " * (MAX_BYTES + 1)), f"more than {MAX_BYTES} bytes"),
        (GZIP + b"\0" * MAX_CONTAINER, f"more than {MAX_CONTAINER} bytes"),
        (archive(3), "a question is an object"),
        (archive(question("ABCD", "x")), "answers of a ABCD question have another shape"),
        (archive(question("RANGE", {"min_correct": "x"})), "have another shape"),
        (archive(question("NEW", [])), "type 'NEW' is left out"),
    ],
    # Not the bytes themselves: a compressed text holds the time at which it was made.
    ids=lambda value: value if isinstance(value, str) else "content",
)
def test_what_is_refused(content: bytes, reason: str) -> None:
    """Damage, bombs, other gzip files, and shapes that ClassQuiz does not write."""
    with pytest.raises(InvalidInput) as caught:
        load(content, "quiz.cqa")
    assert any(reason in problem.message for problem in caught.value.problems)
