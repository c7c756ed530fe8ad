"""Rows of the tables, read and changed behind the platform's back."""

from __future__ import annotations

from typing import Any

from tests.contract.doors import Doors

TABLE = "quizkit-dev-participants"


def participant_row(doors: Doors, participant_id: str) -> dict[str, Any]:
    """A participant's row, as DynamoDB gives it."""
    pages = doors.aws("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
    wanted = {"S": participant_id}
    (row,) = [item for page in pages for item in page["Items"] if item["sk"] == wanted]
    return dict(row)


def connection_of(doors: Doors, participant_id: str) -> str | None:
    """The connection that a participant is bound to."""
    bound: str | None = participant_row(doors, participant_id).get("connection_id", {}).get("S")
    return bound


def bind(doors: Doors, participant_id: str, connection_id: str, at: int) -> None:
    """Bind a participant to a connection, as if it had been opened at a time (epoch ms)."""
    row = participant_row(doors, participant_id)
    doors.aws("dynamodb").update_item(
        TableName=TABLE,
        Key={"pk": row["pk"], "sk": row["sk"]},
        UpdateExpression="SET connection_id = :connection, connected_at = :at",
        ExpressionAttributeValues={":connection": {"S": connection_id}, ":at": {"N": str(at)}},
    )


def leave_pending(doors: Doors, session_id: str, version: int) -> None:
    """Make a session one whose last effects nobody has reported done."""
    doors.aws("dynamodb").update_item(
        TableName="quizkit-dev-sessions",
        Key={"pk": {"S": session_id}, "sk": {"S": "state"}},
        UpdateExpression="SET pending = :version",
        ExpressionAttributeValues={":version": {"N": str(version)}},
        ConditionExpression="attribute_exists(pk)",
    )
