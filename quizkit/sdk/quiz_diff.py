"""What differs between two quizzes, for people as a diff and for programs question by question."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from typing import Any, Final, TypedDict

from quizkit.core.digest import digest
from quizkit.sdk.formats.write import write

Question = Mapping[str, Any]


class QuestionChange(TypedDict):
    """A question that differs.

    `change` is added, removed or changed; `before` and `after` are its nodes of the native
    document and the numbers count from 1, both None where there is none.
    """

    change: str
    number_before: int | None
    number_after: int | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class QuizDiff:
    """What differs.

    Attributes:
        fields: of the quiz itself, by name, that differ.
        questions: in the order of the quiz.
        text: a unified diff of the native YAML; empty where nothing differs.
    """

    fields: tuple[str, ...]
    questions: tuple[QuestionChange, ...]
    text: str

    @property
    def same(self) -> bool:
        """Whether both say the same."""
        return not self.fields and not self.questions


def quiz_diff(
    before: Mapping[str, Any], after: Mapping[str, Any], names: tuple[str, str]
) -> QuizDiff:
    """Compare two native documents.

    Args:
        names: what to call the two in the diff's first lines.
    """
    keys = sorted((set(before) | set(after)) - {"questions"})
    lines = unified_diff(_yaml(before), _yaml(after), *names, lineterm="")
    return QuizDiff(
        tuple(key for key in keys if before.get(key) != after.get(key)),
        tuple(_changes(before["questions"], after["questions"])),
        "".join(f"{line}\n" for line in lines),
    )


def _yaml(document: Mapping[str, Any]) -> list[str]:
    return write(document, "yaml").content.decode().splitlines()


#: What makes questions the same, the strictest first: all of one, then its text.
_KEYS: Final[tuple[Callable[[Question], str], ...]] = (digest, lambda node: str(node["text"]))

#: A question and its number.
_Numbered = tuple[int, Question]


def _changes(before: Sequence[Question], after: Sequence[Question]) -> Iterator[QuestionChange]:
    pairs = _paired(list(enumerate(before, 1)), list(enumerate(after, 1)), _KEYS)
    for old, new in pairs:
        if old is None or new is None or digest(old[1]) != digest(new[1]):
            yield {
                "change": "added" if old is None else "removed" if new is None else "changed",
                "number_before": old[0] if old else None,
                "number_after": new[0] if new else None,
                "before": dict(old[1]) if old else None,
                "after": dict(new[1]) if new else None,
            }


def _paired(
    before: Sequence[_Numbered],
    after: Sequence[_Numbered],
    keys: Sequence[Callable[[Question], str]],
) -> Iterator[tuple[_Numbered | None, _Numbered | None]]:
    """Questions side by side: those of one key, and between them one after the other."""
    if not keys or not before or not after:
        for place in range(max(len(before), len(after))):
            yield (
                before[place] if place < len(before) else None,
                after[place] if place < len(after) else None,
            )
        return
    key, *others = keys
    matcher = SequenceMatcher(
        None, [key(node) for _, node in before], [key(node) for _, node in after], autojunk=False
    )
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(before[i:j], after[k:m], strict=True)
        else:
            yield from _paired(before[i:j], after[k:m], others)
