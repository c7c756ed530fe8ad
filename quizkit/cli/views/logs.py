"""Lines of the functions' logs as people read them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from quizkit.cli.render import clean, moment

if TYPE_CHECKING:
    from quizkit.sdk.log_lines import LogLine

_STYLES: Final[Mapping[str, str]] = {
    "debug": "dim",
    "warning": "yellow",
    "error": "red",
    "critical": "bold red",
}
_INDENT: Final = "    "


def log_view(line: LogLine, width: int) -> Iterator[tuple[str, str | None]]:
    """The texts to print, each with its style: one, and the traceback where there is one.

    Args:
        width: of the column for functions.
    """
    when = f"{moment(line.time)}.{line.time % 1_000:03d}"
    facts = dict(line.fields)
    if line.request_id is not None and line.request_id not in line.message:
        facts["request_id"] = line.request_id
    said = clean(" ".join(filter(None, (line.message, *map(_fact, facts, facts.values())))))
    # Whatever is not indented is the beginning of a line, and so nobody's message forges one.
    said = said.replace("\n", f"\n{_INDENT}")
    style = "dim" if line.routine else _STYLES.get(line.level)
    yield f"{when} {line.function:<{width}} {line.level:<8} {said}", style
    if line.trace:
        yield "\n".join(f"{_INDENT}{clean(text)}" for text in line.trace), "dim"


def _fact(name: str, value: Any) -> str:
    """`name=value`; only a value that is one word goes without quotes."""
    if isinstance(value, str) and value and not set(value) & set(' \n\t"='):
        return f"{name}={value}"
    return f"{name}={json.dumps(value, ensure_ascii=False, default=str)}"
