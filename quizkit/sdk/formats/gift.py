"""Moodle's GIFT.

    // a comment
    ::name:: text {=right ~wrong #feedback ####general feedback} more text

Questions are separated by blank lines; a backslash takes the meaning from `~ = # { } :`, and
`\\n` is a line end. The grammar is Moodle's reader's, with its order of decisions: `#` first
in the braces means a number, any `~` a choice, `->` a matching, then true or false, and what
remains are accepted spellings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any, Final

from quizkit.sdk.formats import moodle
from quizkit.sdk.formats.draft import Draft, tidy
from quizkit.sdk.formats.moodle import Answer
from quizkit.sdk.formats.source import Lines, Mark, Path, Source

_SPECIAL: Final = "~=#{}:"
_WEIGHT: Final = re.compile(r"%(-?\d{1,3}(?:\.\d*)?)%")
_FORM: Final = re.compile(rf"\s*\[({'|'.join(moodle.FORMATS)})\]")
_BRACE: Final = re.compile(r"(?<!\\)(?:\\\\)*([{}])")
_NUMBER: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")
LONGEST_NUMBER: Final = 40
_COMMENT: Final = re.compile(r"^[ \t]*//.*$", re.MULTILINE)
MOST_ANSWERS: Final = 1_000
_GAP: Final = "_____"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of the file that has not been unescaped, and where it begins."""

    text: str
    offset: int

    def cut(self, start: int, end: int | None = None) -> _Piece:
        return _Piece(self.text[start:end], self.offset + start)

    def stripped(self) -> _Piece:
        start = len(self.text) - len(self.text.lstrip())
        return _Piece(self.text.strip(), self.offset + start)


def read(source: Source) -> Draft:
    """A draft of GIFT text."""
    draft = Draft.titled(source.title)
    text = source.plain
    lines = Lines(text)
    categories: dict[str, Mark] = {}
    for block in _blocks(text):
        mark = lines.mark(block.offset)
        if block.text.startswith("$CATEGORY:"):
            first, _, rest = block.text[10:].partition("\n")
            categories.setdefault(unescaped(first.strip()), mark)
            block = block.cut(len(block.text) - len(rest)).stripped()
            if not block.text:
                continue
        _Question(draft, block, lines).read()
    title = moodle.title_of(categories, draft.notes)
    if title is not None:
        draft.document["title"], draft.marks[("title",)] = title
    return draft


def _blocks(text: str) -> Iterator[_Piece]:
    """The text between blank lines, which separate questions wherever they are."""
    start = 0
    for found in re.finditer(r"\n[ \t]*(?=\n)", text):
        yield from _filled(text, start, found.start())
        start = found.end()
    yield from _filled(text, start, len(text))


def _filled(text: str, start: int, end: int) -> Iterator[_Piece]:
    # Comments are gone only now: a line of them within a question does not end it.
    shown = _COMMENT.sub(lambda found: " " * len(found[0]), text[start:end])
    piece = _Piece(shown, start).stripped()
    if piece.text:
        yield piece


def unescaped(text: str) -> str:
    """Text with its backslashes resolved."""

    def one(found: re.Match[str]) -> str:
        character = found.group(1)
        return "\n" if character == "n" else character

    return re.sub(r"\\([~=#{}:n\\])", one, text)


def split(piece: _Piece, marks: str) -> list[tuple[str, _Piece]]:
    """The parts that begin with one of the marks, unescaped ones; what precedes has none."""
    parts: list[tuple[str, int, int]] = [("", 0, 0)]
    escaped = False
    for index, character in enumerate(piece.text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character in marks:
            parts.append((character, index, index + 1))
    ends = [start for _, start, _ in parts[1:]] + [len(piece.text)]
    return [
        (mark, piece.cut(begin, end)) for (mark, _, begin), end in zip(parts, ends, strict=True)
    ]


class _Question:
    """Reads one question into a draft."""

    def __init__(self, draft: Draft, block: _Piece, lines: Lines) -> None:
        self._draft, self._notes, self._block, self._lines = draft, draft.notes, block, lines
        self._mark = lines.mark(block.offset)
        self._form = "moodle"
        self._media: list[tuple[str, str]] = []

    def read(self) -> None:
        """Add the question, or say why it is none of ours."""
        block = self._named(self._block)
        braces = [(found.group(1), found.start(1)) for found in _BRACE.finditer(block.text)]
        opening = next((offset for brace, offset in braces if brace == "{"), None)
        closing = next((offset for brace, offset in braces if brace == "}"), None)
        if opening is None and closing is None:
            text = self._text(block, asked=True)
            self._add({"kind": "slide", "text": text}, {})
            return
        if opening is None or closing is None or closing < opening:
            self._notes.problem("the answers need an opening and a closing brace", self._mark)
            return
        before, answers, after = (
            block.cut(0, opening),
            block.cut(opening + 1, closing).stripped(),
            block.cut(closing + 1),
        )
        gap = _GAP if after.text.strip() else ""
        text = self._text(_Piece(before.text + gap + after.text, before.offset), asked=True)
        general = ""
        found = [each.start() for each in re.finditer(r"(?<!\\)####", answers.text)]
        if found:
            general = self._text(answers.cut(found[-1] + 4))
            answers = answers.cut(0, found[-1]).stripped()
        self._answered(text, answers, general)

    def _named(self, block: _Piece) -> _Piece:
        if not block.text.startswith("::"):
            return block
        found = re.search(r"(?<!\\)::", block.text[2:])
        if found is None:
            return block
        self._notes.add("the names of questions are left out", self._mark)
        return block.cut(2 + found.end()).stripped()

    def _text(self, piece: _Piece, *, asked: bool = False) -> str:
        """Plain text of a piece that may begin with its format."""
        form, found = self._form, _FORM.match(piece.text)
        if found is not None:
            form, piece = found.group(1), piece.cut(found.end())
        if asked:
            self._form = form
        # Indentation is the file's; what belongs to the text is written as an escape.
        text = unescaped("\n".join(line.strip(" \t") for line in piece.text.strip().split("\n")))
        words = moodle.text_in(form, text, self._notes, self._lines.mark(piece.offset))
        self._media += words.media
        return words.text

    def _answered(self, text: str, answers: _Piece, general: str) -> None:
        raw = answers.text
        judged = (raw.partition("#")[0].strip() if raw.find("#") > 0 else raw).upper()
        marks: dict[Path, Mark] = {("text",): self._mark}
        place = self._lines.mark(answers.offset)
        if not raw:
            self._left_out("an essay")
            return
        fields: dict[str, Any] | None
        if raw.startswith("#"):
            fields, found = self._number(answers.cut(1))
        elif len(split(answers, "~")) > 1:
            found = self._answers(answers, "~=")
            single = any(mark == "=" for mark, _ in split(answers, "=")[1:])
            fields = moodle.choice(found, single=single, notes=self._notes, mark=place)
            marks |= {("options", index): each.mark for index, each in enumerate(found)}
        elif len(split(answers, "=")) > 1 and "->" in raw:
            self._left_out("a matching")
            return
        elif judged in ("T", "TRUE", "F", "FALSE"):
            found = self._verdicts(answers)
            fields = moodle.boolean(right=judged.startswith("T"))
        else:
            found = self._answers(answers, "=")
            fields = moodle.accepted(found, self._notes, place)
            marks[("accept",)] = place
        if fields is None:
            self._left_out("a question whose right answers cannot all be said")
            return
        explanation = moodle.explained(general, found, self._notes, place)
        marks |= {("options",): place, ("correct",): place}
        self._add({**fields, "text": text, "explanation": explanation}, marks)

    def _add(self, fields: dict[str, Any], marks: dict[Path, Mark]) -> None:
        addresses = [each for each in self._media if re.match(r"https?://", each[0])]
        if len(self._media) > len(addresses[:1]):
            self._notes.add("a picture or sound is left out", self._mark)
        media, alt = addresses[0] if addresses else (None, "")
        first = {"kind": fields.pop("kind", None), "text": fields.pop("text")}
        self._draft.add({**first, **fields, "media": media, "alt": alt or None}, self._mark, marks)

    def _left_out(self, what: str) -> None:
        self._notes.add(f"{what} is left out: there is no such question here", self._mark)

    def _answers(self, answers: _Piece, marks: str) -> list[Answer]:
        """Answers that begin with a sign, each with its weight and feedback."""
        parts = split(answers, marks)
        if not parts[0][1].text.strip():
            parts = parts[1:]
        found = []
        del parts[MOST_ANSWERS:]  # so many are refused anyway
        choice = "~" in marks
        for sign, piece in parts:
            each = piece.stripped()
            share = 100.0 if sign == "=" or not choice else 0.0
            # Moodle takes a percentage behind `=` for text where there is also a `~`.
            weight = _WEIGHT.match(each.text) if sign == "~" or not choice else None
            if weight is not None:
                share, each = float(weight.group(1)), each.cut(weight.end())
            found.append(self._answer(each, share))
        return found

    def _answer(self, piece: _Piece, share: float) -> Answer:
        text, *feedback = (part for _, part in split(piece, "#"))
        said = piece.cut(feedback[0].offset - piece.offset) if feedback else None
        return Answer(
            self._text(text),
            share,
            self._text(said) if said is not None else "",
            self._lines.mark(piece.stripped().offset),
        )

    def _verdicts(self, answers: _Piece) -> list[Answer]:
        """The feedback of a true-or-false question: to the wrong answer, then to the right."""
        parts = [self._text(part) for _, part in split(answers, "#")[1:3]]
        mark = self._lines.mark(answers.offset)
        shares = zip(parts, (0.0, 100.0), strict=False)
        return [Answer("", share, feedback, mark) for feedback, share in shares]

    def _number(self, answers: _Piece) -> tuple[dict[str, Any] | None, list[Answer]]:
        """The number of a numerical question with its tolerance."""
        mark = self._lines.mark(answers.offset)
        parts = split(answers, "~")
        found = self._answers(parts[0][1], "=")
        found += [self._answer(piece, 0.0) for _, piece in parts[1:]]
        right = moodle.numbers(found)
        if right is None:
            return None, found
        if len([answer for answer in found if answer.share > 0]) > 1:
            self._notes.add("a number with a part of the points counts as wrong here", mark)
        fields = {"kind": "number", **_range(right.text)}
        if "correct" not in fields:
            message = f"{right.text[:40]!r} is no number, as in {{#1822:5}} or {{#1..5}}"
            self._notes.problem(message, mark)
        return fields, found


def _range(text: str) -> dict[str, Any]:
    """`1822`, `1822:5` or `1817..1827` as a number and its tolerance."""
    low, dots, high = (part.strip() for part in text.partition(".."))
    if dots:
        ends = [_decimal(low), _decimal(high)]
        if ends[0] is None or ends[1] is None:
            return {}
        middle, half = (ends[0] + ends[1]) / 2, abs(ends[1] - ends[0]) / 2
        return {"correct": tidy(middle), "tolerance": tidy(half)}
    value, _, tolerance = (part.strip() for part in text.partition(":"))
    right, off = _decimal(value), _decimal(tolerance or "0")
    if right is None or off is None:
        return {}
    return {"correct": tidy(right)} | ({"tolerance": tidy(off)} if off else {})


def _decimal(text: str) -> Decimal | None:
    """A number that is written as Moodle takes it; None for what is none."""
    if len(text) > LONGEST_NUMBER or not _NUMBER.fullmatch(text) or not isfinite(float(text)):
        return None
    return Decimal(text)
