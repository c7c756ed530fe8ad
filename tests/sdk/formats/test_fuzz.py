"""Whatever comes in, a quiz or InvalidInput comes out: files that are nearly right."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quizkit.sdk.errors import InvalidInput, Problem
from quizkit.sdk.formats import FORMATS, load
from quizkit.sdk.formats.source import Source
from tests.sdk.formats.test_cqa import PNG, abcd, archive
from tests.sdk.formats.test_qti import ONE, TEST, package, resource
from tests.sdk.formats.workbooks import Formula, kahoot, workbook, zipped

CORPUS = Path(__file__).parent / "corpus"
TEXTS = {
    path.name: path.read_bytes()
    for path in sorted(CORPUS.iterdir())
    if not path.name.endswith(".expected.json")
}
CONTAINERS = {
    "kahoot.xlsx": kahoot([["Q?", "x", "y", None, None, 20, 1]] * 3),
    "inline.xlsx": workbook(
        {1: ["question", "a", "b", "correct"], 2: [Formula("1"), 2, 3, "A"]}, "inline"
    ),
    "quiz.cqa": archive(abcd(image=0), abcd(), pictures={0: PNG}),
    "qti.zip": package(
        resource("one.xml"), resource("t.xml", "imsqti_test_xmlv2p1"), one_xml=ONE, t_xml=TEST
    ),
}
SIGNS = [*(bytes([each]) for each in b'"<>{}\n\0&\\%\xff'), b"- [x] ", b"::", b"]]>"]
#: Characters that no encoding takes are left out.
TEXT = st.text(st.characters(codec="utf-8"), max_size=200).map(str.encode)
SLOW = settings(suppress_health_check=[HealthCheck.too_slow])


def survives(content: bytes, form: str | None = None) -> None:
    """Load it; anything but a quiz or a list of problems is a bug."""
    problems: Sequence[Problem] = ()
    try:
        loaded = load(Source(content, "fuzz"), format=form)
    except InvalidInput as exc:
        problems = exc.problems or [Problem("")]
    else:
        assert loaded.quiz.questions
    assert all(
        each.message and (each.line or 1) >= 1 and (each.column or 1) >= 1 for each in problems
    )


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """A file in which a few bytes are others, are missing, or stand twice."""
    data = bytearray(content)
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        how = draw(st.sampled_from(["change", "cut", "insert", "repeat", "truncate"]))
        length = draw(st.integers(1, 40))
        if how == "change":
            data[place : place + 1] = draw(st.binary(min_size=1, max_size=2))
        elif how == "cut":
            del data[place : place + length]
        elif how == "insert":
            signs = [
                b'"',
                b"<",
                b">",
                b"{",
                b"}",
                b"\n",
                b"\0",
                b"&",
                b"- [x] ",
                b"\\",
                b"::",
                b"%",
                b"\xff",
            ]
            data[place:place] = draw(st.sampled_from(signs))
        elif how == "repeat":
            data[place:place] = data[place : place + length]
        else:
            del data[place:]
    return bytes(data)


@pytest.mark.parametrize("name", TEXTS)
@SLOW
@given(data=st.data())
def test_damaged_texts(name: str, data: st.DataObject) -> None:
    """Files of every text format with a few bytes changed."""
    survives(data.draw(damaged(TEXTS[name])))


@pytest.mark.parametrize("name", CONTAINERS)
@settings(SLOW, max_examples=60)
@given(data=st.data())
def test_damaged_containers(name: str, data: st.DataObject) -> None:
    """Spreadsheets, packages and archives with a few bytes changed."""
    survives(data.draw(damaged(CONTAINERS[name])))


@pytest.mark.parametrize("name", ["kahoot.xlsx", "inline.xlsx"])
@settings(SLOW, max_examples=60)
@given(data=st.data())
def test_damaged_parts(name: str, data: st.DataObject) -> None:
    """A whole archive around a damaged part."""
    with ZipFile(BytesIO(CONTAINERS[name])) as book:
        parts = {each: book.read(each) for each in book.namelist()}
    part = data.draw(st.sampled_from(sorted(parts)))
    survives(zipped({**parts, part: data.draw(damaged(parts[part]))}))


@pytest.mark.parametrize("form", FORMATS)
@given(
    content=st.binary(max_size=200)
    | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace"))
)
def test_anything_under_any_name(form: str, content: bytes) -> None:
    """Any bytes, read as any format."""
    survives(content, form)


@pytest.mark.parametrize("form", FORMATS)
@SLOW
@given(content=st.sampled_from(sorted({**TEXTS, **CONTAINERS})))
def test_every_file_under_every_name(form: str, content: str) -> None:
    """A whole file of another format."""
    survives({**TEXTS, **CONTAINERS}[content], form)
