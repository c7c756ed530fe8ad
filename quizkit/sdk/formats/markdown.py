"""Markdown, the second native form.

    ---
    title: Capitals
    ---

    ## What is the capital of Australia?

    - [ ] Sydney
    - [x] Canberra

    time_limit: 30

    > Chosen in 1908, between Sydney and Melbourne.

The quiz's own fields stand in the front matter, as YAML; a first-level heading may give the
title instead. A question begins with a heading of another level, or with a paragraph where
the one before has ended. Its text goes on until its options, a list of tasks; fields are lines
`name: value`, a quotation is the explanation, a picture on a line of its own the media. For
`kind: order` the options are a numbered list. Comments (`<!-- … -->`) say nothing, and code
between fences is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from quizkit.sdk.formats.draft import Draft, option
from quizkit.sdk.formats.markdown_text import (
    BULLET,
    COMMENT,
    FENCE,
    FIELD,
    HEADING,
    IMAGE,
    NUMBERED,
    QUOTE,
    RULE,
    TASK,
    heading_text,
    resolved,
)
from quizkit.sdk.formats.source import Mark, Path, Source, Unreadable, problem_at
from quizkit.sdk.formats.yaml_reader import read_yaml

_LEADING_COMMENTS: Final = re.compile(r"(?:\s*<!--.*?-->)+\s*^(?=---)", re.DOTALL | re.MULTILINE)
_FENCED: Final = "\0"


@dataclass
class _Option:
    right: bool
    lines: list[str]
    mark: Mark
    indent: int


@dataclass
class _Block:
    """A question while it is read; lines are as they were written."""

    mark: Mark
    headed: bool
    text: list[str] = field(default_factory=list)
    options: list[_Option] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    fields_from: int = 0
    quotes: list[str] = field(default_factory=list)
    quote_mark: Mark = (1, 1)
    media: tuple[str, str, Mark] | None = None
    stage: str = "text"

    @property
    def takes_numbers(self) -> bool:
        """Whether a numbered list is its options: it stands below `kind: order`."""
        ordered = any(re.fullmatch(r"kind: *order *", line) for line in self.fields)
        return ordered and self.stage in ("fields", "options")

    @property
    def is_text(self) -> bool:
        """Whether there is nothing but text."""
        return self.stage == "text" and self.media is None


def read(source: Source) -> Draft:
    """A draft of Markdown text.

    Raises:
        Unreadable: front matter or fields that are not valid YAML.
    """
    return _Reader(source).read()


class _Reader:
    """One walk over the lines of a file."""

    def __init__(self, source: Source) -> None:
        self._lines = source.plain.split("\n")
        self._draft = Draft({"questions": []}, {(): (1, 1)}, text=source.text)
        self._fallback = source.title
        self._block: _Block | None = None
        #: The first line with text from the place on where it was last asked for.
        self._filled = -1
        #: Fences that no line closes, from the place on where one was looked for.
        self._open_fences: set[tuple[str, int]] = set()
        self._headings = any(
            found is not None and found.group(1) != "#"
            for found in map(HEADING.fullmatch, self._lines)
        )

    def read(self) -> Draft:
        """The draft of all lines."""
        number = self._front_matter()
        while number < len(self._lines):
            number = self._line(number)
        self._finish()
        document = self._draft.document
        title = document.pop("title", self._fallback)
        self._draft.document = {"title": title, **document}
        return self._draft

    def _front_matter(self) -> int:
        """Read the front matter, if there is some; gives the number of the line after it."""
        comments = _LEADING_COMMENTS.match("\n".join(self._lines))
        start = comments.group().count("\n") if comments else 0
        if self._lines[start].rstrip() != "---":
            return 0
        below = enumerate(self._lines[start + 1 :], start + 1)
        end = next((n for n, line in below if line.rstrip() == "---"), None)
        if end is None:
            message = "the front matter is never closed by a line ---"
            raise Unreadable(problem_at((start + 1, 1), message))
        text = "\n".join(self._lines[start + 1 : end])
        if not re.sub(r"(?m)#.*$", "", text).strip():
            return end + 1
        located = read_yaml(text, start + 2)
        if not isinstance(located.value, dict):
            message = "the front matter holds fields of the quiz"
            raise Unreadable(problem_at((start + 2, 1), message))
        if "questions" in located.value:
            place = located.find(("questions",))
            raise Unreadable(problem_at(place, "questions stand below the front matter"))
        self._draft.document = {**located.value, "questions": []}
        self._draft.marks.update(located.marks)
        return end + 1

    def _line(self, number: int) -> int:
        """Take in a line, and those that belong to it; gives the number of the next one."""
        line = self._lines[number]
        block = self._block
        mark = (number + 1, len(line) - len(line.lstrip(" ")) + 1)
        if block is not None and block.stage == "options" and self._continues(block, number):
            block.options[-1].lines.append(line)
            return number + 1
        if not line.strip(" \t"):
            if block is not None and block.stage == "text":
                block.text.append(line)
            return number + 1
        if COMMENT.match(line):
            return self._comment(number)
        heading = HEADING.fullmatch(line)
        if heading is not None:
            self._heading(len(heading.group(1)), heading_text(heading.group(2) or ""), mark)
        elif RULE.fullmatch(line):
            self._finish()
        elif not self._part(block, line, mark):
            return self._text(number, mark)
        return number + 1

    def _continues(self, block: _Block, number: int) -> bool:
        """Whether a line goes on with the last option: it, or the next with text, is indented."""
        if self._filled < number:
            self._filled = number
            while self._filled < len(self._lines) and not self._lines[self._filled].strip(" \t"):
                self._filled += 1
        depth = block.options[-1].indent + 2
        end = self._filled == len(self._lines)
        return not end and self._lines[self._filled].startswith((" " * depth, "\t"))

    def _comment(self, number: int) -> int:
        start = self._lines[number].index("<!--") + 4
        for end in range(number, len(self._lines)):
            closing = self._lines[end].find("-->", start if end == number else 0)
            if closing != -1:
                rest = self._lines[end][closing + 3 :]
                if rest.strip():
                    self._draft.notes.problem("text behind a comment", (end + 1, closing + 4))
                return end + 1
        raise Unreadable(problem_at((number + 1, 1), "this comment is never closed by -->"))

    def _heading(self, level: int, text: str, mark: Mark) -> None:
        self._finish()
        if level > 1:
            self._block = _Block(mark, headed=True, text=[text])
        elif "title" not in self._draft.document and not self._draft.document["questions"]:
            self._draft.document["title"] = resolved(text)
            self._draft.marks[("title",)] = mark
        elif self._draft.document.get("title") != resolved(text):
            self._draft.notes.add("headings of sections are left out", mark)

    def _part(self, block: _Block | None, line: str, mark: Mark) -> bool:
        """Take in a line that is a part of a question with a form of its own."""
        task, quote, image = TASK.fullmatch(line), QUOTE.fullmatch(line), IMAGE.fullmatch(line)
        numbered = NUMBERED.fullmatch(line) if block is not None and block.takes_numbers else None
        if FIELD.fullmatch(line) is None and not (task or quote or image or numbered):
            return False
        if block is None:
            self._draft.notes.problem("this belongs to a question, and there is none yet", mark)
        elif task is not None:
            right = task.group(2) in "xX"
            text = (task.group(3) or "").rstrip(" \t")
            block.options.append(_Option(right, [text], mark, len(task.group(1))))
            block.stage = "options"
        elif numbered is not None:
            text = numbered.group(2).rstrip(" \t")
            block.options.append(_Option(False, [text], mark, len(numbered.group(1))))
            block.stage = "options"
        elif quote is not None:
            if block.stage != "quote" and block.quotes:
                block.quotes.append("")
            if not block.quotes:
                block.quote_mark = mark
            block.quotes.append(quote.group(1).rstrip(" \t"))
            block.stage = "quote"
        elif image is not None:
            self._image(block, image, mark)
        else:
            self._field(block, line, mark)
        return True

    def _image(self, block: _Block, image: re.Match[str], mark: Mark) -> None:
        if block.media is not None:
            self._draft.notes.add("a second picture of a question is left out", mark)
            return
        group = 2 if image.group(2) is not None else 3
        place = (mark[0], image.start(group) + 1)
        block.media = resolved(image.group(group)), resolved(image.group(1)), place

    def _field(self, block: _Block, line: str, mark: Mark) -> None:
        if not block.fields:
            block.fields_from = mark[0]
        # Lines between fields become empty ones, so that places stay what they are.
        block.fields += [""] * (mark[0] - block.fields_from - len(block.fields))
        block.fields.append(line)
        block.stage = "fields"

    def _text(self, number: int, mark: Mark) -> int:
        line, block = self._lines[number], self._block
        if block is not None and block.stage == "fields" and line.startswith((" ", "\t")):
            self._field(block, line, mark)
            return number + 1
        if block is not None and block.stage == "options" and BULLET.fullmatch(line):
            message = "an option begins with “- [ ]”, or with “- [x]” if it is right"
            self._draft.notes.problem(message, mark)
            return number + 1
        if block is None or block.stage != "text":
            self._finish()
            block = self._block = _Block(mark, headed=False)
        fence = FENCE.fullmatch(line)
        end = self._closing(number, fence.group(1)) if fence else None
        if end is None:
            block.text.append(line)
            return number + 1
        block.text += [_FENCED + each for each in self._lines[number : end + 1]]
        return end + 1

    def _closing(self, number: int, fence: str) -> int | None:
        """The line that closes a fence, or None where none does."""
        if (fence[0], len(fence)) in self._open_fences:
            return None
        pattern = re.compile(rf" {{0,3}}{fence[0]}{{{len(fence)},}}[ \t]*")
        for end in range(number + 1, len(self._lines)):
            if pattern.fullmatch(self._lines[end]):
                return end
        self._open_fences.add((fence[0], len(fence)))
        return None

    def _finish(self) -> None:
        """Add the question that has been read."""
        block, self._block = self._block, None
        if block is None:
            return
        questions, document = self._draft.document["questions"], self._draft.document
        if block.is_text and not block.headed and self._headings and not questions:
            document.setdefault("description", _joined(block))
            self._draft.marks.setdefault(("description",), block.mark)
            return
        fields, marks = self._fields(block)
        ordered = fields.get("kind") == "order" and not block.options
        numbered = _numbered(block) if ordered else []
        question: dict[str, Any] = {"kind": fields.pop("kind", None), "text": _joined(block)}
        marks[("text",)] = block.mark
        if block.options or numbered:
            question["options"] = [
                option(_option_text(each), each.right) for each in block.options or numbered
            ]
            for index, each in enumerate(block.options or numbered):
                marks[("options", index)] = each.mark
            marks[("options",)] = marks[("options", 0)]
        if block.media is not None:
            media, alt, marks[("media",)] = block.media
            question |= {"media": media, "alt": alt or None}
        if block.quotes:
            question["explanation"] = "\n".join(map(resolved, block.quotes)).strip()
            marks[("explanation",)] = block.quote_mark
        for name in question.keys() & fields.keys():
            message = f"{name!r} is given twice: as a field and in another form"
            self._draft.notes.problem(message, marks.get((name,), block.mark))
        self._draft.add({**question, **fields}, block.mark, marks)

    def _fields(self, block: _Block) -> tuple[dict[str, Any], dict[Path, Mark]]:
        """The fields of a question with their places."""
        if not block.fields:
            return {}, {}
        located = read_yaml("\n".join(block.fields), block.fields_from)
        value = located.value
        assert isinstance(value, dict)
        return dict(value), {path: mark for path, mark in located.marks.items() if path}


def _joined(block: _Block) -> str:
    """The text of a question: heading and body, or paragraphs."""
    lines = list(block.text)
    if block.headed and len(lines) > 1 and not lines[1].strip(" \t"):
        del lines[1]
    while lines and not lines[-1].strip(" \t"):
        lines.pop()
    shown = (line[1:] if line.startswith(_FENCED) else resolved(line) for line in lines)
    return "\n".join(shown)


def _numbered(block: _Block) -> list[_Option]:
    """Take the numbered list at the end of a question's text away; gives its items."""
    start = len(block.text)
    for index in range(len(block.text) - 1, 0 if block.headed else -1, -1):
        line = block.text[index]
        if NUMBERED.fullmatch(line):
            start = index
        elif line.strip(" \t") and not line.startswith("  "):
            break
    items: list[_Option] = []
    for index, line in enumerate(block.text[start:], start):
        found = NUMBERED.fullmatch(line)
        if found is not None:
            place = (block.mark[0] + index, len(found.group(1)) + 1)
            text = found.group(2).rstrip(" \t")
            items.append(_Option(False, [text], place, len(found.group(1))))
        elif items:
            items[-1].lines.append(line)
    del block.text[start:]
    return items


def _option_text(item: _Option) -> str:
    """The text of an option: further lines lose the indentation that they need."""
    depth = item.indent + 6
    first, *rest = item.lines
    while rest and not rest[-1].strip(" \t"):
        rest.pop()
    shown = [re.sub(rf"\A(?: {{1,{depth}}}|\t)", "", line) for line in rest]
    return "\n".join(map(resolved, [first, *shown]))
