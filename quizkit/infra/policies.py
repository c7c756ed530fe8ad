"""Policy documents as plain data, so that what a template grants can be read here.

CDK's grant methods add actions that nobody asked for (a table's `grant_read_data` includes
Scan); these documents hold what is written and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

Document = dict[str, object]
Statement = Mapping[str, object]


def document(statements: Iterable[Statement]) -> Document:
    """A policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(
    actions: Sequence[str],
    resources: Sequence[str],
    *,
    principal: str | None = None,
    conditions: Mapping[str, object] | None = None,
) -> Statement:
    """Allow `actions` on `resources`, to the AWS service `principal` in resource policies."""
    return {
        "Effect": "Allow",
        **({"Principal": {"Service": principal}} if principal else {}),
        "Action": list(actions),
        "Resource": list(resources),
        **({"Condition": conditions} if conditions else {}),
    }


def trust(service: str, conditions: Mapping[str, object] | None = None) -> Document:
    """Who may assume a role: one AWS service."""
    return document(
        [
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sts:AssumeRole",
                **({"Condition": conditions} if conditions else {}),
            }
        ]
    )


def tls_statement(action: str, *resources: str) -> Statement:
    """Deny `action` to whoever comes over plain HTTP."""
    return {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": list(resources),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
