"""Quiz files as people bring them, good and bad."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.core.quiz import parse
from quizkit.sdk.errors import InvalidInput, Misuse, NotFound, Problem
from quizkit.sdk.formats import load, open_source
from quizkit.sdk.formats.load import MOST_PROBLEMS
from quizkit.sdk.formats.source import MAX_CONTAINER

GOOD = """\
title: Capitals
questions:
  - text: What is the capital of Australia?
    options:
      - Sydney
      - text: Canberra
        correct: true
    time_limit: 20
"""


def problems(content: str | bytes, name: str | None = None) -> list[tuple[int | None, int | None]]:
    """Where the problems of a bad file are."""
    with pytest.raises(InvalidInput) as caught:
        load(content if isinstance(content, bytes) else content.encode(), name)
    assert caught.value.code == "invalid_quiz"
    assert all(problem.message for problem in caught.value.problems)
    return [(problem.line, problem.column) for problem in caught.value.problems]


def test_native_yaml(tmp_path: Path) -> None:
    """A native file gives the quiz, its document and its format."""
    path = tmp_path / "capitals.yaml"
    path.write_text(GOOD)
    loaded = load(path)
    assert loaded.format == "yaml"
    assert loaded.quiz.title == "Capitals"
    assert loaded.quiz.questions[0].correct == ("b",)
    assert parse(loaded.document) == loaded.quiz
    assert loaded.locate(("questions", 0, "time_limit")) == (8, 17)
    assert load(str(path)) == loaded


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_native_json(mark: str) -> None:
    """JSON of the same shape gives the same quiz, also with a byte order mark."""
    document = load(GOOD.encode()).document
    loaded = load((mark + json.dumps(document, indent="\t")).encode())
    assert loaded.format == "json"
    assert loaded.document == document


def test_flow_yaml_is_not_json() -> None:
    """A YAML file that begins with a brace is read as YAML."""
    loaded = load(b"{title: T, questions: [{text: q, options: [x, y], correct: a}]}")
    assert loaded.format == "yaml"


@pytest.mark.parametrize(
    ("content", "places"),
    [
        ("", [(1, 1)]),
        (" \n\t\n", [(1, 1)]),
        ("# only a comment\n", [(1, 1)]),
        (GOOD.replace("Sydney", "[Sydney"), [(6, 13)]),
        (GOOD.replace("    options:", "\toptions:"), [(4, 1)]),
        (GOOD.replace("title: Capitals", "title: Capitals: more"), [(1, 16)]),
        (GOOD.replace("        correct: true\n", ""), [(4, 5)]),
        (GOOD.replace("correct: true", "correct: 1"), [(4, 5), (7, 18)]),
        (GOOD.replace("time_limit: 20", "time_limit: 0"), [(8, 17)]),
        (GOOD.replace("time_limit: 20", "correct: f"), [(8, 14)]),
        (GOOD.replace("time_limit: 20", "time_limit: 20\n    time_limit: 30"), [(9, 5)]),
        (GOOD.replace("title: Capitals", "title: !!python/name:os.system x"), [(1, 8)]),
        (GOOD.replace("Capitals", "*nothing"), [(1, 8)]),
        (GOOD + "---\ntitle: Another\n", [(9, 1)]),
        ("[1, 2]", [(1, 1)]),
        ("just text", [(1, 1)]),
        ("title: T", [(1, 1)]),
        ("title: T\nquestions: []", [(2, 1)]),
        ("title: T\nquestions:\n  - 3\n  - text: q\n", [(3, 5), (4, 5)]),
        ("? [a]\n: b", [(1, 3)]),
        ("title: a\x07b", [(1, 9)]),
        ('{"title": "T",\n "questions": }', [(2, 15)]),
        ('{"title": "T",\n "title": "U", "questions": []}', [(2, 2)]),
        ('{"title": NaN}', [(1, 1)]),
        ('{"title": ""}', [(1, 1), (1, 11)]),
        ("[" * 5000, [(1, 1)]),
        ("a:\n  [" + "[" * 50, [(2, 35)]),
    ],
)
def test_bad_files(content: str, places: list[tuple[int, int]]) -> None:
    """Each bad file is refused with all its problems, each with line and column."""
    assert problems(content) == places


def test_all_problems_at_once() -> None:
    """Several mistakes in several questions are all reported, in the order of the file."""
    bad = GOOD.replace("time_limit: 20", "points: -1\n    time_limit: 0\n    colour: red")
    assert problems(bad.replace("Capitals", '""')) == [(1, 8), (8, 13), (9, 17), (10, 13)]


def test_bytes_that_are_no_text() -> None:
    """What is damaged is refused where it is; so is what is too big."""
    assert problems("title: T\nquestion: ä".encode() + b"\xff\xfe") == [(2, 12)]
    assert problems(b"a" * 1_000_001) == [(1, 1)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_and_line_ends(encoding: str, end: str) -> None:
    """Files of Windows editors are read; what had to be guessed is said."""
    loaded = load(GOOD.replace("Sydney", "Zürich").replace("\n", end).encode(encoding))
    assert loaded.quiz.questions[0].options[0].text == "Zürich"
    assert loaded.locate(("questions", 0, "time_limit")) == (8, 17)
    assert bool(loaded.warnings) is (encoding != "utf-8-sig")


def test_five_thousand_questions() -> None:
    """More than a game can be is one clear problem, in every kind of file."""
    native = "title: T\nquestions:\n" + "- {text: q, options: [x, y], correct: a}\n" * 5_000
    table = "question,a,b,correct\n" + "q,x,y,1\n" * 5_000
    for content in (native, table, "q{=a ~b}\n\n" * 5_000):
        with pytest.raises(InvalidInput) as caught:
            load(content.encode())
        assert [each.message for each in caught.value.problems] == ["5000 questions; at most 500"]


@pytest.mark.parametrize("head", [b"title: T\n", b"PK\x03\x04", b"<quiz>"])
def test_a_file_of_50_megabytes(tmp_path: Path, head: bytes) -> None:
    """It is refused without being read to its end."""
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.write(head)
        file.truncate(50_000_000)
    assert len(open_source(path).content) <= MAX_CONTAINER + 1
    with pytest.raises(InvalidInput, match="more than"):
        load(path)


def test_media_and_source_come_along() -> None:
    """The text of native files, for comments, and files that came inside of others."""
    loaded = load(GOOD.encode(), "a.yaml")
    assert loaded.source == {"format": "yaml", "text": GOOD}
    assert loaded.media == {}
    assert load(json.dumps(loaded.document).encode()).source is None


def test_the_format_can_be_named() -> None:
    """What is named is not guessed, and has to exist."""
    assert load(b"Q?\nA) x\nB) y\nANSWER: A", "q", format="Aiken").format == "aiken"
    with pytest.raises(InvalidInput):
        load(GOOD.encode(), format="moodle")
    with pytest.raises(Misuse, match="no format 'word'"):
        load(GOOD.encode(), format="word")


def test_a_path_that_cannot_be() -> None:
    """A name with a null character is not found, like any other that is not there."""
    with pytest.raises(NotFound):
        load("a\0b")


def test_an_alias_bomb() -> None:
    """A few lines that would grow into gigabytes are refused, quickly and small."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert problems("\n".join(lines)) == [(5, 25)]


def test_many_aliases() -> None:
    """More aliases than a person would write are refused."""
    content = f"a: &a x\nb: [{', '.join(['*a'] * 101)}]"
    assert len(problems(content)) == 1


def test_an_alias_is_what_it_names() -> None:
    """A few aliases are fine."""
    content = GOOD.replace("- Sydney", "- &first Sydney") + "    explanation: *first\n"
    assert load(content.encode()).quiz.questions[0].explanation == "Sydney"


def test_plain_values_keep_their_text() -> None:
    """Options that look like numbers keep the author's spelling."""
    options = "[007, 1.50, 0x10, 1_000, yes, 1969, 2.5]"
    content = f"title: T\nquestions: [{{text: q, options: {options}, correct: a}}]"
    texts = [option.text for option in load(content.encode()).quiz.questions[0].options]
    assert texts == ["007", "1.50", "0x10", "1_000", "yes", "1969", "2.5"]


def test_missing_and_unreadable_files(tmp_path: Path) -> None:
    """A file that is not there is NotFound; a folder is refused as a file."""
    with pytest.raises(NotFound):
        load(tmp_path / "nothing.yaml")
    with pytest.raises(InvalidInput):
        load(tmp_path)


def test_the_name_in_the_message() -> None:
    """The message names the file, the number of problems and the first place."""
    with pytest.raises(InvalidInput, match=r"my\.json .*line 1, column 1"):
        load(b"title: T", "my.json")


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_nothing_breaks_it(content: str | bytes) -> None:
    """Whatever comes in, the answer is a quiz or InvalidInput with problems in the file."""
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    outside = [
        problem
        for problem in _problems_of(data)
        if not 1 <= (problem.line or 0) <= data.count(b"\n") + 2 or (problem.column or 0) < 1
    ]
    assert not outside


@given(st.lists(st.sampled_from(list("{}[]:,&*!|>-?%@`\"'#ab1 \n\t\\")), max_size=60).map("".join))
def test_no_punctuation_breaks_it(content: str) -> None:
    """YAML's own punctuation in any order raises nothing but InvalidInput."""
    _problems_of(content.encode())


def _problems_of(content: bytes) -> Sequence[Problem]:
    """The problems of a file, none where it is a quiz."""
    try:
        load(content)
    except InvalidInput as exc:
        return exc.problems or [Problem("a refusal without a problem")]
    return ()


def test_more_problems_than_anybody_reads() -> None:
    """A thousand are told, and how many more there are from where on."""
    fields = ", ".join(f'"k{number}": 1' for number in range(3_000))
    with pytest.raises(InvalidInput, match="3002 problems") as caught:
        load(f"{{{fields}}}".encode(), "q.json")
    assert len(caught.value.problems) == MOST_PROBLEMS + 1
    last = caught.value.problems[-1]
    assert last.message == "from here on there are 2002 more problems"
    assert (last.line, last.column) == (1, caught.value.problems[-1].column)


def test_every_kind_of_attack_is_told_at_once() -> None:
    """Duplicate options, media outside of the folder and at inner addresses: each at its place."""
    content = (
        "title: =HYPERLINK(1)\nquestions:\n"
        "- {text: Q1, options: [x, x], correct: a, media: ../x.png}\n"
        "- {text: Q2, options: [x, y], correct: a, media: /etc/passwd}\n"
        "- {text: Q3, options: [x, y], correct: a, media: 'https://169.254.169.254/latest'}\n"
        "- {text: Q4, options: [x, y], correct: a, media: 'https://99999999999999999999999'}\n"
        f"- {{text: Q5, options: [x, y], correct: a, media: 'https://{'9' * 900}'}}\n"
    )
    assert [line for line, _ in problems(content)] == [3, 3, 4, 5, 6, 7]
