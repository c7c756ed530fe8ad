"""Which format a file has, from what is in it."""

from __future__ import annotations

import gzip

import pytest

from quizkit.sdk.formats.detect import detect
from quizkit.sdk.formats.source import Source, Unreadable
from tests.sdk.formats.workbooks import kahoot, workbook, zipped

YAML = "title: T\nquestions:\n  - text: q\n    options: [x, y]\n    correct: a\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (YAML, "yaml"),
        ("# - [x] a list in a comment\n" + YAML, "yaml"),
        (f"---\n{YAML}", "yaml"),
        (f"---\n{YAML}---\n", "yaml"),
        ("{title: T, questions: []}", "yaml"),
        ("just text", "yaml"),
        (YAML.replace("text: q", "text: 'q {=a ~b}'"), "yaml"),
        ('{"title": "T", "questions": []}', "json"),
        ("[1]", "json"),
        ('{"response_code": 0, "results": []}', "opentdb"),
        ('<?xml version="1.0"?>\n<!--\n<LICENCE> free -->\n<assessmentItem/>', "qti"),
        ("<!-- <a> --><?go <b>?>\n<quiz/>", "moodle"),
        ("## Question?\n- [x] yes\n- [ ] no\n", "markdown"),
        ("Question?\n\n* [ ] no\n* [X] yes\n", "markdown"),
        ("---\ntitle: T\n---\n# Heading\n", "markdown"),
        ("Question {=a ~b}", "gift"),
        ("::name::Read this.", "gift"),
        ("$CATEGORY: top\n\nx {}", "gift"),
        ("[html]<b>Q</b>{#1..2}", "gift"),
        ("// {=no\n\nIs it so?{ TRUE }", "gift"),
        ("Q?\nA. x\nB. y\nANSWER: A", "aiken"),
        ("Q?\n\nA) {=x}\nB) y\n ANSWER : A", "aiken"),
        ("question,option 1,option 2,correct\nq,x,y,1", "csv"),
        ("Frage;Antwort A;Antwort B;Richtig\n", "csv"),
        ("sep=;\nquestion;correct answer;wrong answer 1\n", "csv"),
        ("Question Text\tQuestion Type\tOption 1\tOption 2\tCorrect Answer\n", "quizizz"),
        ("Question,Answer 1,Answer 2,Time limit (sec) – 5,Correct answer(s)\n", "kahoot"),
        ('<?xml version="1.0"?>\n<!-- x --><quiz>', "moodle"),
        ('<assessmentItem xmlns="x">', "qti"),
        ("\ufeff<a:assessmentItem>", "qti"),
    ],
)
def test_text(text: str, expected: str) -> None:
    """Each format is found, whatever another one's signs in comments and texts."""
    assert detect(Source(text.encode())) == expected
    assert detect(Source(text.replace("\n", "\r\n").encode())) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.md", "markdown"), ("a.MD", "markdown"), ("a.csv", "csv"), ("a.gift", "gift")],
)
def test_names_decide_where_contents_do_not(name: str, expected: str) -> None:
    """A file that could be anything has the format of its ending."""
    assert detect(Source(b"What is it?", name)) == expected


@pytest.mark.parametrize("name", ["a.xlsx", "a.ZIP", "a.cqa"])
def test_text_with_the_name_of_an_archive(name: str) -> None:
    """What is none is said, unless a quiz is in it after all."""
    with pytest.raises(Unreadable, match=f"this is no {name[1:].lower()} file"):
        detect(Source(b"What is it?", name))
    assert detect(Source(YAML.encode(), name)) == "yaml"


def test_markdown_may_begin_with_a_tag() -> None:
    """A comment is no XML in any file, and HTML above the questions is allowed in Markdown."""
    quiz = b"\n## Q?\n- [x] a\n- [ ] b\n"
    assert detect(Source(b"<!-- ours -->\n---\ntitle: T\n---\n" + quiz)) == "markdown"
    assert detect(Source(b"<p align=center>Hello</p>\n" + quiz, "a.md")) == "markdown"
    with pytest.raises(Unreadable):
        detect(Source(b"<p align=center>Hello</p>\n" + quiz))


def test_braces_in_markdown_are_no_gift() -> None:
    """Formulas and code of a Markdown file are not answers."""
    text = b"# Sums\n\n$$\\frac{=a}{2}$$ and f() {=x}"
    assert detect(Source(text, "a.md")) == "markdown"
    assert detect(Source(text, "a.txt")) == "gift"


def test_containers() -> None:
    """Spreadsheets by their header, packages by their manifest, archives of ClassQuiz."""
    assert detect(Source(kahoot([]))) == "kahoot"
    assert detect(Source(workbook({1: ["Frage", "Antwort 1", "Richtig"]}))) == "csv"
    header = ["Question Text", "Question Type", "Option 1", "Option 2", "Correct Answer"]
    assert detect(Source(workbook({1: header}))) == "quizizz"
    assert detect(Source(workbook({13: [None, "Question", "1st Answer", "2nd Answer"]}))) == (
        "classquiz"
    )
    assert detect(Source(zipped({"folder/imsmanifest.xml": "<manifest/>"}))) == "qti"
    assert detect(Source(gzip.compress(b"{}"))) == "cqa"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...", "old or password-protected Office file"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x89PNG\r\n", "a picture"),
        (zipped({"word/document.xml": ""}), "a Word document"),
        (zipped({"mimetype": "", "content.xml": ""}), r"OpenDocument file; save it as \.xlsx"),
        (zipped({"readme.txt": ""}), "without a quiz in it"),
        (b"<questestinterop>", r"QTI 1\.2; export it as QTI 2\.1"),
        (b"<qti-assessment-item>", r"QTI 3; export it as QTI 2\.1"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"<assessmentTest>", "a part of a QTI package"),
        (b"<rss>", "<rss>"),
        (b"<", "XML of a kind"),
    ],
)
def test_what_is_none_of_ours(content: bytes, reason: str) -> None:
    """Files that people mistake for quizzes are named, with the fix where there is one."""
    with pytest.raises(Unreadable, match=reason):
        detect(Source(content))


def test_markdown_that_quotes_another_format() -> None:
    """With front matter and headings it is Markdown, whatever its texts look like."""
    text = b"---\ntitle: T\n---\n\n## What is this?\n\ntitle: x\n\n- [x] YAML\n- [ ] CSV\n"
    assert detect(Source(text)) == "markdown"
