"""One QTI item: its interaction, its key, its feedback."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from html import escape
from typing import Any, Final
from xml.etree.ElementTree import Element, tostring

from quizkit.sdk.formats.draft import Draft, option, tidy
from quizkit.sdk.formats.html_text import noted, words_of
from quizkit.sdk.formats.source import Mark, Path, Unreadable, problem_at
from quizkit.sdk.formats.table import number
from quizkit.sdk.formats.xml_tree import Tree, children, words

Medium = Callable[[str], str | None]

_CHOICES: Final = {"choiceInteraction": "simpleChoice", "orderInteraction": "simpleChoice"}
_GAP: Final = "_____"
#: What stands inside of texts and is not part of them; the prompt is taken by itself.
_ASIDE: Final = ("prompt", "feedbackInline", "feedbackBlock", "rubricBlock")
#: Elements whose text is not in the item.
_ELSEWHERE: Final = ("include", "printedVariable")
#: MathML whose parts would say something else side by side.
_MATHS: Final = {
    "msup": "{}<sup>{}</sup>",
    "msub": "{}<sub>{}</sub>",
    "mfrac": "({})/({})",
}
#: Attributes that say something about a text.
_KEPT: Final = ("src", "alt", "data", "type", "href")


def _no_file(address: str) -> str | None:
    """For items that stand alone: a picture lies beside them, if anywhere."""
    return address


class Item:
    """An item that is read into a draft.

    Args:
        tree: its XML.
        where: its path in a package, for messages.

    Raises:
        Unreadable: the XML is no item.
    """

    def __init__(self, tree: Tree, draft: Draft, *, where: str = "") -> None:
        self._tree, self._draft, self._notes = tree, draft, draft.notes
        self._root = tree.root
        self._where = f"{where}: " if where else ""
        if self._root.tag != "assessmentItem":
            message = f"this is no QTI 2 item but <{str(self._root.tag)[:40]}>"
            raise Unreadable(problem_at((1, 1), message))
        self._mark = tree.mark(self._root)

    @property
    def title(self) -> str:
        """What the item is called, or nothing."""
        return self._root.get("title", "").strip()[:200]

    def add(self, medium: Medium = _no_file) -> None:
        """Add the item's question, or say why it is none of ours.

        Args:
            medium: gives the name by which the document calls a file; None for none.
        """
        body = self._root.find("itemBody")
        if body is None:
            self._left_out("it has no text")
            return
        # QTI 3 writes the same in small letters, and some files mix the two.
        found = [node for node in body.iter() if re.search("(?:I|-i)nteraction$", str(node.tag))]
        if (
            self._root.get("adaptive") == "true"
            or self._root.find("templateDeclaration") is not None
        ):
            self._left_out("it changes while it is answered")
        elif len(found) > 1:
            self._left_out("it asks several things at once")
        elif not found and self._root.find("responseDeclaration/*") is not None:
            self._left_out("what it asks is not in the file")
        elif not found:
            self._finish({"kind": "slide"}, body, None, medium)
        elif (wrong := self._unusable(found[0])) is not None:
            self._left_out(wrong)
        else:
            fields = self._fields(found[0])
            if fields is None:
                self._left_out("its right answer is not said")
            elif not all(map(_shown, fields.get("options", ()))):
                self._left_out("some of its choices are pictures")
            else:
                self._finish(fields, body, found[0], medium)

    def _unusable(self, interaction: Element) -> str | None:
        """Why an interaction can be no question here, or None."""
        if interaction.tag not in (*_CHOICES, "textEntryInteraction"):
            return f"there is no such kind of question: {interaction.tag}"
        declaration = self._declaration(interaction)
        if declaration is None:
            return "its response is not declared"
        right = _values(declaration, "correctResponse")
        if interaction.tag == "orderInteraction":
            names = {each.get("identifier", "") for each in interaction.iter("simpleChoice")}
            if right and names != set(right):
                return "its right order does not name each of its choices"
        return None

    def _left_out(self, reason: str) -> None:
        self._notes.add(f"{self._where}the item is left out: {reason}", self._mark)

    def _fields(self, interaction: Element) -> dict[str, Any] | None:
        declaration = self._declaration(interaction)
        right = _values(declaration, "correctResponse")
        mapped = _mapped(declaration)
        if interaction.tag in _CHOICES:
            choices = list(interaction.iter(_CHOICES[interaction.tag]))
            texts = {each.get("identifier", ""): self._plain(each) for each in choices}
            if interaction.tag == "orderInteraction":
                named = [texts[each] for each in right if each in texts]
                return {"kind": "order", "options": named} if named else None
            return self._choice(interaction, texts, right, mapped)
        if declaration is not None and declaration.get("baseType") in ("integer", "float"):
            return self._number(interaction.get("responseIdentifier"), right or _best(mapped))
        return self._text_entry(interaction, right, mapped)

    def _text_entry(
        self, interaction: Element, right: list[str], mapped: dict[str, float]
    ) -> dict[str, Any] | None:
        spellings = list(dict.fromkeys([*right, *_best(mapped)]))
        if not spellings:
            return None
        place = self._tree.mark(interaction)
        known = {each.casefold() for each in spellings}
        if any(value > 0 and key.casefold() not in known for key, value in mapped.items()):
            self._notes.add("a spelling with a part of the points is not accepted here", place)
        folded = ("mapEntry", "stringMatch", "substring")
        if all(
            node.get("caseSensitive") != "false" for tag in folded for node in self._root.iter(tag)
        ):
            self._notes.add("capital letters do not count here", place)
        return {"kind": "text", "accept": spellings}

    def _number(self, response: str | None, right: list[str]) -> dict[str, Any] | None:
        if not right:
            return None
        correct = number(right[0])
        found: dict[str, Any] = {"kind": "number", "correct": correct}
        for node in self._compared(response, "equal"):
            low, _, high = node.get("tolerance", "0").strip().partition(" ")
            tolerance, mode = number(low), node.get("toleranceMode", "exact")
            if mode == "exact" or tolerance == 0:
                continue
            numbers = isinstance(tolerance, int | float) and isinstance(correct, int | float)
            if not numbers or number(high.strip() or low) != tolerance:
                message = "a tolerance that differs above and below is left out"
                self._notes.add(message, self._tree.mark(node))
            elif mode == "absolute":
                found["tolerance"] = tolerance
            else:
                share = Decimal(str(tolerance)) / 100
                found["tolerance"] = tidy(abs(Decimal(str(correct))) * share)
        for node in self._compared(response, "equalRounded"):
            self._notes.add("rounded numbers count as wrong here", self._tree.mark(node))
        return found

    def _compared(self, response: str | None, tag: str) -> list[Element]:
        """The comparisons of a response in its processing."""
        found = []
        for node in self._root.iter(tag):
            named = [each.get("identifier") for each in node.iter("variable")]
            if response in named or not named:
                found.append(node)
        return found

    def _choice(
        self,
        interaction: Element,
        texts: dict[str, str],
        right: list[str],
        mapped: dict[str, float],
    ) -> dict[str, Any]:
        place = self._tree.mark(interaction)
        right = right or [name for name, value in mapped.items() if value > 0]
        for name in right:
            if name not in texts:
                message = f"{self._where}the right answer {name[:40]!r} is none of the choices"
                self._notes.problem(message, place)
        if interaction.get("maxChoices", "1") == "1" and len(right) > 1:
            message = f"{self._where}{len(right)} answers are right, but only one may be chosen"
            self._notes.problem(message, place)
        marked = set(right)
        options = [option(text, name in marked) for name, text in texts.items()]
        if not right:
            self._notes.add("an item without a right answer is taken as a poll", place)
            return {"kind": "poll", "options": options}
        if interaction.get("shuffle") == "true":
            self._draft.document["shuffle"] = True
            if any(each.get("fixed") == "true" for each in interaction.iter("simpleChoice")):
                self._notes.add("choices with a fixed place are mixed with the others", place)
        fields: dict[str, Any] = {"options": options}
        if self._partial(interaction, set(texts), right, mapped) and len(right) > 1:
            fields["grading"] = "balanced"
        elif len(right) == 1 and interaction.get("maxChoices", "1") != "1":
            fields["kind"] = "multiple"
        return fields

    def _partial(
        self, interaction: Element, names: set[str], right: list[str], mapped: dict[str, float]
    ) -> bool:
        """Whether a part of the right choices gives a part of the points."""
        scored = self._root.find("responseProcessing")
        shown = "" if scored is None else tostring(scored, "unicode")
        if not mapped or re.search("map_?response", shown, re.IGNORECASE) is None:
            return False
        place, giving = self._tree.mark(interaction), {n for n, v in mapped.items() if v > 0}
        if not giving <= set(right):
            self._notes.add("a choice with a part of the points counts as wrong here", place)
        if len({mapped.get(name) for name in right}) > 1:
            message = "choices with different shares of the points count the same here"
            self._notes.add(message, place)
        missing = _unmapped(self._declaration(interaction))
        least = -sum(mapped.get(name, 0) for name in right)
        taken = [mapped.get(name, missing) for name in names - set(right)]
        # One wrong choice that takes everything makes it all or nothing.
        return not taken or any(value > least for value in taken)

    def _declaration(self, interaction: Element) -> Element | None:
        wanted = interaction.get("responseIdentifier")
        declared = children(self._root, "responseDeclaration")
        return next((each for each in declared if each.get("identifier") == wanted), None)

    def _finish(
        self, fields: dict[str, Any], body: Element, interaction: Element | None, medium: Medium
    ) -> None:
        gap = interaction is not None and interaction.tag == "textEntryInteraction"
        asked = _markup(body, interaction, _GAP if gap else "")
        if any(node.tag in _ASIDE[1:] for node in body.iter()):
            self._notes.add("feedback and instructions inside of texts are left out", self._mark)
        if any(node.tag in _ELSEWHERE for node in body.iter()):
            message = "text from another file, or worked out while answering, is left out"
            self._notes.add(message, self._mark)
        prompt = interaction.find("prompt") if interaction is not None else None
        asked += _markup(prompt) if prompt is not None else ""
        found = noted(asked, self._notes, self._mark)
        name, alt = None, ""
        for address, said in found.media:
            if name is not None:
                self._notes.add("a picture is left out: a question has one", self._mark)
                continue
            known = address if re.match(r"https?://", address) else medium(address)
            if known is None:
                reason = "not in the package, or of no kind that is known here"
                message = f"{self._where}the picture {address[:60]!r} is left out: {reason}"
                self._notes.add(message, self._mark)
            else:
                name, alt = known, said
        question = {
            "kind": fields.pop("kind", None),
            "text": found.text or self.title,
            **fields,
            "explanation": self._explanation(),
            "media": name,
            "alt": alt or None,
        }
        place = self._tree.mark(interaction if interaction is not None else body)
        marks: dict[Path, Mark] = {("text",): self._tree.mark(body), ("options",): place}
        choices = interaction.iter("simpleChoice") if interaction is not None else ()
        if fields.get("kind") != "order":
            for index, choice in enumerate(choices):
                marks[("options", index)] = self._tree.mark(choice)
        self._draft.add(question, self._mark, marks)

    def _explanation(self) -> str | None:
        """The one feedback that the item has, if it is one."""
        said = [self._plain(node) for node in children(self._root, "modalFeedback")]
        if len(said) > 1:
            self._notes.add("feedback is left out where there are several texts of it", self._mark)
        return said[0] or None if len(said) == 1 else None

    def _plain(self, node: Element) -> str:
        """An element's text; pictures in it are lost, feedback is not its text."""
        found = words_of(_markup(node))
        if found.media:
            self._notes.add("a picture in an answer is left out", self._tree.mark(node))
        return found.text


def _markup(node: Element, gap: Element | None = None, shown: str = "") -> str:
    """The HTML in an element, without what is not its text.

    Args:
        gap: an element inside of it, in whose place `shown` comes.
    """
    parts = [escape(node.text or "")]
    for child in node:
        if child is gap:
            parts.append(escape(shown))
        elif child.tag in _MATHS and len(child) == 2:
            first, second = (_markup(part) for part in child)
            parts.append(_MATHS[child.tag].format(first.strip(), second.strip()))
        elif child.tag not in _ASIDE:
            given = "".join(f' {name}="{escape(child.get(name, ""))}"' for name in _KEPT)
            parts.append(f"<{child.tag}{given}>{_markup(child, gap, shown)}</{child.tag}>")
        parts.append(escape(child.tail or ""))
    return "".join(parts)


def _shown(choice: str | dict[str, Any]) -> bool:
    return bool(choice if isinstance(choice, str) else choice["text"])


def _best(mapped: dict[str, float]) -> list[str]:
    """The answers that count most."""
    best = max(mapped.values(), default=0)
    return [key for key, value in mapped.items() if 0 < value == best]


def _values(declaration: Element | None, name: str) -> list[str]:
    """The values of a response declaration's part, such as its correct response."""
    part = declaration.find(name) if declaration is not None else None
    return [words(each).strip() for each in children(part, "value")] if part is not None else []


def _unmapped(declaration: Element | None) -> float:
    """What an answer counts that the mapping does not name."""
    part = declaration.find("mapping") if declaration is not None else None
    value = number(part.get("defaultValue", "0")) if part is not None else 0
    return float(value) if isinstance(value, int | float) else 0.0


def _mapped(declaration: Element | None) -> dict[str, float]:
    """What each answer counts, where the item says so."""
    part = declaration.find("mapping") if declaration is not None else None
    found = {}
    for each in children(part, "mapEntry") if part is not None else ():
        value = number(each.get("mappedValue", ""))
        if isinstance(value, int | float):
            found[each.get("mapKey", "")] = float(value)
    return found
