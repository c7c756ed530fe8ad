"""Names, and the ARNs that permissions are scoped to."""

from __future__ import annotations

from quizkit.infra.function_table import FUNCTIONS
from quizkit.infra.naming import Names


def test_names_of_the_contract() -> None:
    """Topics and dashboard have the names that people were promised."""
    names = Names("dev")
    assert names.stack == "quizkit-dev"
    assert names.winners_topic == "quiz-winners-dev"
    assert names.operations_topic == "quiz-operations-dev"
    assert names.dashboard == "quiz-platform-dev"


def test_every_arn_carries_the_stage() -> None:
    """No permission of one stage reaches another's resources."""
    resources = Names("st1").resources()
    generated = {"schedule-role", "answers-stream", "any-group"}
    for key in resources.keys() - generated:
        for arn in resources[key]:
            assert "st1" in arn, key
            assert arn.startswith("arn:${AWS::Partition}:"), key


def test_every_grant_names_a_known_resource() -> None:
    """The table of functions and the table of resources fit together."""
    known = Names("dev").resources()
    assert {grant.resource for spec in FUNCTIONS for grant in spec.grants} <= known.keys()


def test_urls_have_the_form_that_the_local_platform_rewrites() -> None:
    """Scheme, logical id, and host in exactly one spelling."""
    names = Names("dev")
    host = "execute-api.${AWS::Region}.${AWS::URLSuffix}"
    assert names.websocket_url == f"wss://${{WebSocketApi}}.{host}/dev"
    assert names.callback_url == f"https://${{WebSocketApi}}.{host}/dev"
    assert names.http_url == f"https://${{HttpApi}}.{host}"


def test_buckets_fit_in_s3_for_the_longest_stage() -> None:
    """63 characters, with the longest region and an account id."""
    names = Names("x" * 18)
    for name in (names.media_bucket, names.assets_bucket):
        full = name.replace("${AWS::AccountId}", "1" * 12)
        assert len(full.replace("${AWS::Region}", "ap-southeast-2")) <= 63
