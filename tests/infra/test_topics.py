"""S7 and S10: the topics."""

from __future__ import annotations

from tests.infra.synthesis import Template, text


def test_topics_carry_the_stage(dev: Template) -> None:
    """Names that people subscribe to."""
    names = {topic["TopicName"] for topic in dev.of("SNS::Topic").values()}
    assert names == {"quiz-winners-dev", "quiz-operations-dev"}


def test_only_control_publishes_winners(dev: Template) -> None:
    """Reference flaw: the topic existed and nothing ever used it."""
    publishers = {
        name
        for name in dev.functions()
        if any(action == "sns:Publish" for action, _ in dev.allowed(name))
    }
    assert publishers == {"control"}
    variables = dev.functions()["control"]["Environment"]["Variables"]
    assert variables["WINNERS_TOPIC_ARN"] == {"Ref": "TopicsWinners"}


def test_topics_take_nothing_over_plain_http(dev: Template) -> None:
    """And operations takes alarms of this account."""
    policies = dev.of("SNS::TopicPolicy")
    for policy in policies.values():
        deny = policy["PolicyDocument"]["Statement"][0]
        assert deny["Effect"] == "Deny"
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    [_, alarms] = policies["TopicsOperationsPolicy"]["PolicyDocument"]["Statement"]
    assert alarms["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert text(alarms["Condition"]["StringEquals"]["aws:SourceAccount"]) == "${AWS::AccountId}"


def test_the_operator_is_subscribed_where_named(dev: Template, prod: Template) -> None:
    """Nobody by default."""
    assert not dev.of("SNS::Subscription")
    subscription = prod.only("SNS::Subscription")
    assert subscription["Protocol"] == "email"
    assert subscription["Endpoint"] == "ops@example.org"
    assert subscription["TopicArn"] == {"Ref": "TopicsOperations"}
