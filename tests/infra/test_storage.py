"""S4: the tables."""

from __future__ import annotations

import pytest

from quizkit.infra.naming import TABLES
from tests.infra.synthesis import Template


def test_there_are_six_tables_named_by_stage(dev: Template) -> None:
    """Names as the rest of the project expects them."""
    names = {table["TableName"] for table in dev.of("DynamoDB::Table").values()}
    assert names == {f"quizkit-dev-{table}" for table in TABLES}


def test_tables_are_on_demand_encrypted_expiring_and_without_indexes(dev: Template) -> None:
    """An index would double the write units of an answer."""
    for table in dev.of("DynamoDB::Table").values():
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["SSESpecification"] == {"SSEEnabled": True}
        assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
        assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
        assert "GlobalSecondaryIndexes" not in table
        assert "LocalSecondaryIndexes" not in table


def test_only_answers_have_a_stream(dev: Template) -> None:
    """The counter's source; the answer keys must not flow anywhere."""
    streams = {
        table["TableName"]: table["StreamSpecification"]
        for table in dev.of("DynamoDB::Table").values()
        if "StreamSpecification" in table
    }
    assert streams == {"quizkit-dev-answers": {"StreamViewType": "NEW_IMAGE"}}


@pytest.mark.parametrize(("stage", "protected"), [("dev", False), ("prod", True)])
def test_protection_is_the_stage_s_choice(
    request: pytest.FixtureRequest, stage: str, protected: bool
) -> None:
    """Protected stages keep their data and can go back in time; others vanish whole."""
    template: Template = request.getfixturevalue(stage)
    for name, table in template.of("DynamoDB::Table").items():
        assert table["PointInTimeRecoverySpecification"] == {
            "PointInTimeRecoveryEnabled": protected
        }
        assert table["DeletionProtectionEnabled"] is protected
        kept = "Retain" if protected else "Delete"
        assert template.resources[name]["DeletionPolicy"] == kept
        assert template.resources[name]["UpdateReplacePolicy"] == kept
