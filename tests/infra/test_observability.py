"""S10: dashboard and alarms."""

from __future__ import annotations

import json
from typing import Any

from quizkit.infra.function_table import FUNCTIONS
from tests.infra.synthesis import Template, text


def metrics(template: Template) -> list[list[Any]]:
    """Every metric on the dashboard."""
    body = json.loads(text(template.only("CloudWatch::Dashboard")["DashboardBody"]))
    return [metric for widget in body["widgets"] for metric in widget["properties"]["metrics"]]


def test_the_dashboard_shows_the_contract_s_metrics(dev: Template) -> None:
    """Rates per environment, broadcast delay, and each function's numbers."""
    assert dev.only("CloudWatch::Dashboard")["DashboardName"] == "quiz-platform-dev"
    shown = [metric[:4] for metric in metrics(dev)]
    for name in ("ParticipationRate", "CompletionRate", "BroadcastDelay"):
        assert ["QuizPlatform", name, "Environment", "dev"] in shown
    for spec in FUNCTIONS:
        for name in ("Invocations", "Errors", "Duration"):
            assert ["AWS/Lambda", name, "FunctionName", f"quizkit-dev-{spec.name}"] in shown


def test_the_dashboard_s_only_substitution_is_the_region(dev: Template) -> None:
    """A stray `${` would make CloudFormation refuse the whole stack."""
    body = text(dev.only("CloudWatch::Dashboard")["DashboardBody"])
    assert body.replace("${AWS::Region}", "").count("${") == 0


def test_widgets_do_not_overlap(dev: Template) -> None:
    """The grid is 24 wide."""
    body = json.loads(text(dev.only("CloudWatch::Dashboard")["DashboardBody"]))
    places = [(w["x"], w["y"]) for w in body["widgets"]]
    assert len(set(places)) == len(places)
    assert all(w["x"] + w["width"] <= 24 for w in body["widgets"])


def test_every_alarm_notifies_operations_and_carries_the_stage(dev: Template) -> None:
    """An alarm that tells nobody is none; a quiet platform is no alarm."""
    alarms = dev.of("CloudWatch::Alarm").values()
    assert len({alarm["AlarmName"] for alarm in alarms}) == len(alarms)
    for alarm in alarms:
        assert alarm["AlarmActions"] == [{"Ref": "TopicsOperations"}]
        assert "quizkit-dev-" in alarm["AlarmName"]
        assert alarm["TreatMissingData"] == "notBreaching"


def test_errors_throttles_dead_messages_and_delays_raise_alarms(dev: Template) -> None:
    """Each function apart, so that the notification names it."""
    watched = {
        (alarm["Namespace"], alarm["MetricName"], alarm["Dimensions"][0]["Value"])
        for alarm in dev.of("CloudWatch::Alarm").values()
    }
    expected = {
        ("AWS/Lambda", metric, f"quizkit-dev-{spec.name}")
        for spec in FUNCTIONS
        for metric in ("Errors", "Throttles")
    }
    expected.add(("AWS/SQS", "ApproximateNumberOfMessagesVisible", "quizkit-dev-control-dead"))
    expected.add(("QuizPlatform", "BroadcastDelay", "dev"))
    assert watched == expected
