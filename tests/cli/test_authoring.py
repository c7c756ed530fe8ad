"""A quiz typed at the terminal; the terminal itself is in `commands/test_quiz.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from quizkit.cli.authoring import Author, free_path
from quizkit.sdk.errors import InvalidInput, Misuse
from quizkit.sdk.formats import load


class Typist:
    """Types prepared lines; notes what was asked and told.

    Args:
        lines: what to type; an exception instead of a line is raised.
    """

    def __init__(self, *lines: str | BaseException) -> None:
        self._lines: Iterator[str | BaseException] = iter(lines)
        self.asked: list[str] = []
        self.told: list[str] = []

    def ask(self, what: str) -> str:
        """The next line."""
        self.asked.append(what)
        line = next(self._lines, EOFError())
        if isinstance(line, BaseException):
            raise line
        return line

    def author(self, folder: Path) -> Author:
        """An author whose questions are answered so."""
        return Author(self.ask, self.told.append, lambda title: free_path(title, folder))


def test_a_whole_quiz(tmp_path: Path) -> None:
    """Titles, options, right ones, seconds; the file is a quiz."""
    typist = Typist(
        *("Rivers", "Through Vienna?", "Danube", "Rhine", "", "a", ""),
        *("Into the sea?", "Po", "Inn", "Don", "", "A, c", "45"),
        "",
    )
    path = typist.author(tmp_path).write_quiz()
    assert path == tmp_path / "rivers.yaml"
    quiz = load(path).quiz
    assert [
        (question.text, question.correct, question.time_limit) for question in quiz.questions
    ] == [
        ("Through Vienna?", ("a",), 20),
        ("Into the sea?", ("a", "c"), 45),
    ]
    assert typist.told == ["An empty line ends a list: options, and in the end the questions."]
    assert list(tmp_path.iterdir()) == [path]


def test_mistakes_are_asked_about_again(tmp_path: Path) -> None:
    """Empty texts, letters that name nothing, times that are none, the same option twice."""
    typist = Typist(
        *("", "x" * 201, "T", "", "Q?", "x", "", "x", "\x1b[A y\x07", ""),
        *("z", "", "b", "soon", "0", "9999", "7"),
    )
    quiz = load(typist.author(tmp_path).write_quiz()).quiz
    assert [option.text for option in quiz.questions[0].options] == ["x", "y"]
    assert (quiz.questions[0].correct, quiz.questions[0].time_limit) == (("b",), 7)
    assert len(typist.told) == 11


@pytest.mark.parametrize("end", [KeyboardInterrupt(), RuntimeError("x")])
@pytest.mark.parametrize("typed", [7, 8, 10, 11])
def test_nothing_typed_is_lost(tmp_path: Path, end: BaseException, typed: int) -> None:
    """Whenever it ends, whole questions are a quiz and the last one is a comment."""
    lines = ["T", "Q1?", "x", "y", "", "a", "", "Q2?", "first", "second", ""]
    author = Typist(*lines[:typed], end).author(tmp_path)
    with pytest.raises(type(end)):
        author.write_quiz()
    assert author.path is not None
    text = author.path.read_text("utf-8")
    assert len(load(author.path).quiz.questions) == 1
    for line in filter(None, lines[7:typed]):
        assert f"#   {line}" in text or f"#   - {line}" in text


def test_the_end_of_input_ends_the_quiz(tmp_path: Path) -> None:
    """Ctrl-D after a question is as good as an empty line."""
    path = Typist("T", "Q?", "x", "y", "", "b", "").author(tmp_path).write_quiz()
    assert load(path).quiz.questions[0].correct == ("b",)


@pytest.mark.parametrize("lines", [(), ("T",), ("T", "Q?", "x")])
def test_no_question_is_no_quiz(tmp_path: Path, lines: tuple[str, ...]) -> None:
    """What ended before there was a question cannot be stored."""
    with pytest.raises(InvalidInput, match="no question yet"):
        Typist(*lines).author(tmp_path).write_quiz()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """It is told before anything else is asked."""
    typist = Typist("T", "Q?")
    with pytest.raises(Misuse, match="cannot be written"):
        typist.author(tmp_path / "missing").write_quiz()
    assert typist.asked == ["title of the quiz"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("World Capitals, part 2!", "world-capitals-part-2.yaml"),
        ("Flüsse", "flüsse.yaml"),
        ("../../etc/passwd", "etc-passwd.yaml"),
        ("???", "quiz.yaml"),
        ("x" * 200, "x" * 60 + ".yaml"),
    ],
)
def test_files_are_named_for_their_title(tmp_path: Path, title: str, name: str) -> None:
    """And none is ever written over."""
    path = free_path(title, tmp_path)
    assert path == tmp_path / name
    path.touch()
    assert free_path(title, tmp_path).name == name.replace(".yaml", "-2.yaml")
