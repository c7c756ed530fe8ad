"""Policy documents as data."""

from __future__ import annotations

from quizkit.infra import policies


def test_a_statement_holds_what_was_asked_and_nothing_else() -> None:
    """No principal, no condition unless given."""
    assert policies.allow(["a:B"], ["arn"]) == {
        "Effect": "Allow",
        "Action": ["a:B"],
        "Resource": ["arn"],
    }


def test_resource_policies_name_a_service_and_conditions() -> None:
    """Who may act, and only under these conditions."""
    statement = policies.allow(["a:B"], ["arn"], principal="x.amazonaws.com", conditions={})
    assert statement["Principal"] == {"Service": "x.amazonaws.com"}
    assert "Condition" not in statement  # an empty condition would read like a restriction
    statement = policies.allow(["a:B"], ["arn"], conditions={"Bool": {"k": "true"}})
    assert statement["Condition"] == {"Bool": {"k": "true"}}


def test_trust_names_one_service() -> None:
    """A role of ours is for one AWS service."""
    assert policies.trust("lambda.amazonaws.com")["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ]


def test_plain_http_is_denied_to_everybody() -> None:
    """The statement that makes a resource TLS only."""
    assert policies.tls_statement("s3:*", "b", "b/*") == {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["b", "b/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
