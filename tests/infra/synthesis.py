"""Synthesised templates, read as plain JSON by the tests of the stack."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quizkit.infra.settings import Settings

if TYPE_CHECKING:
    from aws_cdk import App

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


#: Every combination of what a stage may choose between.
FLAVOURS = [
    Settings(
        stage=f"flavour-{number}",
        protected=protected,
        cache=cache,
        guests=guests,
        origins=("https://quiz.example.org",) if origins else (),
        # These add a resource and touch nothing else, so they need no combinations of their own.
        websocket_access_log=origins,
        operations_email="ops@example.org" if guests else None,
    )
    for number, (protected, cache, guests, origins) in enumerate(
        itertools.product((False, True), repeat=4)
    )
]


@dataclass(frozen=True)
class Flavours:
    """An assembly with a stack for each of FLAVOURS, and cdk-nag's report on it."""

    directory: Path
    report: dict[str, Any]

    def template(self, stage: str) -> Path:
        """The template of a stage's stack."""
        return self.directory / f"quizkit-{stage}.template.json"

    def findings(self, *, acknowledged: bool) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """(rule, construct path, the whole entry) of each finding."""
        for pack in self.report["pluginReports"]:
            for entry in pack["suppressedViolations" if acknowledged else "violations"]:
                for construct in entry["violatingConstructs"]:
                    yield entry["ruleName"], construct["constructPath"], entry

    def acknowledgements(self) -> Iterator[tuple[str, str, str]]:
        """(construct path, rule, reason) of everything that the stack acknowledges."""
        for path in sorted(self.directory.glob("*.metadata.json")):
            for construct, entries in json.loads(path.read_text()).items():
                for entry in entries:
                    if entry["type"] == "aws:cdk:acknowledged-rules":
                        for rule, reason in entry["data"].items():
                            yield construct.strip("/"), rule, reason


def every_flavour(directory: Path) -> Flavours:
    """Synthesise all flavours in one application, which takes a fraction of doing it one by one."""
    from quizkit.infra import app, bundle
    from quizkit.infra.stack import QuizStack

    application = app.new_app(directory / "assembly")
    built = bundle.build(directory / "bundle")
    for settings in FLAVOURS:
        QuizStack(application, settings=settings, bundle=built)
    return Flavours(directory / "assembly", nag(application, directory / "assembly"))


def nag(application: App, directory: Path) -> dict[str, Any]:
    """Synthesise an application into its directory under cdk-nag's packs; their report."""
    from aws_cdk import Validations
    from cdk_nag import AwsSolutionsChecks, ServerlessChecks

    Validations.of(application).add_plugins(
        AwsSolutionsChecks(application), ServerlessChecks(application)
    )
    # Synthesis raises where there are findings, after it has written the report.
    failure = None
    try:
        application.synth()
    except RuntimeError as exc:
        failure = exc
    path = directory / "validation-report.json"
    if not path.exists():
        raise AssertionError("synthesis left no report") from failure
    report: dict[str, Any] = json.loads(path.read_text())
    return report
