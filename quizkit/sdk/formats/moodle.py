"""What Moodle's two formats, GIFT and XML, have in common: graded answers and text formats.

Moodle gives each answer a share of the points, in percent. Ours are right or wrong, so shares
are read as their authors mean them: where one answer may be chosen the full one is right;
where several may, all that give anything are, and partial credit is `balanced`, unless a wrong
one takes everything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from quizkit.sdk.formats.draft import Notes, option
from quizkit.sdk.formats.html_text import Words, looks_like_html, noted
from quizkit.sdk.formats.source import Mark

#: Moodle's names of text formats in GIFT; XML has more words for the same.
FORMATS: Final = ("html", "moodle", "plain", "markdown")
#: Moodle rounds thirds to five digits.
_SLACK: Final = 0.01
_ANY: Final = "several answers are right: there any one of them is enough, here it takes them all"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its share of the points, −100 to 100."""

    text: str
    share: float
    feedback: str
    mark: Mark


def text_in(form: str, raw: str, notes: Notes, mark: Mark) -> Words:
    """Plain text of a text in one of Moodle's formats; what is lost is noted."""
    plain = form in ("plain", "plain_text", "markdown")
    if plain or (form != "html" and not looks_like_html(raw)):
        return Words(raw.strip())
    return noted(raw, notes, mark)


def choice(answers: Sequence[Answer], *, single: bool, notes: Notes, mark: Mark) -> dict[str, Any]:
    """The options of a multiple-choice question, and how they are graded."""
    full = [answer for answer in answers if answer.share >= 100 - _SLACK]
    some = [answer for answer in answers if answer.share > _SLACK]
    right = full if single and full else some
    if single:
        if not full and some:
            best = max(answer.share for answer in some)
            right = [answer for answer in some if answer.share >= best - _SLACK]
            notes.add("no answer gives all points; the best one is taken for right", mark)
        if len(right) < len(some):
            notes.add("an answer with a part of the points counts as wrong here", mark)
        if len(right) > 1:
            notes.add(_ANY, mark)
    least = min((answer.share for answer in right), default=101.0)
    marked = [(answer, answer.share >= least) for answer in answers]
    found: dict[str, Any] = {"options": [option(each.text, is_right) for each, is_right in marked]}
    if not single and len(right) == 1:
        found["kind"] = "multiple"
    elif not single and right:
        wrong = [answer.share for answer, is_right in marked if not is_right]
        shares = [answer.share for answer in right]
        if max(shares) - min(shares) > _SLACK:
            notes.add("answers with different shares of the points count the same here", mark)
        if any(share > -100 + _SLACK for share in wrong):
            found["grading"] = "balanced"
    return found


def accepted(answers: Sequence[Answer], notes: Notes, mark: Mark) -> dict[str, Any] | None:
    """The spellings of a short answer; None where none can be said without wildcards."""
    right = [answer for answer in answers if answer.share >= 100 - _SLACK]
    if len(right) < len([answer for answer in answers if answer.share > _SLACK]):
        notes.add("a spelling with a part of the points is not accepted here", mark)
    spellings = []
    for answer in right:
        # A star stands for any text, unless it is escaped.
        plain = answer.text.lstrip("* \t\n").rstrip("* \t\n")
        if plain.endswith("\\") and answer.text[len(plain) :].startswith("*"):
            plain += "*"
        wild = re.search(r"(?<!\\)\*", plain) is not None
        if plain != answer.text or wild:
            notes.add("* for any text is not known here: only the rest is accepted", answer.mark)
        if plain and not wild:
            spellings.append(plain.replace("\\*", "*"))
    return {"kind": "text", "accept": spellings} if spellings else None


def numbers(answers: Sequence[Answer]) -> Answer | None:
    """The one number that is right; None where there are several, or none."""
    full = [answer for answer in answers if answer.share >= 100 - _SLACK]
    return full[0] if len(full) == 1 else None


def boolean(*, right: bool) -> dict[str, Any]:
    """A question that is true or false."""
    return {"kind": "boolean", "correct": right}


def explained(general: str, answers: Sequence[Answer], notes: Notes, mark: Mark) -> str | None:
    """What is shown after the question: the general feedback, or that to the right answer."""
    said = [answer for answer in answers if answer.feedback]
    right = [answer for answer in said if answer.share >= 100 - _SLACK]
    if not general and len(right) == 1:
        general = right[0].feedback
        said.remove(right[0])
    if said:
        notes.add("feedback to single answers is left out", mark)
    return general or None


def title_of(categories: Mapping[str, Mark], notes: Notes) -> tuple[str, Mark] | None:
    """A title from the question bank's categories, where there is just one of them."""
    named = {path: mark for path, mark in categories.items() if _last(path)}
    if len(named) > 1:
        notes.add("the categories of the questions are left out", next(iter(named.values())))
        return None
    return next(((_last(path), mark) for path, mark in named.items()), None)


def _last(path: str) -> str:
    """The last part of a category's path; a slash inside of a name is doubled."""
    if re.fullmatch(r"\$\w+\$(/top)?/?", path):
        return ""
    name = re.split(r"(?<!/)/(?!/)", path)[-1].replace("//", "/").strip()
    return name[:200]
