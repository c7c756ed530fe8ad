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


def choices(text: SearchStrategy[str], most: int = 5) -> SearchStrategy[list[Any]]:
    """Options, at least one of them right, in their shortest form."""
    pairs = st.lists(
        st.tuples(text, st.booleans()), min_size=2, max_size=most, unique_by=lambda pair: pair[0]
    ).filter(lambda found: any(right for _, right in found))
    return pairs.map(
        lambda found: [{"text": t, "correct": True} if right else t for t, right in found]
    )


@st.composite
def documents(
    draw: DrawFn,
    *,
    controls: bool = True,
    quiz: tuple[str, ...] = ("description", "attribution", "scoring", "feedback"),
    question: tuple[str, ...] = ("points", "time_limit", "explanation", "media", "source"),
    most_options: int = 5,
    title: Callable[[str], bool] = lambda text: True,
) -> dict[str, Any]:
    """Native documents that core takes.

    Args:
        quiz: fields that the quiz may have, besides its title.
        question: fields that questions may have.
        title: which titles may be.
    """
    text = texts(controls=controls)
    fields: dict[str, SearchStrategy[Any]] = {
        "points": st.integers(0, 1_000_000),
        "time_limit": st.integers(1, 3_600),
        "explanation": text,
        "source": text,
        "media": st.sampled_from(
            ["x.png", "a b/c(1).png", "https://example.org/x?a=1&b=2", "é.jpg"]
        ),
        "description": text,
        "attribution": text,
        "scoring": st.sampled_from(["speed", "flat"]),
        "feedback": st.sampled_from(["on_close", "immediate"]),
    }
    questions = st.fixed_dictionaries(
        {"text": text, "options": choices(text, most_options)},
        optional={name: fields[name] for name in question},
    )
    found: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {"title": text.filter(title), "questions": st.lists(questions, min_size=1, max_size=3)},
            optional={name: fields[name] for name in quiz},
        )
    )
    return found


def of_every_kind(
    *, kinds: tuple[str, ...], controls: bool, extra: tuple[str, ...] = ()
) -> SearchStrategy[dict[str, Any]]:
    """Questions of these kinds, also of those that core does not play yet.

    Args:
        extra: further fields that questions may have.
    """
    text = texts(controls=controls)
    numbers = st.integers(-(10**6), 10**6) | st.integers(-(10**5), 10**5).map(lambda n: n / 8)
    plain = st.lists(text, min_size=2, max_size=4, unique=True)
    several = st.lists(text, min_size=3, max_size=5, unique=True).map(
        lambda found: [*({"text": t, "correct": True} for t in found[:2]), *found[2:]]
    )
    body: dict[str, dict[str, SearchStrategy[Any]]] = {
        "balanced": {"options": several, "grading": st.just("balanced")},
        "boolean": {"kind": st.just("boolean"), "correct": st.booleans()},
        "text": {
            "kind": st.just("text"),
            "accept": st.lists(text, min_size=1, max_size=3, unique=True),
        },
        "number": {
            "kind": st.just("number"),
            "correct": numbers,
            "tolerance": st.integers(1, 1_000) | st.integers(1, 999).map(lambda n: n / 8),
        },
        "nearest": {
            "kind": st.just("number"),
            "correct": numbers,
            "nearest": st.just(True),
            "range": st.tuples(numbers, numbers).map(list),
        },
        "order": {"kind": st.just("order"), "options": plain},
        "poll": {"kind": st.just("poll"), "options": plain},
        "slide": {"kind": st.just("slide")},
    }
    fields: dict[str, SearchStrategy[Any]] = {
        "points": st.integers(0, 900) | st.sampled_from(["double", "none"]),
        "penalty": st.integers(1, 500),
        "alt": text,
        "media": st.just("x.png"),
        "explanation": text,
    }
    optional = {name: fields[name] for name in extra}
    return st.one_of(
        [st.fixed_dictionaries({"text": text, **body[kind]}, optional=optional) for kind in kinds]
    )
