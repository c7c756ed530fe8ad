"""What is allowed and mostly a mistake."""

from __future__ import annotations

from typing import Any

from quizkit.sdk.formats import load
from quizkit.sdk.formats.advice import PHONE_OPTION, advice


def said(*questions: dict[str, Any]) -> list[str]:
    """The warnings about these questions, each with the path it points at."""
    paths: list[str] = []

    def locate(path: tuple[str | int, ...]) -> tuple[int, int]:
        paths.append("/".join(map(str, path[1:])))
        return len(paths), 1

    found = advice({"title": "T", "questions": list(questions)}, locate)
    return [f"{paths[(each.line or 0) - 1]}: {each.message}" for each in found]


def choice(right: int, count: int = 4, text: str | None = None, prefix: str = "") -> dict[str, Any]:
    """A question with the right option at a place."""
    options: list[Any] = [f"{prefix}{n}" for n in range(count)]
    options[right] = {"text": options[right], "correct": True}
    return {"text": text or f"Q{id(options)}?", "options": options}


def test_the_same_question_twice() -> None:
    """Case and spaces do not make another question; other options do."""
    assert said(
        choice(0, text="Which  is it?"),
        choice(1, text="which is IT?"),
        choice(1, text="Which is it?", prefix="other"),
    ) == ["1/text: the same question as number 1"]


def test_options_that_a_phone_cuts_off() -> None:
    """Longer than two lines of a button."""
    question = choice(0)
    question["options"] += ["x" * PHONE_OPTION, "x" * (PHONE_OPTION + 1)]
    assert said(question) == ["0/options/5: this option has 76 characters; a phone shows 75"]


def test_the_right_option_at_the_same_place() -> None:
    """Five times running is told once; true or false and several right ones do not count."""
    true_false = {"text": "True?", "kind": "boolean", "correct": True}
    several = {**choice(1), "options": [{"text": each, "correct": True} for each in "abc"]}
    assert (
        said(*[choice(2)] * 0, choice(2), choice(2), true_false, choice(2), several, choice(2))
        == []
    )
    run = [choice(2) for _ in range(7)]
    assert said(*run) == ["4/options: option 'c' is right for the 5th time running"]
    assert said(*run[:4], choice(1), *run[4:]) == []
    of_two = [choice(0, count=2) for _ in range(5)]
    assert said(*of_two) == ["4/options: option 'a' is right for the 5th time running"]


def test_other_kinds() -> None:
    """Questions without options have nothing to warn of."""
    assert (
        said({"kind": "text", "text": "T", "accept": ["x" * 99]}, {"kind": "slide", "text": "S"})
        == []
    )


def test_media_without_a_text() -> None:
    """Players who cannot see a picture need words for it."""
    told, silent = choice(0) | {"alt": "An x"}, choice(0, text="Q?")
    assert said(told | {"media": "x.png"}, silent | {"media": "x.png"}) == [
        "1/media: the media has no 'alt': a text for those who cannot see it"
    ]


def test_a_slide_may_come_again() -> None:
    """A break is no question."""
    slide = {"kind": "slide", "text": "Break"}
    assert said(slide, slide) == []


def test_places_in_a_file() -> None:
    """Warnings come in the order of the file, with its lines."""
    text = f"title: T\nquestions:\n- text: q\n  options: [x, {'y' * 80}]\n  correct: a\n"
    loaded = load((text + "- {text: Q, options: [x, " + "y" * 80 + "], correct: b}").encode())
    assert [(each.line, each.column) for each in advice(loaded.document, loaded.locate)] == [
        (4, 16),
        (6, 10),
        (6, 26),
    ]
