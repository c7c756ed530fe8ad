"""The table of formats."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from quizkit.sdk.errors import Misuse
from quizkit.sdk.formats.catalogue import FORMATS, format_named
from quizkit.sdk.formats.draft import Notes
from quizkit.sdk.formats.source import Source


@pytest.mark.parametrize("name", FORMATS)
def test_readers_and_writers_are_there(name: str) -> None:
    """Every name in the table leads to a function."""
    form = FORMATS[name]
    assert form.name == name
    for function in filter(None, (form.reading, form.writing)):
        module, _, attribute = function.partition(":")
        assert callable(getattr(import_module(f"quizkit.sdk.formats.{module}"), attribute))


def test_names_as_people_type_them() -> None:
    """In any case; what there is not is told with what there is."""
    assert format_named(" GIFT ").name == "gift"
    with pytest.raises(Misuse) as caught:
        format_named("pdf")
    assert caught.value.hint is not None
    assert "opentdb" in caught.value.hint
    with pytest.raises(Misuse, match="not written as qti"):
        FORMATS["qti"].write({}, Notes())


def test_a_guess_is_noted() -> None:
    """What was guessed about the encoding stands among the notes."""
    draft = FORMATS["aiken"].read(Source("Grüße?\nA) x\nB) y\nANSWER: A".encode("cp1252")))
    assert "Windows-1252" in draft.notes.warnings[0].message
    assert draft.format == "aiken"


def test_the_table_costs_no_spreadsheet() -> None:
    """Reading a native quiz loads neither openpyxl nor an XML parser."""
    program = (
        "import sys; from quizkit.sdk.formats import load; "
        "load(b'title: T\\nquestions: [{text: q, options: [x, y], correct: a}]'); "
        "print(sorted({'openpyxl', 'defusedxml', 'boto3'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
