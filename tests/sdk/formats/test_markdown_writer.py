"""Quizzes as Markdown."""

from __future__ import annotations

from quizkit.sdk.formats.draft import Notes
from quizkit.sdk.formats.markdown_writer import write


def test_a_readable_file() -> None:
    """What is written looks as somebody would have written it."""
    notes = Notes()
    text = write(
        {
            "title": "Capitals",
            "questions": [
                {
                    "text": "Capital of Peru?\nThink.",
                    "options": ["Quito", {"text": "Lima", "correct": True}, "- [x] two\n\nlines"],
                    "points": 1000,
                    "explanation": "Since\n\n1535.",
                    "media": "images/lima.jpg",
                    "alt": "The [old] town",
                    "source": 'Wikipedia: "Lima"',
                },
                {"kind": "order", "text": "Order", "options": ["1. a", "b"]},
                {"kind": "text", "text": "Type", "accept": ["a", "yes: no"]},
                {"kind": "boolean", "text": "C# or #", "correct": True, "media": "a b.png"},
            ],
        },
        notes,
    )
    assert text == (
        "---\ntitle: Capitals\n---\n\n"
        "## Capital of Peru?\n\nThink.\n\n![The \\[old\\] town](images/lima.jpg)\n\n"
        "- [ ] Quito\n- [x] Lima\n- [ ] - [x] two\n\n      lines\n\n"
        'points: 1000\nsource: "Wikipedia: \\"Lima\\""\n\n> Since\n>\n> 1535.\n\n'
        "## Order\n\n1. 1. a\n2. b\n\nkind: order\n\n"
        '## Type\n\nkind: text\naccept: ["a", "yes: no"]\n\n'
        "## C# or \\#\n\nkind: boolean\ncorrect: true\nmedia: a b.png\n"
    )
    assert notes.warnings == ()


def test_code_is_written_as_it_is() -> None:
    """Unless it holds what a file cannot."""
    code = "What?\n\n```py\n# x \\* y\n```\n# no code"
    question = {"text": code, "options": ["x", {"text": "y", "correct": True}]}
    text = write({"title": "T", "questions": [question]}, Notes())
    assert "\n\n```py\n# x \\* y\n```\n\\# no code\n" in text
    question["text"] = "What?\n```\na\rb\n```"
    text = write({"title": "T", "questions": [question]}, Notes())
    assert "\n\\```\na&#13;b\n\\```\n" in text
