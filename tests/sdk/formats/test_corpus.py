"""Files in the shapes that other tools give them, each with what it has to become.

The files in `corpus/` are ours, written by hand after what Moodle, Kahoot, spreadsheets and
editors write; `NAME.expected.json` says the native document and every note.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quizkit.sdk.formats.load import open_source, read

CORPUS = Path(__file__).parent / "corpus"
FILES = sorted(path for path in CORPUS.iterdir() if not path.name.endswith(".expected.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_question_comes_out_right(path: Path) -> None:
    """A file gives exactly its document, its media, and a note for all that is left out."""
    expected = json.loads((CORPUS / f"{path.name}.expected.json").read_text("utf-8"))
    draft = read(open_source(path))
    assert draft.format == expected["format"]
    assert draft.document == expected["document"]
    assert [str(note) for note in draft.notes.warnings] == expected["warnings"]
    assert {name: len(data) for name, data in draft.media.items()} == expected.get("media", {})
    assert draft.notes.problems == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_part_has_a_place_in_the_file(path: Path) -> None:
    """Marks point into the file, and questions follow one another."""
    source = open_source(path)
    draft = read(source)
    lines = source.plain.split("\n")
    for line, column in draft.marks.values():
        assert 1 <= line <= len(lines)
        assert 1 <= column <= len(lines[line - 1]) + 1
    places = [draft.marks[("questions", n)] for n in range(len(draft.document["questions"]))]
    assert places == sorted(places)
