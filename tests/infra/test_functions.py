"""S3: the functions, their roles, logs, bundles and sources."""

from __future__ import annotations

import pytest

from quizkit.infra.function_table import FUNCTIONS, WILDCARDS
from quizkit.infra.naming import Names
from tests.infra.synthesis import Template, as_list, text

NAMES = [spec.name for spec in FUNCTIONS]
# What IAM cannot scope: interfaces that do not exist yet, and listing across groups.
UNSCOPED = {
    "ec2:CreateNetworkInterface": "interfaces",
    "ec2:DescribeNetworkInterfaces": "interfaces",
    "ec2:DescribeSubnets": "interfaces",
    "ec2:DeleteNetworkInterface": "interfaces",
    "ec2:AssignPrivateIpAddresses": "interfaces",
    "ec2:UnassignPrivateIpAddresses": "interfaces",
    "scheduler:ListSchedules": "any-group",
}


def test_the_functions_are_those_of_the_table(dev: Template) -> None:
    """Nobody else's code runs in the stack."""
    assert sorted(dev.functions()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_function_is_arm64_on_a_current_python(dev: Template, name: str) -> None:
    """And has the name, handler and time of its row."""
    [spec] = [spec for spec in FUNCTIONS if spec.name == name]
    function = dev.functions()[name]
    assert function["Architectures"] == ["arm64"]
    assert function["Runtime"] == "python3.13"
    assert function["Handler"] == f"quizkit.lambdas.handlers.{name}.handler"
    assert function["FunctionName"] == f"quizkit-dev-{name}"
    assert (function["Timeout"], function["MemorySize"]) == (spec.timeout, spec.memory)
    assert "TracingConfig" not in function


@pytest.mark.parametrize("name", NAMES)
def test_a_function_is_told_exactly_what_its_row_says(dev: Template, name: str) -> None:
    """No function learns a table that it does not use."""
    [spec] = [spec for spec in FUNCTIONS if spec.name == name]
    variables = dev.functions()[name]["Environment"]["Variables"]
    assert set(variables) == {"STAGE", *spec.env}
    assert variables["STAGE"] == "dev"


def test_every_function_has_a_role_of_its_own(dev: Template) -> None:
    """Reference flaw: one role for all functions."""
    roles = [f["Role"]["Fn::GetAtt"][0] for f in dev.functions().values()]
    assert len(set(roles)) == len(FUNCTIONS)
    for role in dev.of("IAM::Role").values():
        assert "ManagedPolicyArns" not in role
        assert "RoleName" not in role
    assert not dev.of("IAM::Policy")
    assert not dev.of("IAM::ManagedPolicy")


@pytest.mark.parametrize("name", NAMES)
def test_permissions_are_scoped(dev: Template, name: str) -> None:
    """Every action is spelled out; resources are the stage's own, but for what IAM cannot scope."""
    for action, resource in dev.allowed(name):
        assert "*" not in action
        if resource == "*":
            assert action in UNSCOPED
        else:
            assert "quizkit-dev" in resource or "quiz-winners-dev" in resource or "${" in resource


def test_every_wildcard_has_a_reason(dev: Template, prod: Template, lean: Template) -> None:
    """In any role of the stack: no action has one, and each resource with one is listed."""
    used = set()
    for template, stage in ((dev, "dev"), (prod, "prod"), (lean, "lean")):
        listed = {
            text: key for key, texts in Names(stage).resources().items() for text in texts
        } | {
            f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:"
            f"{Names(stage).log_group(name)}:*": "own-logs"
            for name in NAMES
        }
        for role in template.of("IAM::Role"):
            for statement in template.statements(role):
                assert statement["Effect"] == "Allow"
                assert not {"NotAction", "NotResource"} & statement.keys()
                actions = as_list(statement["Action"])
                assert not [action for action in actions if "*" in action]
                for resource in map(text, as_list(statement["Resource"])):
                    if resource == "*":
                        used |= {UNSCOPED[action] for action in actions}
                    elif "*" in resource:
                        used.add(listed[resource])
    assert used == WILDCARDS.keys()
    assert all(len(reason.split()) > 4 for reason in WILDCARDS.values())


def test_resource_policies_allow_one_service_for_one_source(prod: Template) -> None:
    """Whoever is meant by `*` is denied something, never allowed."""
    for kind in ("S3::BucketPolicy", "SNS::TopicPolicy", "SQS::QueuePolicy"):
        for policy in prod.of(kind).values():
            for statement in policy["PolicyDocument"]["Statement"]:
                if statement["Effect"] == "Allow":
                    assert set(statement["Principal"]) == {"Service"}
                    [test] = statement["Condition"].values()
                    assert set(test) <= {"aws:SourceArn", "aws:SourceAccount"}
                    assert not [a for a in as_list(statement["Action"]) if "*" in a]


def test_every_log_expires(dev: Template, prod: Template, lean: Template) -> None:
    """Functions and APIs alike; a protected stage keeps its functions' logs longer."""
    for template in (dev, prod, lean):
        groups = template.of("Logs::LogGroup")
        assert len(groups) >= len(FUNCTIONS) + 1
        assert all(0 < group["RetentionInDays"] <= 90 for group in groups.values())
    kept = [t.of("Logs::LogGroup")["FunctionsAnswerLogs"]["RetentionInDays"] for t in (dev, prod)]
    assert kept == [14, 90]


def test_nothing_reserves_concurrency(dev: Template) -> None:
    """It would be taken from the account's other functions, and new accounts have none."""
    for function in dev.functions().values():
        assert "ReservedConcurrentExecutions" not in function


@pytest.mark.parametrize("name", NAMES)
def test_calls_that_went_well_leave_no_lines(dev: Template, name: str) -> None:
    """Lambda's own three lines for each would be the dearest part of many calls."""
    logging = dev.functions()[name]["LoggingConfig"]
    assert (logging["LogFormat"], logging["SystemLogLevel"]) == ("JSON", "WARN")


@pytest.mark.parametrize("name", NAMES)
def test_a_function_logs_to_its_own_group_with_retention(dev: Template, name: str) -> None:
    """Groups that Lambda makes by itself are kept for ever."""
    group = dev.functions()[name]["LoggingConfig"]["LogGroup"]["Ref"]
    properties = dev.of("Logs::LogGroup")[group]
    assert properties["LogGroupName"] == f"/aws/lambda/quizkit-dev-{name}"
    assert properties["RetentionInDays"] > 0
    logged = {r for action, r in dev.allowed(name) if action.startswith("logs:")}
    [resource] = logged
    assert resource.endswith(f":log-group:/aws/lambda/quizkit-dev-{name}:*")


def test_only_functions_in_the_vpc_may_make_interfaces(dev: Template) -> None:
    """Which only the functions beside the cache need."""
    for name, function in dev.functions().items():
        actions = {action for action, _ in dev.allowed(name)}
        assert ("VpcConfig" in function) is ("ec2:CreateNetworkInterface" in actions)


def test_the_schedule_role_can_be_passed_to_the_scheduler_only(dev: Template) -> None:
    """Otherwise whoever can call the admin function could lend the role to anything."""
    role = dev.functions()["admin"]["Role"]["Fn::GetAtt"][0]
    [statement] = [s for s in dev.statements(role) if "iam:PassRole" in as_list(s["Action"])]
    assert [text(resource) for resource in statement["Resource"]] == ["${EventsScheduleRole.Arn}"]
    assert statement["Condition"] == {
        "StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}
    }


def test_all_functions_run_the_one_bundle_of_the_assembly(dev: Template) -> None:
    """The key in the template is a file in the assembly."""
    [code] = {str(function["Code"]) for function in dev.functions().values()}
    key = dev.functions()["answer"]["Code"]["S3Key"]
    assert code == str(
        {
            "S3Bucket": {"Fn::Sub": "quizkit-dev-assets-${AWS::AccountId}-${AWS::Region}"},
            "S3Key": key,
        }
    )
    assert (dev.directory / f"asset.{key}").is_file()


def test_control_takes_messages_one_by_one_and_reports_failures(dev: Template) -> None:
    """A message that fails returns alone; a flood of timers cannot eat the account."""
    mapping = dev.of("Lambda::EventSourceMapping")["FunctionsControlMessages"]
    assert text(mapping["EventSourceArn"]) == "${EventsControlQueue.Arn}"
    assert mapping["FunctionName"] == {"Ref": "FunctionsControl"}
    assert mapping["BatchSize"] == 1
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 50}
    assert mapping["Enabled"] is True


def test_the_counter_takes_new_answers_in_small_batches(dev: Template) -> None:
    """Expired rows are no answers; what cannot be counted does not block the stream."""
    mapping = dev.of("Lambda::EventSourceMapping")["FunctionsCounterStream"]
    assert text(mapping["EventSourceArn"]) == "${TablesAnswers.StreamArn}"
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (100, 1)
    assert mapping["StartingPosition"] == "LATEST"
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["FilterCriteria"] == {"Filters": [{"Pattern": '{"eventName":["INSERT"]}'}]}
    assert (
        text(mapping["DestinationConfig"]["OnFailure"]["Destination"]) == "${EventsDeadQueue.Arn}"
    )


def test_what_feeds_a_function_is_what_its_role_can_read(dev: Template) -> None:
    """Lambda polls queue and stream in the function's name."""
    consumed = {
        ("control", "sqs:ReceiveMessage", ":quizkit-dev-control"),
        ("control", "sqs:DeleteMessage", ":quizkit-dev-control"),
        ("control", "sqs:GetQueueAttributes", ":quizkit-dev-control"),
        ("counter", "dynamodb:GetRecords", "${TablesAnswers.StreamArn}"),
        ("counter", "dynamodb:GetShardIterator", "${TablesAnswers.StreamArn}"),
        ("counter", "dynamodb:DescribeStream", "${TablesAnswers.StreamArn}"),
        ("counter", "sqs:SendMessage", ":quizkit-dev-control-dead"),
    }
    for name, action, suffix in consumed:
        assert any(a == action and r.endswith(suffix) for a, r in dev.allowed(name)), (name, action)
