"""A synthesised template, read as plain JSON by the tests of the stack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ENVIRONMENT_KEYS = ("AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def text(value: Any) -> str:
    """An ARN or name as `Fn::Sub` text, whichever intrinsic function wrote it."""
    match value:
        case str():
            return value
        case {"Fn::Sub": str(template)}:
            return template
        case {"Ref": name}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"${{{name}.{attribute}}}"
        case {"Fn::Join": [glue, parts]}:
            return str(glue).join(text(part) for part in parts)
    raise AssertionError(f"unexpected expression {value!r}")


def as_list(value: Any) -> list[Any]:
    """Policies write one thing or a list of them."""
    return value if isinstance(value, list) else [value]


@dataclass(frozen=True)
class Template:
    """`document` is the parsed template, `directory` the whole cloud assembly."""

    directory: Path
    document: dict[str, Any]

    @classmethod
    def read(cls, directory: Path) -> Template:
        """The only stack's template of an assembly."""
        [path] = directory.glob("*.template.json")
        return cls(directory, json.loads(path.read_text()))

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """Whole resources by logical id."""
        resources: dict[str, dict[str, Any]] = self.document["Resources"]
        return resources

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Properties by logical id, of one type (`AWS::` left out)."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == f"AWS::{kind}"
        }

    def only(self, kind: str) -> dict[str, Any]:
        """Properties of the only resource of a type."""
        [properties] = self.of(kind).values()
        return properties

    def functions(self) -> dict[str, dict[str, Any]]:
        """Function properties by short name."""
        return {
            properties["FunctionName"].rsplit("-", 1)[-1]: properties
            for properties in self.of("Lambda::Function").values()
        }

    def allowed(self, function: str) -> set[tuple[str, str]]:
        """(action, resource) pairs that a function's role allows."""
        role = self.functions()[function]["Role"]["Fn::GetAtt"][0]
        return {
            (action, text(resource))
            for statement in self.statements(role)
            for action in as_list(statement["Action"])
            for resource in as_list(statement["Resource"])
        }

    def statements(self, role: str) -> Iterator[dict[str, Any]]:
        """A role's inline policy statements."""
        for policy in self.resources[role]["Properties"].get("Policies", []):
            yield from policy["PolicyDocument"]["Statement"]
