"""quizkit.cli.dialogue: one question of each kind, and what is asked again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quizkit.cli.dialogue import Dialogue
from quizkit.core.quiz import parse
from tests import media_samples as samples


class Typist:
    """Types prepared lines; notes what was asked, told and kept."""

    def __init__(self, *lines: str) -> None:
        self._lines: Iterator[str] = iter(lines)
        self.asked: list[str] = []
        self.told: list[str] = []
        self.kept: list[str] = []

    def ask(self, what: str) -> str:
        """The next line."""
        self.asked.append(what.strip())
        return next(self._lines)

    def question(self, folder: Path, number: int = 1) -> dict[str, Any] | None:
        """The question that comes of it; every line was needed."""
        made = Dialogue(self.ask, self.told.append, self.kept.append, folder).question(number)
        assert list(self._lines) == []
        return made


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("", "x", "y", "", "b", "", ""), {"options": ["x", {"text": "y", "correct": True}]}),
        (
            ("several", "x", "y", "z", "", "a c", "", "", "30"),
            {
                "options": [{"text": "x", "correct": True}, "y", {"text": "z", "correct": True}],
                "time_limit": 30,
            },
        ),
        (
            ("mult", "x", "y", "", "ab", "y", "", ""),
            {
                "options": [{"text": "x", "correct": True}, {"text": "y", "correct": True}],
                "grading": "balanced",
            },
        ),
        (("true/false", "t", "", ""), {"kind": "boolean", "correct": True}),
        (("tr", "no", "", ""), {"kind": "boolean", "correct": False}),
        (("ty", "Vienna", "Wien", "", "", ""), {"kind": "text", "accept": ["Vienna", "Wien"]}),
        (("number", "1822", "", "", ""), {"kind": "number", "correct": 1822}),
        (("n", "-2.5", ".5", "", ""), {"kind": "number", "correct": -2.5, "tolerance": 0.5}),
        (
            ("order", "1st", "2nd", "3rd", "", "", ""),
            {"kind": "order", "options": ["1st", "2nd", "3rd"]},
        ),
        (("poll", "x", "y", "", "", ""), {"kind": "poll", "options": ["x", "y"]}),
        (("slide", "", "15"), {"kind": "slide", "time_limit": 15}),
    ],
)
def test_every_kind(tmp_path: Path, lines: tuple[str, ...], expected: dict[str, Any]) -> None:
    """In few words; what comes out is what the platform takes."""
    typist = Typist("Q?", *lines)
    made = typist.question(tmp_path)
    assert made == {"text": "Q?", **expected}
    parse({"title": "T", "questions": [made]})
    assert typist.kept[0] == "Q?"


def test_an_empty_line_ends_the_questions(tmp_path: Path) -> None:
    """From the second one on."""
    assert Typist("").question(tmp_path, 2) is None
    typist = Typist("", "Q?", "slide", "", "")
    assert typist.question(tmp_path, 1) == {"text": "Q?", "kind": "slide"}
    assert len(typist.told) == 1


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("t", "essay", "slide", "", ""), {"kind": "slide"}),
        (("true", "", "perhaps", "f", "", ""), {"kind": "boolean", "correct": False}),
        (
            ("number", "", "much", "1,5", "1e9", "1", "far", "0", "", ""),
            {"kind": "number", "correct": 1},
        ),
        (("number", "9" * 16, "7", "", "", ""), {"kind": "number", "correct": 7}),
        (("typed", "", "x", "x", "", "", ""), {"kind": "text", "accept": ["x"]}),
        (("order", "x", "", "x", "y", "", "", ""), {"kind": "order", "options": ["x", "y"]}),
        (
            ("", "x", "y", "", "z", "", "b", "", "0", "1.5", "9"),
            {"options": ["x", {"text": "y", "correct": True}], "time_limit": 9},
        ),
        (("poll", "x", "y", "", "", "4000", ""), {"kind": "poll", "options": ["x", "y"]}),
    ],
)
def test_what_cannot_be_is_asked_again(
    tmp_path: Path, lines: tuple[str, ...], expected: dict[str, Any]
) -> None:
    """With what to type instead."""
    typist = Typist("Q?", *lines)
    assert typist.question(tmp_path) == {"text": "Q?", **expected}
    assert typist.told


def test_what_only_the_rules_refuse_is_asked_again(tmp_path: Path) -> None:
    """Told as a quiz file would be; the question's text need not be typed once more."""
    typist = Typist("Q?", "number", "1", "-1", "", "", "number", "1", "2", "", "")
    made = typist.question(tmp_path)
    assert made == {"text": "Q?", "kind": "number", "correct": 1, "tolerance": 2}
    assert "Once more" in typist.told[-1]
    assert typist.asked.count("question 1") == 1


def test_media_are_looked_at_and_described(tmp_path: Path) -> None:
    """Beside the file or a public URL; anything else is told and asked again."""
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "p.png").write_bytes(samples.png())
    (tmp_path / "fake.png").write_bytes(samples.SVG)
    typist = Typist(
        *("Q?", "slide", "none.png", "../p.png", "/etc/passwd", "fake.png", "notes.txt"),
        *("https://10.0.0.1/x.png", "pictures/p.png", "A grey dot", ""),
    )
    made = typist.question(tmp_path)
    assert made == {
        "text": "Q?",
        "kind": "slide",
        "media": "pictures/p.png",
        "alt": "A grey dot",
    }
    words = " ".join(typist.told)
    for reason in ("no media file", "outside", "markup", "must be one of", "not public"):
        assert reason in words
    assert typist.kept == ["Q?", "kind: slide", "media: pictures/p.png"]


def test_alt_is_asked_for_twice_and_may_be_left_out(tmp_path: Path) -> None:
    """Who leaves it out has heard what that means."""
    typist = Typist("Q?", "slide", "https://example.org/x.png", "", "", "")
    assert typist.question(tmp_path) == {
        "text": "Q?",
        "kind": "slide",
        "media": "https://example.org/x.png",
    }
    assert "miss something" in typist.told[0]
