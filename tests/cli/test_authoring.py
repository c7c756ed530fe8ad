"""A quiz typed at the terminal; the terminal itself is in `commands/test_quiz.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from quizkit.cli.authoring import Author, free_path, resumable
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
        return Author(self.ask, self.told.append, folder)


def test_a_whole_quiz(tmp_path: Path) -> None:
    """Titles, options, right ones, seconds; the file is a quiz."""
    typist = Typist(
        *("Rivers", "Through Vienna?", "", "Danube", "Rhine", "", "a", "", ""),
        *("Into the sea?", "ch", "Po", "Inn", "Don", "", "A, c", "", "", "45"),
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
        *("", "x" * 201, "T", "", "Q?", "", "x", "", "x", "\x1b[A y\x07", ""),
        *("z", "", "b", "", "soon", "0", "9999", "7"),
    )
    quiz = load(typist.author(tmp_path).write_quiz()).quiz
    assert [option.text for option in quiz.questions[0].options] == ["x", "y"]
    assert (quiz.questions[0].correct, quiz.questions[0].time_limit) == (("b",), 7)
    assert len(typist.told) == 11


@pytest.mark.parametrize("end", [KeyboardInterrupt(), RuntimeError("x")])
@pytest.mark.parametrize("typed", [9, 10, 13, 14])
def test_nothing_typed_is_lost(tmp_path: Path, end: BaseException, typed: int) -> None:
    """Whenever it ends, whole questions are a quiz and the last one is a comment."""
    lines = ["T", "Q1?", "", "x", "y", "", "a", "", "", "Q2?", "", "first", "second", ""]
    author = Typist(*lines[:typed], end).author(tmp_path)
    with pytest.raises(type(end)):
        author.write_quiz()
    assert author.path is not None
    text = author.path.read_text("utf-8")
    assert len(load(author.path).quiz.questions) == 1
    for line in filter(None, lines[9:typed]):
        assert f"#   {line}" in text or f"#   - {line}" in text


def test_the_end_of_input_ends_the_quiz(tmp_path: Path) -> None:
    """Ctrl-D after a question is as good as an empty line."""
    path = Typist("T", "Q?", "", "x", "y", "", "b", "", "").author(tmp_path).write_quiz()
    assert load(path).quiz.questions[0].correct == ("b",)


def test_the_end_of_input_within_a_question(tmp_path: Path) -> None:
    """Nothing is stored behind the back of who was cut off; what was typed is in the file."""
    typist = Typist("T", "Q?", "", "x", "y", "", "b", "", "", "Q2?", "number", "7")
    with pytest.raises(InvalidInput, match="not finished") as caught:
        typist.author(tmp_path).write_quiz()
    assert "quiz create t.yaml" in (caught.value.hint or "")
    text = (tmp_path / "t.yaml").read_text("utf-8")
    assert text.endswith("# Not finished:\n#   Q2?\n#   kind: number\n#   correct: 7\n")
    assert len(load(tmp_path / "t.yaml").quiz.questions) == 1


@pytest.mark.parametrize("lines", [(), ("T",), ("T", "Q?", "", "x")])
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


FIRST = ("T", "Q1?", "", "x", "y", "", "a", "", "")


@pytest.mark.parametrize("yes", ["", "y"])
def test_the_same_title_goes_on(tmp_path: Path, yes: str) -> None:
    """With the file as it was left; what was not finished is shown and typed again."""
    with pytest.raises(KeyboardInterrupt):
        Typist(*FIRST, "Q2?", "so", KeyboardInterrupt()).author(tmp_path).write_quiz()
    again = Typist("T", yes, "Q2?", "true", "t", "", "", "")
    path = again.author(tmp_path).write_quiz()
    assert path == tmp_path / "t.yaml"
    assert again.asked[1].startswith("t.yaml is there with 1 question: go on with it")
    assert "  not finished: Q2?" in again.told
    assert [question.kind for question in load(path).quiz.questions] == ["choice", "boolean"]
    assert "Not finished" not in path.read_text("utf-8")


def test_a_file_that_is_somebodys_own_stays(tmp_path: Path) -> None:
    """A comment by hand, another quiz, no quiz at all, or a no: a new file, and that is said."""
    path = tmp_path / "t.yaml"
    Typist(*FIRST).author(tmp_path).write_quiz()
    typed = path.read_text("utf-8")
    assert resumable(path) is not None
    for content in (typed + "# mine\n", "title: t\n", "[", typed.replace("title: T", "title: t")):
        path.write_text(content, "utf-8")
        typist = Typist("T", *FIRST[1:])
        made = typist.author(tmp_path).write_quiz()
        assert made == tmp_path / "t-2.yaml"
        assert "t.yaml stays as it is; this quiz goes into t-2.yaml." in typist.told
        assert path.read_text("utf-8") == content
        made.unlink()
    path.write_text(typed, "utf-8")
    refused = Typist("T", "no", *FIRST[1:]).author(tmp_path)
    assert refused.write_quiz() == tmp_path / "t-2.yaml"
