"""What a deployment is made of, as data: the planner makes these, the executor carries them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

Template = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asset:
    """A file or directory that the template refers to by bucket and key.

    Attributes:
        path: of the file, or of the directory to be zipped.
        zipped: whether it is a directory that is uploaded as one zip file.
        bucket, key: where the template expects it; the bucket may hold
            `${AWS::AccountId}` and `${AWS::Region}`.
    """

    path: Path
    zipped: bool
    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class Assembly:
    """The result of a synthesis: one stack and what it needs uploaded."""

    stack_name: str
    template: Template
    assets: tuple[Asset, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One resource (or output) that a deployment adds, modifies or removes.

    Attributes:
        type: such as `AWS::SQS::Queue`, or `Output`.
        details: names of what changes inside it, as far as known.
        replacement: whether the resource is replaced by a new one; None where not known.
    """

    action: Literal["add", "modify", "remove"]
    logical_id: str
    type: str
    details: tuple[str, ...] = ()
    replacement: Literal["yes", "no", "maybe"] | None = None


@dataclass(frozen=True, slots=True)
class StackEvent:
    """One line of the stack's history, as CloudFormation tells it."""

    timestamp: datetime
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str | None

    @property
    def failed(self) -> bool:
        """Whether this is a failure of its own, not the echo of another one."""
        echo = self.reason is not None and "cancelled" in self.reason.lower()
        return self.status.endswith("_FAILED") and not echo


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the work begins; `detail` is for people."""

    name: Literal[
        "synthesise", "wait", "delete", "upload", "change_set", "execute", "unchanged", "empty"
    ]
    detail: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What the change set is about to do, told before it is executed."""

    changes: tuple[Change, ...]


Progress = Step | Changes | StackEvent
OnEvent = Callable[[Progress], None]


def ignore(event: Progress) -> None:
    """Tell nobody."""


Action = Literal["create", "update", "unchanged"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be done so that the stack is as its assembly says.

    Attributes:
        body: the template as it will be sent, with its fingerprint inside.
        status: the stack's now, None where there is none.
        delete_first: whether a failed stack is in the way and has to go.
        changes: by comparing the templates; the change set says it more exactly.
        termination_protection: as it is now.
    """

    assembly: Assembly
    body: str
    action: Action
    status: str | None
    delete_first: bool
    changes: tuple[Change, ...]
    termination_protection: bool = False


@dataclass(frozen=True, slots=True)
class Deployment:
    """A stack as it stands after `deploy`.

    Attributes:
        changed: whether anything was done; False where it was as wanted already.
        changes: what was done.
    """

    stack_name: str
    outputs: dict[str, str]
    changed: bool
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a deployed stack."""

    logical_id: str
    physical_id: str
    type: str
    status: str


@dataclass(frozen=True, slots=True)
class StackStatus:
    """What is deployed; `exists` is False where nothing is, and the rest is then empty."""

    stack_name: str
    exists: bool
    status: str | None = None
    reason: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    protected: bool = False
    outputs: dict[str, str] = field(default_factory=dict)
    resources: tuple[Resource, ...] = ()


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What `destroy` did: whether there was a stack, and which resources were kept."""

    existed: bool
    retained: tuple[Resource, ...] = ()
