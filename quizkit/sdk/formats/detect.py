"""Which format a file has, from what is in it.

Containers have signatures. Text is tried from the most particular format to the least: each
test looks for what only that format has, and what nothing claims is taken for YAML, whose
reader then says where it stops making sense. A file's name decides only between formats
that the content cannot tell apart.
"""

from __future__ import annotations

import re
from typing import Final

from quizkit.sdk.formats.json_reader import looks_like_json
from quizkit.sdk.formats.source import Source, Unreadable, problem_at

_OFFICE: Final = "an old or password-protected Office file; save it as .xlsx without a password"
_FOREIGN: Final = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OFFICE),
    (b"%PDF-", "a PDF; quizzes cannot be read from it"),
    (b"\x89PNG", "a picture; quizzes cannot be read from it"),
    (b"\xff\xd8\xff", "a picture; quizzes cannot be read from it"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive; unpack it first"),
)
_FRONT_MATTER: Final = re.compile(r"\A---[ \t]*\n(?:.*\n)*?---[ \t]*(?:\n|\Z)")
_TASK: Final = re.compile(r"^ {0,3}[-*+] +\[[ xX]\] +\S", re.MULTILINE)
_NATIVE: Final = re.compile(
    r"""^(?:\{[ \t]*)?["']?(?:title|questions|description|scoring|feedback|attribution)["']?"""
    r"""[ \t]*:(?:\s|$)""",
    re.MULTILINE,
)
_AIKEN: Final = re.compile(r"^[ \t]*ANSWER[ \t]*:[ \t]*[A-Z]\b", re.MULTILINE)
_AIKEN_OPTION: Final = re.compile(r"^[ \t]*[A-Z][.)]", re.MULTILINE)
_GIFT: Final = re.compile(r"^[ \t]*::.*?::|^[ \t]*\$CATEGORY:", re.MULTILINE)
_GIFT_ANSWERS: Final = re.compile(
    r"(?<!\\)\{\s*(?:[=~]|#\s*[-=%.\d]|(?:T|F|TRUE|FALSE)\s*[#}])", re.IGNORECASE
)
_GIFT_MARKUP: Final = re.compile(r"\s*+\[(?:html|moodle|plain|markdown)\]")
_COMMENTS: Final = re.compile(r"^[ \t]*//.*$", re.MULTILINE)
_MARKDOWN: Final = (".md", ".markdown")
_CONTAINERS: Final = (".xlsx", ".zip", ".cqa")
_BY_ENDING: Final = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".gift": "gift",
    ".csv": "csv",
    ".tsv": "csv",
    ".json": "json",
}


def detect(source: Source) -> str:
    """The name of the format of a file.

    Raises:
        Unreadable: it is none of ours, or cannot be looked at.
    """
    content = source.content
    for signature, what in _FOREIGN:
        if content.startswith(signature):
            raise Unreadable(problem_at((1, 1), f"this is {what}"))
    if content.startswith(b"PK"):
        return _archive(source)
    if content.startswith(b"\x1f\x8b"):
        return "cqa"
    ending = re.search(r"\.[a-z]+\Z", source.name.lower())
    named = _BY_ENDING.get(ending.group()) if ending else None
    # Markdown may begin with a comment, and a file of that name with any tag of HTML.
    text = _past_comments(source.plain)
    if named != "markdown" and (
        text.lstrip().startswith("<") or source.plain.lstrip().startswith("<?")
    ):
        return _xml(text)
    found = _text(source, text) or named
    if found is None and ending and ending.group() in _CONTAINERS:
        message = f"this is no {ending.group()} file, although its name says so"
        raise Unreadable(problem_at((1, 1), message))
    return found or "yaml"


def _archive(source: Source) -> str:
    from quizkit.sdk.formats.archive import Archive

    names = Archive(source.content).names
    if "xl/workbook.xml" in names:
        return layout(source)
    if any(name.rpartition("/")[2] == "imsmanifest.xml" for name in names):
        return "qti"
    what = "a zip archive without a quiz in it: neither a spreadsheet nor a QTI package"
    if "word/document.xml" in names:
        what = "a Word document; quizzes cannot be read from it"
    elif "mimetype" in names and "content.xml" in names:
        what = "an OpenDocument file; save it as .xlsx"
    raise Unreadable(problem_at((1, 1), f"this is {what}"))


def _xml(text: str) -> str:
    root = re.search(r"<(?![?!])(?:[\w.-]+:)?([\w.-]+)", text)
    name = root.group(1) if root else ""
    if name == "quiz":
        return "moodle"
    if name == "assessmentItem":
        return "qti"
    what = f"XML of a kind that is not known here (<{name[:40]}>)"
    if name == "questestinterop":
        what = "QTI 1.2; export it as QTI 2.1"
    elif name.startswith("qti-"):
        what = "QTI 3; export it as QTI 2.1"
    elif name.lower() == "html":
        what = "a web page, not a quiz file"
    elif name in ("assessmentTest", "manifest"):
        what = "a part of a QTI package; give the whole zip archive"
    raise Unreadable(problem_at((1, 1), f"this is {what}"))


def _past_comments(text: str) -> str:
    """XML from its first element or declaration on: licences in comments hold brackets."""
    start = 0
    while (opened := re.compile(r"\s*+<(?:\?|!--)").match(text, start)) is not None:
        closing = "?>" if opened.group().endswith("?") else "-->"
        end = text.find(closing, opened.end())
        if end == -1:
            break
        start = end + len(closing)
    return text[start:].lstrip() if start else text


def _text(source: Source, text: str) -> str | None:
    if looks_like_json(text) and not _GIFT_MARKUP.match(text):
        return _json(source)
    front = _FRONT_MATTER.match(text)
    body = text[front.end() :] if front else text
    native = _NATIVE.search(body) is not None
    headed = front is not None and re.search(r"^#{1,6} ", body, re.MULTILINE) is not None
    # With front matter, YAML would be two documents, which no quiz is.
    if headed or (not native and _TASK.search(body)):
        return "markdown"
    if native or (front and not body.strip()):
        return "yaml"
    if _AIKEN.search(text) and _AIKEN_OPTION.search(text):
        return "aiken"
    # Braces are everywhere in code and formulas, and comments of GIFT may hold anything.
    without_comments = _COMMENTS.sub("", text)
    if _GIFT.search(without_comments):
        return "gift"
    if _GIFT_ANSWERS.search(without_comments) and not source.name.lower().endswith(_MARKDOWN):
        return "gift"
    if source.columns:
        return "csv"
    from quizkit.sdk.formats.delimited import has_header

    return layout(source) if has_header(text) else None


def _json(source: Source) -> str:
    """Native JSON or a response of Open Trivia DB, by the fields near its beginning."""
    from quizkit.sdk.formats.opentdb import is_opentdb

    return "opentdb" if is_opentdb(source.json.value) else "json"


def layout(source: Source) -> str:
    """Whose table it is: by the words of its header."""
    from quizkit.sdk.formats.layouts import known_layout

    return "csv" if source.columns else known_layout(source.grid) or "csv"
