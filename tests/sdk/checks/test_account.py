"""What an AWS account needs, asked over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from quizkit.sdk.checks import Check
from quizkit.sdk.checks import account as checks
from quizkit.sdk.errors import CredentialsError, Unreachable
from quizkit.sdk.target import Target
from quizkit.sdk.winners import Subscription
from tests.sdk.checks.fake_account import ARN, REFUSED, FakeAccount

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
NOON_SAID = "Tue, 01 Jan 2030 12:00:00 GMT"


def limits(whole: int, free: int) -> tuple[int, str]:
    """Lambda's answer about an account."""
    found = {"ConcurrentExecutions": whole, "UnreservedConcurrentExecutions": free}
    return 200, json.dumps({"AccountLimit": found, "AccountUsage": {}})


def test_who_calls_and_what_time_it_is(account: FakeAccount) -> None:
    """One question gives account, name and AWS's time."""
    account.date = NOON_SAID
    found = checks.identify(account.target)
    assert found == checks.Identity("123456789012", ARN, NOON)
    assert checks.credentials(found) == Check.ok("credentials", f"account 123456789012 as {ARN}")


def test_a_refusal_tells_the_time(account: FakeAccount) -> None:
    """Credentials that AWS does not take fail with its reason; the clock may be why."""
    account.date = NOON_SAID
    account.answers["GetCallerIdentity"] = (403, REFUSED.format(code="SignatureDoesNotMatch"))
    found = checks.identify(account.target)
    assert found.date == NOON
    assert isinstance(found.error, CredentialsError)
    assert checks.credentials(found).status == "failed"
    assert "sign in" in (checks.credentials(found).fix or "")


def test_a_time_that_is_none(account: FakeAccount) -> None:
    """A header that is no date is no time, and no error."""
    account.date = "soon"
    assert checks.identify(account.target).date is None


def test_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any nothing is sent, and the fix is to sign in."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    found = checks.identify(Target("aws", region="eu-west-2"))
    assert isinstance(found.error, CredentialsError)
    assert found.date is None


def test_a_profile_that_is_not_there() -> None:
    """It is told as what it is, before anything is asked."""
    found = checks.identify(Target("aws", region="eu-west-2", profile="nobody"))
    assert isinstance(found.error, CredentialsError)
    assert "nobody" in found.error.message


def test_nobody_answers(account: FakeAccount, free_port: Callable[[], int]) -> None:
    """A network that leads nowhere is no matter of credentials."""
    target = Target("aws", region="eu-west-2", endpoint_url=f"http://127.0.0.1:{free_port()}")
    assert isinstance(checks.identify(target.hurried()).error, Unreachable)


@pytest.mark.parametrize(
    ("seconds", "status", "told"),
    [
        (0, "ok", "agrees"),
        (29, "ok", "agrees"),
        (-31, "warning", "31 s behind"),
        (31, "warning", "31 s ahead"),
        (-241, "failed", "refused"),
        (241, "failed", "refused"),
    ],
)
def test_the_clock_is_compared(seconds: int, status: str, told: str) -> None:
    """Some seconds are the way; beyond four minutes nothing that is signed passes."""
    found = checks.clock(NOON, NOON + timedelta(seconds=seconds))
    assert found.status == status
    assert told in found.message
    assert (found.fix is None) == (status == "ok")


def test_no_time_to_compare_with() -> None:
    """Where AWS has not answered, the clock is not judged."""
    assert checks.clock(None, NOON).status == "skipped"


def test_regions_of_all_partitions_are_known() -> None:
    """Ordinary ones, China and GovCloud; offline, since boto3 brings them."""
    assert {"eu-central-1", "cn-north-1", "us-gov-west-1"} <= checks.known_regions()


def test_a_region_that_is_mistyped() -> None:
    """It is told with how to correct it; a new one may be meant, so nothing fails."""
    assert checks.region("eu-central-1", {"eu-central-1"}).status == "ok"
    found = checks.region("eu-centrl-1", {"eu-central-1"})
    assert found.status == "warning"
    assert "--region" in (found.fix or "")


def test_services_that_refuse_are_there(account: FakeAccount) -> None:
    """Whoever may do little still sees that every service can be reached."""
    found = checks.services(account.target)
    assert found.status == "ok", found.message
    assert len(account.asked) == 5
    assert all(name in found.message for name in ("cloudformation", "cognito-idp", "s3"))


def test_services_that_cannot_be_reached_are_named(
    account: FakeAccount, free_port: Callable[[], int]
) -> None:
    """Each with its reason; one of them is enough to fail."""
    target = Target("aws", region="eu-west-2", endpoint_url=f"http://127.0.0.1:{free_port()}")
    found = checks.services(target.hurried(), {"sns": lambda client: client.list_topics()})
    assert found.status == "failed"
    assert found.message.startswith("sns: ")
    assert "proxy" in (found.fix or "")


def test_a_missing_permission_skips_a_check(account: FakeAccount) -> None:
    """The reason is AWS's, and what to allow is named."""
    found = checks.permitted(
        "concurrency", "lambda:GetAccountSettings", lambda: checks.concurrency(account.target)
    )
    assert found.status == "skipped"
    assert "you may not" in found.message
    assert "lambda:GetAccountSettings" in (found.fix or "")


def test_a_permission_that_is_there() -> None:
    """What the look gives passes through."""
    assert checks.permitted("n", "a", lambda: 7) == 7


def test_a_new_account_bears_no_large_game(account: FakeAccount) -> None:
    """Ten functions at once are told of, with the command that asks for AWS's usual thousand."""
    account.answers["GetAccountSettings"] = limits(10, 10)
    found = checks.concurrency(account.target)
    assert found.status == "warning"
    assert "10 functions" in found.message
    assert found.fix is not None
    assert "--quota-code L-B99A9384 --desired-value 1000 --region eu-central-1" in found.fix


def test_an_account_that_others_have_reserved(account: FakeAccount) -> None:
    """What is left counts; more than there is has to be asked for."""
    account.answers["GetAccountSettings"] = limits(1000, 200)
    found = checks.concurrency(account.target)
    assert "200 functions" in found.message
    assert "--desired-value 2000" in (found.fix or "")


def test_an_ordinary_account(account: FakeAccount) -> None:
    """AWS's usual limit is enough, also with something reserved."""
    account.answers["GetAccountSettings"] = limits(1000, 900)
    assert checks.concurrency(account.target) == Check.ok(
        "concurrency", "900 functions may run at once"
    )


def test_logs_of_sockets_take_a_role(account: FakeAccount) -> None:
    """Without the account's role the stage could not be deployed."""
    account.answers["GetAccount"] = (200, "{}")
    found = checks.access_log(account.target)
    assert found.status == "failed"
    assert "update-account" in (found.fix or "")
    account.answers["GetAccount"] = (200, json.dumps({"cloudwatchRoleArn": "arn:role"}))
    assert checks.access_log(account.target).status == "ok"


def waiting(endpoint: str, *, confirmed: bool = False) -> Subscription:
    """A subscription."""
    return Subscription(subscription=None, endpoint=endpoint, protocol="email", confirmed=confirmed)


def test_addresses_that_have_not_confirmed_are_told() -> None:
    """Nothing reaches them, so they are named, with how to get another mail."""
    found = checks.subscriptions(
        "winners",
        [waiting("ada@example.org"), waiting("bob@example.org", confirmed=True)],
        lambda item: f"again {item['endpoint']}",
    )
    assert found.status == "warning"
    assert "ada@example.org" in found.message
    assert "bob" not in found.message
    assert "again ada@example.org" in (found.fix or "")


def test_everybody_has_confirmed() -> None:
    """Their number is told, and nobody at all is no fault."""
    found = checks.subscriptions("winners", [waiting("a@b.c", confirmed=True)], str)
    assert found == Check.ok("winners", "1 subscribed")
    assert checks.subscriptions("winners", [], str).message == "nobody is subscribed"
