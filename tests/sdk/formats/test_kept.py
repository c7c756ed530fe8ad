"""Comments and order survive."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from quizkit.sdk.formats import load
from quizkit.sdk.formats.kept import kept

YAML = """\
# My quiz.
questions:          # order is mine
  - options: [x, {text: y, correct: true}]   # y!
    text: Q1?
    media: images/a.png   # a picture
  - {text: Q2?, options: [x, y], correct: a, media: "images/b c.png"}
  - {text: Q3?, options: [x, y], correct: a, media: 'images/a.png'}
  - {text: Q4?, options: [x, y], correct: a, media: https://example.org/x.png}
title: T
"""
MARKDOWN = """\
---
title: T   # the title
---
<!-- a remark -->
## Q1?
![A picture](images/a.png)
- [x] x
- [ ] y
"""


def stored(text: str, **media: str) -> dict[str, Any]:
    """The document of a text after its media have become keys."""
    document = deepcopy(load(text.encode(), "q").document)
    for question in document["questions"]:
        question["media"] = media.get(question["media"].replace("/", "_"), question["media"])
    return document


def test_yaml_is_given_back_as_it_was() -> None:
    """Byte for byte, where nothing has changed."""
    assert kept(YAML, "yaml", stored(YAML)) == YAML


def test_media_are_exchanged_in_place() -> None:
    """However they were quoted; everything else stays."""
    document = stored(YAML)
    keys = ["media/aaaaaaaaaaaaaaaa.png", "media/bbbbbbbbbbbbbbbb.png"]
    for index, key in ((0, keys[0]), (1, keys[1]), (2, keys[0])):
        document["questions"][index]["media"] = key
    expected = (
        YAML.replace('"images/b c.png"', keys[1])
        .replace("'images/a.png'", keys[0])
        .replace("images/a.png", keys[0])
    )
    assert kept(YAML, "yaml", document) == expected
    assert load(expected.encode()).document == document


def test_markdown_too() -> None:
    """The address of a picture is exchanged, the remark stays."""
    document = stored(MARKDOWN, **{"images_a.png": "media/cccccccccccccccc.png"})
    found = kept(MARKDOWN, "markdown", document)
    assert found == MARKDOWN.replace("images/a.png", "media/cccccccccccccccc.png")


@pytest.mark.parametrize(
    "text",
    [
        YAML.replace("Q1?", "Q9?"),
        YAML.replace("images/a.png", "|-\n      images/a.png", 1),
        "title: [",
        "title: T",
        "title: \ud800",
    ],
)
def test_a_text_that_says_something_else_is_not_used(text: str) -> None:
    """Better a file without comments than one that is wrong."""
    document = stored(YAML)
    document["questions"][0]["media"] = "media/aaaaaaaaaaaaaaaa.png"
    assert kept(text, "yaml", document) is None
