"""The page about formats: each example is a quiz of its format, each format is on the page."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from quizkit.core.kinds import KINDS
from quizkit.sdk.formats import FORMATS, load, schema
from quizkit.sdk.formats.advice import PHONE_OPTION
from quizkit.sdk.formats.layouts import known_layout
from quizkit.sdk.formats.load import MOST_PROBLEMS, open_source
from quizkit.sdk.formats.source import MAX_BYTES, MAX_CONTAINER
from quizkit.sdk.formats.xlsx import MAX_XML
from tests.sdk.formats.workbooks import workbook

PAGE = (Path(__file__).parents[3] / "docs" / "formats.md").read_text("utf-8")
EXAMPLES = re.findall(r"```(yaml|json|markdown|gift|xml|aiken|csv)\n(.*?)```\n", PAGE, re.DOTALL)
AUSTRALIA = "What is the capital of Australia?"
PERU = "What is the capital of Peru?"
LARGER = "Canberra is larger than Sydney."
NORTH = ("From north to south?", "order", ["a", "b"])

#: What each example asks, in the order of the page: text, kind, key.
ASKED: list[tuple[str, list[tuple[str, str, list[str]]]]] = [
    ("yaml", [(AUSTRALIA, "choice", ["b"])]),
    (
        "yaml",
        [
            ("When was Canberra founded?", "number", ["1913"]),
            ("Capital of Peru?", "text", ["Lima", "Lima City"]),
            ("From north to south?", "order", ["a", "b", "c"]),
        ],
    ),
    ("markdown", [(AUSTRALIA, "choice", ["b"]), NORTH]),
    (
        "gift",
        [
            (AUSTRALIA, "choice", ["b"]),
            (LARGER, "boolean", ["b"]),
            ("Which lie in Australia?", "multiple", ["a", "b"]),
        ],
    ),
    ("moodle", [(AUSTRALIA, "choice", ["b"])]),
    ("aiken", [(AUSTRALIA, "choice", ["b"])]),
    ("qti", [(AUSTRALIA, "choice", ["b"])]),
    (
        "csv",
        [(AUSTRALIA, "choice", ["b"]), ("Which lie in Australia?", "multiple", ["a", "b"])],
    ),
    ("csv", [(AUSTRALIA, "choice", ["b"])]),
    ("kahoot", [(AUSTRALIA, "choice", ["b"]), (PERU, "choice", ["a"])]),
    (
        "quizizz",
        [
            (AUSTRALIA, "choice", ["b"]),
            ("Which lie in Australia?", "multiple", ["a", "b"]),
            ("Capital of Peru?", "text", ["Lima", "Lima City"]),
            ("Where shall we meet?", "poll", []),
        ],
    ),
    ("classquiz", [(AUSTRALIA, "choice", ["b"]), (PERU, "choice", ["a"])]),
    ("opentdb", [(PERU, "choice", ["Lima"])]),
]


def mapped() -> dict[str, tuple[str, ...]]:
    """The columns that the page's `--map` names."""
    found: dict[str, tuple[str, ...]] = {}
    for given in re.findall(r'--map "([^"]+)"', PAGE):
        for pair in given.split(","):
            field, _, column = pair.partition("=")
            found[field] = (*found.get(field, ()), column)
    return found


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_examples_are_quizzes(number: int) -> None:
    """Each asks what it says, with the right key, and nothing is left out but what is said."""
    _, example = EXAMPLES[number]
    form, asked = ASKED[number]
    columns = mapped() if "Pregunta" in example else None
    loaded = load(open_source(example.encode(), "Capitals.txt", columns))
    assert loaded.format == form
    found: list[Any] = [
        (each.text, each.kind, list(each.correct)) for each in loaded.quiz.questions
    ]
    if form == "opentdb":  # whose options are mixed
        [question] = loaded.quiz.questions
        right = [option.text for option in question.options if option.correct]
        found = [(question.text, question.kind, right)]
    assert found == asked
    assert not [note for note in loaded.warnings if "difficulty" not in note.message]


def test_every_example_is_expected() -> None:
    """None is forgotten here, and every format has one: JSON has YAML's, an archive a recipe."""
    assert len(EXAMPLES) == len(ASKED)
    assert {form for form, _ in ASKED} | {"json", "cqa"} == set(FORMATS)


def test_the_recipe_makes_an_archive(tmp_path: Path) -> None:
    """Its commands, run as they stand, give a `.cqa` with the quiz that they show."""
    [recipe] = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    subprocess.run(["/bin/sh", "-e", "-c", recipe], cwd=tmp_path, check=True)
    loaded = load(tmp_path / "capitals.cqa")
    assert (loaded.format, loaded.quiz.title, loaded.warnings) == ("cqa", "Capitals", ())
    assert [(each.text, each.correct) for each in loaded.quiz.questions] == [(AUSTRALIA, ("b",))]


def test_native_examples_are_valid_by_the_schema() -> None:
    """An editor marks nothing in them."""
    for (language, example), (form, _) in zip(EXAMPLES, ASKED, strict=True):
        if language == "yaml":
            assert form == "yaml"
            Draft202012Validator(schema()).validate(load(example.encode()).document)


@pytest.mark.parametrize("name", ["Kahoot", "Quizizz", "ClassQuiz"])
def test_headers_of_spreadsheets(name: str) -> None:
    """The headers on the page are those by which the sheets are known."""
    found = re.search(rf"^{name} +row (\d+): +(.*)$", PAGE, re.MULTILINE)
    assert found is not None
    row, shown = int(found.group(1)), [each.strip() for each in found.group(2).split("|")]
    names = {"Answer 1": ["Answer 1", "Answer 2"], "1st Answer": ["1st Answer", "2nd Answer"]}
    cells = [cell for each in shown if each != "…" for cell in names.get(each, [each])]
    grid = open_source(workbook({row: cells, row + 1: ["Q?", "x", "y"]})).grid
    assert known_layout(grid) == name.lower()


def test_every_format_is_on_the_page() -> None:
    """In the table, with whether quizzes are written in it."""
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|.*\| *(yes)? *\|$", PAGE, re.MULTILINE)
    listed = {name: bool(yes) for names, yes in rows for name in re.findall(r"`(\w+)`", names)}
    known = {name: form.writing is not None for name, form in FORMATS.items()}
    assert {name: listed[name] for name in known} == known


def test_every_kind_and_field_is_on_the_page() -> None:
    """The tables of the native format name all that the schema does."""
    named = set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| `.*$", PAGE, re.MULTILINE))))
    published = schema()
    question = published["$defs"]["question"]["properties"]
    assert set(KINDS) | set(published["properties"]) <= named
    assert all(f"`{name}" in PAGE for name in question)


def test_figures_are_those_of_the_code() -> None:
    """Limits are told as they are."""
    assert f"more than {PHONE_OPTION} characters" in PAGE
    assert f"over {MAX_BYTES // 1_000_000} MB, other files over {MAX_CONTAINER >> 20} MB" in PAGE
    assert f"more than {MAX_XML >> 20} MB of XML" in PAGE
    assert MOST_PROBLEMS == 1_000
    assert "the first thousand" in PAGE
