"""S6: schedules, events and timers all end in one queue."""

from __future__ import annotations

from typing import Any

from tests.infra.synthesis import Template, text


def queue(template: Template, name: str) -> dict[str, Any]:
    """A queue's properties by its name."""
    [found] = [q for q in template.of("SQS::Queue").values() if q["QueueName"] == name]
    return found


def test_messages_outlive_the_handler_and_die_in_the_dead_queue(dev: Template) -> None:
    """A message is not given out again while it is handled."""
    control = queue(dev, "quizkit-dev-control")
    assert control["VisibilityTimeout"] == 90
    assert control["VisibilityTimeout"] > dev.functions()["control"]["Timeout"]
    target = control["RedrivePolicy"]["deadLetterTargetArn"]
    assert text(target) == "${EventsDeadQueue.Arn}"
    assert queue(dev, "quizkit-dev-control-dead")["MessageRetentionPeriod"] == 14 * 86_400


def test_queues_are_encrypted_and_over_tls_only(dev: Template) -> None:
    """Both of them."""
    assert all(q["SqsManagedSseEnabled"] is True for q in dev.of("SQS::Queue").values())
    policies = dev.of("SQS::QueuePolicy").values()
    assert len(policies) == 2
    for policy in policies:
        denied = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        [statement] = denied
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_any_program_may_drive_a_quiz_through_the_default_bus(dev: Template) -> None:
    """Source and detail-type of the contract; failures are kept."""
    rule = dev.only("Events::Rule")
    assert rule["EventPattern"] == {"source": ["quiz.platform"], "detail-type": ["Quiz Control"]}
    assert rule["State"] == "ENABLED"
    assert "EventBusName" not in rule
    [target] = rule["Targets"]
    assert text(target["Arn"]) == "${EventsControlQueue.Arn}"
    assert text(target["DeadLetterConfig"]["Arn"]) == "${EventsDeadQueue.Arn}"


def test_what_a_schedule_cannot_deliver_is_kept(dev: Template) -> None:
    """The admin function gives each schedule the dead queue, and its role may send there."""
    variables = dev.functions()["admin"]["Environment"]["Variables"]
    assert text(variables["DEAD_QUEUE_ARN"]) == "${EventsDeadQueue.Arn}"
    assert text(variables["SCHEDULE_ROLE_ARN"]) == "${EventsScheduleRole.Arn}"
    [statement] = dev.statements("EventsScheduleRole")
    assert "${EventsDeadQueue.Arn}" in [text(arn) for arn in statement["Resource"]]


def test_only_our_rule_may_send_to_the_queues(dev: Template) -> None:
    """EventBridge as a service would let any account's rule in."""
    for policy in dev.of("SQS::QueuePolicy").values():
        [allowed] = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
        assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
        assert allowed["Condition"] == {
            "ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["EventsControlRule", "Arn"]}}
        }


def test_schedules_have_a_group_and_a_role_of_their_own(dev: Template) -> None:
    """Only schedules of this group in this account may use the role, only to send."""
    assert dev.only("Scheduler::ScheduleGroup")["Name"] == "quizkit-dev"
    role = dev.resources["EventsScheduleRole"]["Properties"]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    source = trust["Condition"]["StringEquals"]
    assert text(source["aws:SourceAccount"]) == "${AWS::AccountId}"
    assert text(source["aws:SourceArn"]).endswith(":schedule-group/quizkit-dev")
    [statement] = dev.statements("EventsScheduleRole")
    assert statement["Action"] == ["sqs:SendMessage"]
    assert [text(arn) for arn in statement["Resource"]] == [
        "${EventsControlQueue.Arn}",
        "${EventsDeadQueue.Arn}",
    ]
