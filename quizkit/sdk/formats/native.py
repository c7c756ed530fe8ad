"""The native formats: YAML, and JSON of the same shape, read and written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from io import StringIO
from typing import Any, Final

from quizkit.sdk.formats.draft import Draft, Notes
from quizkit.sdk.formats.source import Source
from quizkit.sdk.formats.yaml_reader import read_yaml

#: Characters that YAML takes for line ends, or that files should not hold as they are.
_UNSEEN: Final = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def from_yaml(source: Source) -> Draft:
    """A draft of a YAML file; its text is kept, for the comments in it."""
    located = read_yaml(source.text)
    return Draft(located.value, dict(located.marks), text=source.text)


def from_json(source: Source) -> Draft:
    """A draft of a JSON file."""
    located = source.json
    return Draft(located.value, dict(located.marks))


def to_yaml(document: Mapping[str, Any], notes: Notes) -> str:
    """A quiz as YAML, ready for `quiz create`."""
    return yaml_text(document)


def to_json(document: Mapping[str, Any], notes: Notes) -> str:
    """A quiz as JSON."""
    return json_text(document, indent=2) + "\n"


def json_text(value: object, indent: int | None = None) -> str:
    """Plain data as JSON that is YAML, too, and without characters that nobody sees."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def yaml_text(value: object, width: int = 100) -> str:
    """Plain data as YAML in block style, keys in their order."""
    from ruamel.yaml import YAML
    from ruamel.yaml.representer import SafeRepresenter

    class Representer(SafeRepresenter):
        """Writes text that a reader would change in quotes, numbers as they are shown."""

        def represent_str(self, data: Any) -> Any:
            style = '"' if _UNSEEN.search(data) else None
            return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)

        def represent_float(self, data: Any) -> Any:
            return self.represent_scalar("tag:yaml.org,2002:float", repr(data))

    Representer.add_representer(str, Representer.represent_str)
    Representer.add_representer(float, Representer.represent_float)
    writer = YAML(typ="safe", pure=True)
    writer.Representer = Representer
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.allow_unicode = True
    writer.width = width
    text = StringIO()
    writer.dump(value, text)
    return text.getvalue()
