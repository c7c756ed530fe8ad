"""Quizzes for property tests: everything that may be written, and mostly would not be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

#: Signs of all formats, and what readers are known to stumble over.
_SIGNS: Final = st.sampled_from(
    list("ab #-*+>[]()`~_:.1\\&;!<'\"|={}%/@,\n é日\u2028\x85\u3000🙂\ufeff")
)
_PIECES: Final = st.sampled_from(
    [
        "points: 3",
        "- [x] y",
        "## h",
        "```",
        "&#32;",
        "<!--",
        "---",
        "1. a",
        "> q",
        "![a](b)",
        "\n\n",
        "=1+1",
        "->",
        "%50%",
        "[html]",
        "<b>x</b>",
        "&amp;",
        "//",
        "::",
        "####",
        "\\n",
        "{=a}",
        "$CATEGORY: a",
        "'=",
        "1,2",
        "ANSWER: A",
        "title: x",
    ]
)
_ANY: Final = st.characters(codec="utf-8")
_TAME: Final = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")


def texts(*, controls: bool = True, limit: int = 200) -> SearchStrategy[str]:
    """Texts as core takes them: not blank, stripped.

    Args:
        controls: with characters that only the native formats hold.
    """
    letters = _SIGNS | _PIECES | (_ANY if controls else _TAME)
    made = st.lists(letters, min_size=1, max_size=10).map("".join).map(str.strip)
    return made.filter(lambda text: 0 < len(text) <= limit)


#: Kinds of questions, and two that are graded in another way.
KINDS: Final = (
    *("choice", "multiple", "balanced", "boolean", "text", "number", "nearest", "order", "poll"),
    "slide",
)
QUIZ: Final = (
    *("description", "attribution", "language", "tags", "scoring", "feedback", "streak_bonus"),
    "shuffle",
)
QUESTION: Final = (
    *("points", "penalty", "time_limit", "explanation", "media", "alt", "source", "fold"),
)
#: What polls and slides have no place for.
_UNSCORED: Final = {
    "poll": ("points", "penalty", "fold"),
    "slide": ("points", "penalty", "fold"),
    "text": (),
}


def questions(
    *,
    kinds: tuple[str, ...] = KINDS,
    controls: bool = True,
    fields: tuple[str, ...] = QUESTION,
    most_options: int = 5,
) -> SearchStrategy[dict[str, Any]]:
    """Questions that core takes.

    Args:
        kinds: some of `KINDS`.
        controls: with characters that only the native formats hold.
        fields: what questions may have, where their kind does.
    """
    text = texts(controls=controls)
    body, optional = _bodies(text, most_options), _fields(text)
    return st.one_of(
        [
            st.fixed_dictionaries(
                {"text": text, **body[kind]},
                optional={
                    name: optional[name]
                    for name in fields
                    if name not in _UNSCORED.get(kind, ("fold",))
                },
            )
            for kind in kinds
        ]
    )


def _bodies(
    text: SearchStrategy[str], most_options: int
) -> dict[str, dict[str, SearchStrategy[Any]]]:
    """What makes a question of each kind."""
    whole = st.integers(-(2**53) + 1, 2**53 - 1)
    exact = st.floats(-(2.0**52), 2.0**52, allow_subnormal=False)
    numbers = whole | st.integers(-(10**5), 10**5).map(lambda n: n / 8) | exact
    plain = st.lists(text, min_size=2, max_size=most_options, unique=True)
    several = st.tuples(plain, st.integers(1, 4)).map(
        lambda found: [
            _right(each) if place < found[1] else each for place, each in enumerate(found[0])
        ]
    )
    several = several.filter(lambda found: isinstance(found[1], dict))
    ends = st.lists(numbers, min_size=3, max_size=3, unique=True).map(sorted)
    return {
        "choice": {"options": plain.map(lambda found: [*found[:-1], _right(found[-1])])},
        "multiple": {"options": several},
        "balanced": {"options": several, "grading": st.just("balanced")},
        "boolean": {"kind": st.just("boolean"), "correct": st.booleans()},
        "text": {
            "kind": st.just("text"),
            "accept": st.lists(text, min_size=1, max_size=3, unique=True),
        },
        "number": {
            "kind": st.just("number"),
            "correct": numbers,
            "tolerance": st.integers(0, 1_000) | st.integers(1, 999).map(lambda n: n / 8),
        },
        "nearest": {
            "kind": st.just("number"),
            "nearest": st.just(True),
            "range": ends.map(lambda found: [found[0], found[2]]),
            "correct": st.just(0),
        },
        "order": {
            "kind": st.just("order"),
            "options": plain,
            "grading": st.sampled_from(["all", "balanced"]),
        },
        "poll": {"kind": st.just("poll"), "options": plain},
        "slide": {"kind": st.just("slide")},
    }


def _right(text: str) -> dict[str, Any]:
    return {"text": text, "correct": True}


def _fields(text: SearchStrategy[str]) -> dict[str, SearchStrategy[Any]]:
    return {
        "points": st.integers(0, 1_000_000) | st.sampled_from(["normal", "double", "none"]),
        "penalty": st.integers(1, 500),
        "time_limit": st.integers(1, 3_600),
        "explanation": text,
        "source": text,
        "alt": text,
        "fold": st.sampled_from(["case", "loose"]),
        "media": st.sampled_from(
            ["x.png", "a b/c(1).png", "https://example.org/x?a=1&b=2", "é.jpg"]
        ),
    }


@st.composite
def documents(
    draw: DrawFn,
    *,
    controls: bool = True,
    quiz: tuple[str, ...] = QUIZ,
    fields: tuple[str, ...] = QUESTION,
    kinds: tuple[str, ...] = KINDS,
    most_options: int = 5,
    title: Callable[[str], bool] = lambda text: True,
) -> dict[str, Any]:
    """Native documents that core takes.

    Args:
        controls, fields, kinds: as of `questions`.
        quiz: fields that the quiz may have, besides its title.
        title: which titles may be.
    """
    text = texts(controls=controls)
    known: dict[str, SearchStrategy[Any]] = {
        "description": text,
        "attribution": text,
        "language": st.sampled_from(["en", "pt-BR"]),
        "tags": st.lists(text, max_size=3),
        "scoring": st.sampled_from(["speed", "flat"]),
        "feedback": st.sampled_from(["on_close", "immediate"]),
        "streak_bonus": st.integers(0, 1_000),
        "shuffle": st.booleans(),
    }
    asked = questions(kinds=kinds, controls=controls, fields=fields, most_options=most_options)
    found: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {"title": text.filter(title), "questions": st.lists(asked, min_size=1, max_size=3)},
            optional={name: known[name] for name in quiz},
        )
    )
    for question in found["questions"]:
        if "range" in question:  # the right one lies between the ends
            low, high = question["range"]
            question["correct"] = draw(st.sampled_from([low, high]) | st.just((low + high) // 2))
    return found
