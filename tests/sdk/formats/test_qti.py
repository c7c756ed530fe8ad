"""QTI packages."""

from __future__ import annotations

import pytest

from quizkit.sdk.errors import InvalidInput
from quizkit.sdk.formats import load
from quizkit.sdk.formats.draft import Draft
from quizkit.sdk.formats.load import read
from quizkit.sdk.formats.source import Source
from tests.sdk.formats.test_qti_item import choice, item
from tests.sdk.formats.workbooks import zipped

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01 picture"


def resource(path: str, kind: str = "imsqti_item_xmlv2p1") -> str:
    """A line of a manifest."""
    return f'<resource identifier="r" type="{kind}" href="{path}"><file href="{path}"/></resource>'


def package(*resources: str, folder: str = "", **files: str | bytes) -> bytes:
    """A package; `__` in names is a slash, `_` before xml and png a dot."""
    named = {
        folder + name.replace("__", "/").replace("_xml", ".xml").replace("_png", ".png"): content
        for name, content in files.items()
    }
    manifest = (
        '<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><organizations/>'
        f"<resources>{''.join(resources)}</resources></manifest>"
    )
    return zipped({f"{folder}imsmanifest.xml": manifest, **named})


def draft(content: bytes) -> Draft:
    """What a package gives."""
    return read(Source(content, "My_test.zip"))


def texts(made: Draft) -> list[str]:
    """The questions' texts."""
    return [question["text"] for question in made.document["questions"]]


ONE = item(choice("x", "y", prompt="One?"), "a")
TWO = item(choice("x", "y", prompt="Two?"), "b")
TEST = (
    '<assessmentTest title="The test"><testPart><assessmentSection>'
    '<assessmentItemRef href="../items/two.xml"/><assessmentItemRef href="../items/one.xml"/>'
    "</assessmentSection></testPart></assessmentTest>"
)


@pytest.mark.parametrize("folder", ["", "export/"])
def test_items_in_the_order_of_the_manifest(folder: str) -> None:
    """Also where everything lies in a folder of the archive; the file's name is the title."""
    made = draft(
        package(resource("one.xml"), resource("two.xml"), folder=folder, one_xml=ONE, two_xml=TWO)
    )
    assert made.format == "qti"
    assert made.document["title"] == "My test"
    assert texts(made) == ["One?", "Two?"]
    assert load(package(resource("one.xml"), one_xml=ONE), "t.zip").quiz.questions


def test_a_test_gives_order_and_title() -> None:
    """Items that the test does not name come last."""
    made = draft(
        package(
            resource("items/three.xml"),
            resource("items/one.xml"),
            resource("items/two.xml"),
            resource("tests/t.xml", "imsqti_test_xmlv2p1"),
            items__one_xml=ONE,
            items__two_xml=TWO,
            items__three_xml=item("<p>Three.</p>"),
            tests__t_xml=TEST,
        )
    )
    assert made.document["title"] == "The test"
    assert texts(made) == ["Two?", "One?", "Three."]


def test_pictures_come_along() -> None:
    """By paths relative to the item; what is not in the archive is told."""
    shown = item('<p><img src="../media/a%20b.png" alt="A"/></p>' + choice("x", "y"), "a")
    gone = item('<p><img src="../../../etc/passwd"/></p>' + choice("x", "y"), "a")
    content = package(
        resource("items/one.xml"),
        resource("items/two.xml"),
        items__one_xml=shown,
        items__two_xml=gone,
    )
    assert draft(content).media == {}
    with_media = zipped(
        {
            "imsmanifest.xml": f"<manifest>{resource('items/one.xml')}</manifest>",
            "items/one.xml": shown,
            "media/a b.png": PNG,
        }
    )
    made = draft(with_media)
    assert made.media == {"q1.png": PNG}
    assert made.document["questions"][0]["media"] == "q1.png"
    said = [note.message for note in draft(content).notes.warnings]
    reason = "is left out: not in the package, or of no kind that is known here"
    assert said == [
        f"items/one.xml: the picture '../media/a%20b.png' {reason}",
        f"items/two.xml: the picture '../../../etc/passwd' {reason}",
    ]


def test_the_first_of_two_pictures() -> None:
    """It is the question's; the other one of the same type does not come in its place."""
    shown = item('<p><img src="a.png"/><img src="b.png"/></p>' + choice("x", "y"), "a")
    made = draft(
        zipped(
            {
                "imsmanifest.xml": f"<manifest>{resource('one.xml')}</manifest>",
                "one.xml": shown,
                "a.png": PNG,
                "b.png": PNG + b" another",
            }
        )
    )
    assert made.media == {"q1.png": PNG}
    said = [note.message for note in made.notes.warnings]
    assert said == ["a picture is left out: a question has one"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (package(resource("one.xml")), "one.xml: this item is not in the archive"),
        (package(resource("../../one.xml"), one_xml=ONE), "../../one.xml: this item is not"),
        (package(resource("/etc/passwd"), one_xml=ONE), "/etc/passwd: this item is not"),
        (package(resource("one.xml"), one_xml="<a>"), "one.xml: this is not well-formed XML"),
        (package(resource("one.xml"), one_xml="<a/>"), "no QTI 2 item but <a>"),
        (package(resource("one.xml"), one_xml=b""), "one.xml: the file is empty"),
        (package(resource("q.xml", "imsqti_xmlv1p2")), "no QTI 2 items but imsqti_xmlv1p2"),
        (package(), "no QTI 2 items but nothing"),
        (zipped({"imsmanifest.xml": "<manifest"}), "imsmanifest.xml: this is not well-formed"),
        (
            package(resource("one.xml"), one_xml='<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'),
            "entities",
        ),
        (
            package(resource("one.xml"), one_xml=ONE + "<!--" + "ab" * 600_000 + "-->"),
            "more than|grows",
        ),
    ],
)
def test_what_is_refused(content: bytes, reason: str) -> None:
    """Broken packages, and references that lead out of them."""
    with pytest.raises(InvalidInput) as caught:
        load(content, "t.zip")
    assert any(
        part in problem.message for problem in caught.value.problems for part in reason.split("|")
    )


def test_problems_of_all_items_at_once() -> None:
    """Each with the path of its item."""
    with pytest.raises(InvalidInput) as caught:
        load(package(resource("a.xml"), resource("b.xml"), b_xml="<b>"), "t.zip")
    assert [problem.message.split(":")[0] for problem in caught.value.problems] == [
        "a.xml",
        "b.xml",
    ]


def test_many_large_items() -> None:
    """Items that are each small enough are too much together."""
    body = "".join(f"<p>{number**3 % 999_983}</p>" for number in range(40_000))
    item = f"<assessmentItem><itemBody>{body}</itemBody></assessmentItem>"
    names = [f"i{number}" for number in range(4)]
    content = package(
        *(resource(f"{name}.xml") for name in names), **{f"{name}_xml": item for name in names}
    )
    with pytest.raises(InvalidInput, match="more than 100000 XML elements"):
        read(Source(content))
