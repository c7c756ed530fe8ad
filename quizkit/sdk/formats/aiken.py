"""Aiken: a question on one line, options `A.` or `A)`, and `ANSWER: B`.

Moodle's rules are a little looser than the format's description, and so are these: blank
lines may stand anywhere, the space after the letter may be missing, and what comes between a
finished question and the first option is its text, also over several lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from quizkit.sdk.formats.draft import Draft, option
from quizkit.sdk.formats.source import Mark, Path, Source

_OPTION: Final = re.compile(r"\s*+(?P<letter>[A-Z])[.)](?P<text>.*)")
_ANSWER: Final = re.compile(r"\s*+ANSWER\s*+:(?P<letters>.*)", re.IGNORECASE)


@dataclass
class _Open:
    """The question that is being read."""

    lines: list[str] = field(default_factory=list)
    mark: Mark = (1, 1)
    options: list[tuple[str, str, Mark]] = field(default_factory=list)


def read(source: Source) -> Draft:
    """A draft of Aiken text; its title is the file's name."""
    draft = Draft.titled(source.title)
    current = _Open()
    for number, line in enumerate(source.plain.split("\n"), 1):
        if not line.strip():
            continue
        mark = (number, len(line) - len(line.lstrip()) + 1)
        answer, choice = _ANSWER.match(line), _OPTION.match(line)
        if answer is not None and (current.options or not choice):
            _finish(draft, current, answer["letters"].strip(), mark)
            current = _Open()
        elif choice is not None and current.lines:
            current.options.append((choice["letter"], choice["text"].strip(), mark))
        else:
            if current.options:
                draft.notes.problem("this question has no line ANSWER:", current.mark)
                current = _Open()
            if not current.lines:
                current.mark = mark
            current.lines.append(line.strip())
    if current.lines:
        draft.notes.problem("this question has no line ANSWER:", current.mark)
    return draft


def _finish(draft: Draft, current: _Open, letters: str, mark: Mark) -> None:
    """Add the question that an answer ends."""
    if not current.lines:
        draft.notes.problem("this answer has no question before it", mark)
        return
    named = [letter for letter, _, _ in current.options]
    if len(set(named)) != len(named):
        draft.notes.problem("two options have the same letter", current.options[0][2])
    right = letters.rstrip(".)").upper()
    if right not in named:
        draft.notes.problem(
            f"the answer {letters[:20]!r} is none of the options' letters: one of "
            f"{', '.join(dict.fromkeys(named)) or 'none at all'}",
            mark,
        )
    marks: dict[Path, Mark] = {("options",): mark}
    for index, (_, _, place) in enumerate(current.options):
        marks[("options", index)] = place
    options = [option(text, letter == right) for letter, text, _ in current.options]
    draft.add({"text": "\n".join(current.lines), "options": options}, current.mark, marks)
