"""Moodle XML: the question bank's own format, pictures included.

`<quiz><question type="multichoice">…`; texts are HTML mostly, files are embedded as base64
and named as `@@PLUGINFILE@@/name`. Kinds that the platform does not have are left out, each
with a note.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote, unquote
from xml.etree.ElementTree import Element

from quizkit.sdk.formats import moodle
from quizkit.sdk.formats.draft import Draft, tidy
from quizkit.sdk.formats.html_text import INSIDE
from quizkit.sdk.formats.media_files import media_name
from quizkit.sdk.formats.moodle import Answer
from quizkit.sdk.formats.source import Mark, Path, Source
from quizkit.sdk.formats.xml_tree import Tree, children, read_xml, words

_DATA: Final = re.compile(
    r"""(?<=src=["'])data:[\w.+-]{1,40}/[\w.+-]{1,60};base64,([\w+/=%\s]*)""", re.IGNORECASE
)
_OVERALL: Final = "feedback to right, partly right and wrong answers as a whole is left out"
#: What each element says that a question here has no place for.
_UNHELD: Final = {
    "hint": "hints are left out",
    "tags": "the tags of single questions are left out",
    "idnumber": "the id numbers of questions are left out",
    "unit": "units of numbers are left out",
    "units": "units of numbers are left out",
    "correctfeedback": _OVERALL,
    "partiallycorrectfeedback": _OVERALL,
    "incorrectfeedback": _OVERALL,
}


def read(source: Source) -> Draft:
    """A draft of a Moodle XML file; its title is its category, or the file's name."""
    tree = read_xml(source.text)
    draft = Draft.titled(source.title)
    categories: dict[str, Mark] = {}
    shuffled = []
    for node in children(tree.root, "question"):
        if node.get("type") == "category":
            path = words(node.find("category")).strip()
            categories.setdefault(path, tree.mark(node))
            continue
        reading = _Question(draft, tree, node)
        if reading.read():
            shuffled.append(_flag(node, "shuffleanswers"))
    if any(shuffled):
        draft.document["shuffle"] = True
    title = moodle.title_of(categories, draft.notes)
    if title is not None:
        draft.document["title"], draft.marks[("title",)] = title
    return draft


def _flag(node: Element, name: str, *, default: bool = False) -> bool:
    said = words(node.find(name)).strip().lower()
    return said in ("1", "true") if said else default


def _decimal(text: str) -> Decimal | None:
    """A number; None for what is none, or too long to be meant."""
    plain = text.strip()
    found = re.fullmatch(r"[-+]?(?=\.?\d)\d{0,15}(?:\.\d{0,20})?(?:[eE][-+]?\d{1,2})?", plain)
    return Decimal(plain) if found else None


def _is_true(answers: list[Answer], right: int) -> bool:
    """Whether the right answer is “true”: in old files of other languages it comes first."""
    said = answers[right].text.lower()
    return said == "true" if said in ("true", "false") else right == 0


def _shown(option: str | dict[str, Any]) -> bool:
    return bool(option if isinstance(option, str) else option["text"])


def _as_file(encoded: str, files: dict[str, str]) -> str:
    """The address of a picture that stood in the text itself."""
    name = f"data {len(files)}"
    files[name] = unquote(encoded)
    return INSIDE + quote(name)


class _Question:
    """Reads one question into a draft."""

    def __init__(self, draft: Draft, tree: Tree, node: Element) -> None:
        self._draft, self._notes, self._tree, self._node = draft, draft.notes, tree, node
        self._mark = tree.mark(node)
        self._media: tuple[str, str] | None = None

    def read(self) -> bool:
        """Add the question, or say why it is none of ours; tells which."""
        kind = self._node.get("type", "")
        if _flag(self._node, "hidden"):
            self._notes.add("a hidden (deleted) question is left out", self._mark)
            return False
        body = self._node.find("questiontext")
        asked = self._text(body, asked=True)
        answers = self._answers(kind)
        fields = self._fields(kind, answers)
        if fields is None:
            return self._left_out(
                f"a question of the kind {kind[:40]!r} is left out: its answers cannot be said"
            )
        if not all(map(_shown, fields.get("options", ()))):
            return self._left_out("a question is left out: some answers are pictures")
        general = self._text(self._node.find("generalfeedback"))
        explanation = None
        if kind == "description":
            if general:
                self._notes.add("feedback to texts without answers is left out", self._mark)
        else:
            explanation = moodle.explained(general, answers, self._notes, self._mark)
        self._unheld()
        media, alt = self._media or (None, "")
        question = {
            "kind": fields.pop("kind", None),
            "text": asked or words(self._node.find("name")).strip(),
            **fields,
            "points": self._points(kind),
            "explanation": explanation,
            "media": media,
            "alt": alt or None,
        }
        self._draft.add(question, self._mark, self._marks(body, answers))
        return True

    def _left_out(self, message: str) -> bool:
        self._notes.add(message, self._mark)
        if self._media is not None:
            self._draft.media.pop(self._media[0], None)
        return False

    def _marks(self, body: Element | None, answers: list[Answer]) -> dict[Path, Mark]:
        marks: dict[Path, Mark] = {}
        if body is not None:
            marks[("text",)] = marks[("media",)] = self._tree.mark(body)
        if answers:
            marks[("options",)] = marks[("accept",)] = marks[("correct",)] = answers[0].mark
        for index, answer in enumerate(answers):
            marks[("options", index)] = answer.mark
        return marks

    def _fields(self, kind: str, answers: list[Answer]) -> dict[str, Any] | None:
        """What makes the question's kind; None for one that there is not."""
        if kind == "description":
            return {"kind": "slide"}
        if kind in ("multichoice", "multichoiceset"):
            single = kind == "multichoice" and _flag(self._node, "single", default=True)
            return moodle.choice(answers, single=single, notes=self._notes, mark=self._mark)
        if kind == "truefalse":
            right = [n for n, each in enumerate(answers) if each.share >= 100]
            return moodle.boolean(right=_is_true(answers, right[0])) if len(right) == 1 else None
        if kind == "shortanswer":
            if _flag(self._node, "usecase"):
                self._notes.add("capital letters do not count here", self._mark)
            return moodle.accepted(answers, self._notes, self._mark)
        if kind == "numerical":
            return self._number(answers)
        if kind == "ordering":
            if self._of_some(len(answers)):
                self._notes.add("an ordering of some of its items is one of all here", self._mark)
            return {"kind": "order", "options": [each.text for each in answers]}
        return None

    def _number(self, answers: list[Answer]) -> dict[str, Any] | None:
        right = moodle.numbers(answers)
        if right is None:
            return None
        if len([each for each in answers if each.share > 0]) > 1:
            self._notes.add("a number with a part of the points counts as wrong here", self._mark)
        node = list(children(self._node, "answer"))[answers.index(right)]
        tolerance = _decimal(words(node.find("tolerance")))
        value = _decimal(right.text)
        correct = right.text if value is None else tidy(value)
        found: dict[str, Any] = {"kind": "number", "correct": correct}
        return found | ({"tolerance": tidy(tolerance)} if tolerance else {})

    def _points(self, kind: str) -> int | None:
        """The grade as points: 1 is what a question gives that says nothing."""
        grade = _decimal(words(self._node.find("defaultgrade")))
        if kind == "description" or grade is None or grade == 1:
            return None
        return int((grade * 1_000).to_integral_value())

    def _of_some(self, items: int) -> bool:
        """Whether an ordering shows only some of its items, other ones each time."""
        count = words(self._node.find("selectcount")).strip()
        some = words(self._node.find("selecttype")).strip() in ("1", "2")
        return some and count.isascii() and count.isdigit() and 2 <= int(count[:9]) < items

    def _answers(self, kind: str) -> list[Answer]:
        """The answers; blank fields of the form, which Moodle passes over, are none."""
        nodes = list(children(self._node, "answer"))
        if kind in ("multichoice", "multichoiceset", "ordering"):
            nodes = [each for each in nodes if words(each.find("text")).strip() or each.text]
        return [self._answer(each) for each in nodes]

    def _answer(self, node: Element) -> Answer:
        feedback = node.find("feedback")
        said = self._text(feedback) if feedback is not None else ""
        share = float(_decimal(node.get("fraction", "0")) or 0)
        return Answer(self._text(node), share, said, self._tree.mark(node))

    def _text(self, node: Element | None, *, asked: bool = False) -> str:
        """Plain text of a node with a `<text>`; its first picture is the question's."""
        if node is None:
            return ""
        body = node.find("text")
        # Old exporters put the text into the node itself.
        raw = words(body) if body is not None else (node.text or "")
        form = node.get("format", "moodle")
        files = {each.get("name", ""): words(each) for each in children(node, "file")}
        # As a file, too: such a text may be longer than any that is read.
        raw = _DATA.sub(lambda found: _as_file(found.group(1), files), raw)
        found = moodle.text_in(form, raw, self._notes, self._tree.mark(node))
        for address, alt in found.media:
            self._medium(address, alt, files, asked=asked)
        if asked:
            self._old_image()
        return found.text

    def _medium(self, address: str, alt: str, files: dict[str, str], *, asked: bool) -> None:
        name = unquote(address.removeprefix(INSIDE))
        if not asked or self._media is not None:
            self._notes.add("a picture or sound is left out: a question has one", self._mark)
        elif address.startswith(INSIDE) and name in files:
            self._embedded(files[name], alt)
        elif re.match(r"https?://", address):
            self._media = address, alt
        else:
            self._notes.add(f"the picture {name[:60]!r} is not in the file", self._mark)

    def _old_image(self) -> None:
        """The picture of a question as Moodle 1.9 wrote it."""
        content = words(self._node.find("image_base64"))
        if content.strip() and self._media is None:
            self._embedded(content, "")

    def _embedded(self, encoded: str, alt: str) -> None:
        try:
            content = b64decode(re.sub(r"\s+", "", encoded), validate=True)
        except (binascii.Error, ValueError):
            self._notes.add("a picture is left out: it is damaged", self._mark)
            return
        name = media_name(f"q{len(self._draft.document['questions']) + 1}", content)
        if name is None:
            self._notes.add("a file is left out: it is no picture, sound or film", self._mark)
            return
        self._draft.media[name] = content
        self._media = name, alt

    def _unheld(self) -> None:
        """Say what of the question has no place here."""
        held = [_UNHELD.get(str(node.tag)) for node in self._node if words(node).strip()]
        for said in dict.fromkeys(held):
            if said is not None:
                self._notes.add(said, self._mark)
        name = words(self._node.find("name")).strip()
        if name:
            self._notes.add("the names of questions are left out", self._mark)
