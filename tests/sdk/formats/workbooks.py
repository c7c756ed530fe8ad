"""Workbooks and packages as other programs write them, made of zip and XML by hand.

No spreadsheet library is involved, so that what reads them is not also what wrote them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final, Literal
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

Style = Literal["excel", "google", "inline"]

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOC: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PKG: Final = "http://schemas.openxmlformats.org/package/2006"
_SHARED: Final = "sharedStrings"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True)
class Formula:
    """A cell with a formula and the result that was stored with it."""

    text: str
    result: str = "0"


@dataclass(frozen=True)
class Shaped:
    """A number with a number format: 9 is percent, 14 a date."""

    value: float
    shape: int


@dataclass(frozen=True)
class Rich:
    """Text in several runs, as Excel writes it where a word is bold."""

    runs: tuple[str, ...]


Value = str | int | float | bool | Formula | Shaped | Rich | None


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A zip archive."""
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def workbook(
    rows: Mapping[int, Sequence[Value]],
    style: Style = "excel",
    *,
    sheets: Mapping[str, Mapping[int, Sequence[Value]]] | None = None,
    empty_rows: int = 0,
    extra: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """An .xlsx file.

    Args:
        rows: cells from column A on, by the number of the row.
        style: excel and google share strings, the second writes whole numbers as `20.0` and
            no size of the sheet; inline has the text in the cells.
        sheets: further sheets by their names.
        empty_rows: rows without content behind the last one, as templates have.
        extra: further files of the archive, or others in place of the usual ones.
    """
    strings: list[str] = []
    names = ["Sheet1", *(sheets or {})]
    files = {
        name: "".join(line for line in text.split("\n") if style != "inline" or _SHARED not in line)
        for name, text in _frame(names).items()
    }
    for number, cells in enumerate([rows, *(sheets or {}).values()], 1):
        files[f"xl/worksheets/sheet{number}.xml"] = _sheet(cells, style, strings, empty_rows)
    if style != "inline":
        files["xl/sharedStrings.xml"] = (
            f'{_HEAD}<sst xmlns="{_MAIN}" count="{len(strings)}" uniqueCount="{len(strings)}">'
            f"{''.join(strings)}</sst>"
        )
    return zipped({**files, **(extra or {})})


def _frame(names: Sequence[str]) -> dict[str, str]:
    sheets = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>'
        for n, name in enumerate(names, 1)
    )
    targets = "".join(
        f'<Relationship Id="rId{n}" Type="{_DOC}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
        for n in range(1, len(names) + 1)
    )
    return {
        "[Content_Types].xml": (
            f'{_HEAD}<Types xmlns="{_PKG}/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{parts}'
            f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
            '\n<Override PartName="/xl/sharedStrings.xml" '
            f'ContentType="{kind}.sharedStrings+xml"/>\n'
            "</Types>"
        ),
        "_rels/.rels": (
            f'{_HEAD}<Relationships xmlns="{_PKG}/relationships"><Relationship Id="rId1" '
            f'Type="{_DOC}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_DOC}">'
            f"<sheets>{sheets}</sheets></workbook>"
        ),
        "xl/_rels/workbook.xml.rels": (
            f'{_HEAD}<Relationships xmlns="{_PKG}/relationships">{targets}'
            f'<Relationship Id="rId98" Type="{_DOC}/styles" Target="styles.xml"/>'
            f'\n<Relationship Id="rId99" Type="{_DOC}/sharedStrings" Target="sharedStrings.xml"/>\n'
            "</Relationships>"
        ),
        "xl/styles.xml": (
            f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
            '<fonts count="1"><font><sz val="11"/></font></fonts>'
            '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
            '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
            '<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="9" applyNumberFormat="1"/>'
            '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
        ),
    }


def _sheet(
    rows: Mapping[int, Sequence[Value]], style: Style, strings: list[str], empty_rows: int
) -> str:
    shown = [
        f'<row r="{number}" ht="15.75" customHeight="1">'
        + "".join(
            _cell(value, f"{_letters(place)}{number}", style, strings)
            for place, value in enumerate(cells)
        )
        + "</row>"
        for number, cells in sorted(rows.items())
    ]
    last = max(rows, default=0)
    shown += [
        f'<row r="{number}" ht="15.75"><c r="A{number}" s="0"/></row>'
        for number in range(last + 1, last + 1 + empty_rows)
    ]
    # Some programs write a size that is not true; Google's writes none.
    size = "" if style == "google" else '<dimension ref="A1:B2"/>'
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}" xmlns:r="{_DOC}">{size}'
        f"<sheetData>{''.join(shown)}</sheetData></worksheet>"
    )


def _letters(place: int) -> str:
    return chr(ord("A") + place)


def _cell(value: Value, name: str, style: Style, strings: list[str]) -> str:
    if value is None:
        return f'<c r="{name}" s="0"/>'
    if isinstance(value, Formula):
        return f'<c r="{name}" t="str"><f>{escape(value.text)}</f><v>{escape(value.result)}</v></c>'
    if isinstance(value, Shaped):
        index = {9: 1, 14: 2}[value.shape]
        return f'<c r="{name}" s="{index}"><v>{value.value}</v></c>'
    if isinstance(value, bool):
        return f'<c r="{name}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        shown = float(value) if style == "google" else value
        return f'<c r="{name}" s="0"><v>{shown}</v></c>'
    if isinstance(value, Rich):
        runs = "".join(f'<r><t xml:space="preserve">{escape(run)}</t></r>' for run in value.runs)
        strings.append(f"<si>{runs}</si>")
    elif style == "inline":
        return f'<c r="{name}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    else:
        strings.append(f'<si><t xml:space="preserve">{escape(value)}</t></si>')
    return f'<c r="{name}" t="s"><v>{len(strings) - 1}</v></c>'


#: Kahoot's header as its template has it, en dash included.
KAHOOT: Final[Sequence[Value]] = (
    None,
    "Question - max 120 characters",
    "Answer 1 - max 75 characters",
    "Answer 2 - max 75 characters",
    "Answer 3 - max 75 characters",
    "Answer 4 - max 75 characters",
    "Time limit (sec) – 5, 10, 20, 30, 60, 90, 120, or 240 secs",
    "Correct answer(s) - choose at least one",
)


def kahoot(questions: Sequence[Sequence[Value]], style: Style = "excel") -> bytes:
    """A sheet in the shape of Kahoot's template: title, advice, header in row 8, lines for more."""
    rows: dict[int, Sequence[Value]] = {
        2: [None, "Quiz template"],
        3: [None, "Add questions, at least two answer alternatives, time limit and so on."],
        8: KAHOOT,
    }
    for number, cells in enumerate(questions, 1):
        rows[8 + number] = [number, *cells]
    for number in range(len(questions) + 1, 60):
        rows[8 + number] = [number]
    return workbook(rows, style, empty_rows=200)
