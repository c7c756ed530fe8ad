"""What an AWS account needs: credentials, a clock, a region, limits, and settings of its own.

`identify` asks once who calls; everything else rests on that. A permission that is missing
makes a check skipped (`permitted`): whoever hosts need not be allowed to look at quotas.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from quizkit.sdk.checks.attempts import at_once
from quizkit.sdk.checks.model import Check
from quizkit.sdk.errors import CredentialsError, QuizkitError
from quizkit.sdk.target import translate

if TYPE_CHECKING:
    from quizkit.sdk.target import Target
    from quizkit.sdk.winners import Subscription

T = TypeVar("T")

#: AWS refuses what was signed five minutes ago or in five minutes; some of that is travelling.
_REFUSED_SECONDS: Final = 240
#: Schedules are planned by this clock, and a time in a reply is up to some seconds old.
_WRONG_SECONDS: Final = 30
#: All of 1,000 players answering within a second, by functions of which each takes half a
#: second where it starts cold.
_FULL_GAME: Final = 500
#: What AWS gives every account that is not new.
_DEFAULT_LIMIT: Final = 1_000
_RAISE: Final = (
    "service-quotas request-service-quota-increase --service-code lambda"
    " --quota-code L-B99A9384 --desired-value"
)
_SERVICES_SECONDS: Final = 20.0

#: Every service that commands talk to, with a question that costs nothing and changes nothing.
_QUESTIONS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "cloudformation": lambda client: client.describe_account_limits(),
    "cognito-idp": lambda client: client.list_user_pools(MaxResults=1),
    "lambda": lambda client: client.get_account_settings(),
    "s3": lambda client: client.list_buckets(MaxBuckets=1),
    "sns": lambda client: client.list_topics(),
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who AWS takes us for.

    Attributes:
        account, arn: of the caller; None where AWS did not say.
        date: AWS's time when it answered, or None.
        error: why it did not say, or None.
    """

    account: str | None = None
    arn: str | None = None
    date: datetime | None = None
    error: QuizkitError | None = None


def identify(target: Target) -> Identity:
    """Ask AWS who calls; a refusal tells the time, too."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = target.client("sts").get_caller_identity()
    except QuizkitError as exc:
        return Identity(error=exc)
    except ClientError as exc:
        return Identity(date=_date(exc.response), error=translate(exc, target))
    except BotoCoreError as exc:
        return Identity(error=translate(exc, target))
    return Identity(answer["Account"], answer["Arn"], _date(answer))


def _date(answer: Mapping[str, Any]) -> datetime | None:
    said = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        return None if said is None else parsedate_to_datetime(said)
    except ValueError:
        return None


def credentials(identity: Identity) -> Check:
    """Whether there are credentials that AWS takes, and whose they are."""
    if identity.error is not None:
        return Check.of_error("credentials", identity.error)
    return Check.ok("credentials", f"account {identity.account} as {identity.arn}")


def clock(date: datetime | None, now: datetime) -> Check:
    """Whether this machine's clock is right enough for signed requests.

    Args:
        date: AWS's time, or None where it did not say.
        now: ours when its answer came.
    """
    name = "clock"
    if date is None:
        return Check.skipped(name, "AWS has told no time to compare with")
    off = (now - date).total_seconds()
    told = f"{abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} AWS's"
    fix = "have the system set its time: sudo timedatectl set-ntp true"
    if abs(off) >= _REFUSED_SECONDS:
        return Check.failed(name, f"it is {told}, so signed requests are refused", fix)
    if abs(off) >= _WRONG_SECONDS:
        return Check.warning(name, f"it is {told}", fix)
    return Check.ok(name, "it agrees with AWS's")


def known_regions() -> set[str]:
    """The regions that this boto3 knows, in all partitions."""
    import boto3

    session = boto3.Session(region_name="us-east-1")
    return {
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("cloudformation", partition_name=partition)
    }


def region(name: str, known: Collection[str]) -> Check:
    """Whether the region is one that there is."""
    if name in known:
        return Check.ok("region", name)
    return Check.warning(
        "region",
        f"“{name}” is no region that this boto3 knows",
        "correct it, as in --region eu-central-1; if it is new: pip install --upgrade boto3",
    )


def services(target: Target, questions: Mapping[str, Callable[[Any], Any]] = _QUESTIONS) -> Check:
    """Whether every service that commands talk to answers; a refusal is an answer.

    Args:
        questions: service → what to ask its client.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    def asker(service: str, question: Callable[[Any], Any]) -> Callable[[], str | None]:
        # Making clients is nothing for several threads at once; asking them is.
        client = target.client(service, attempts=1)

        def ask() -> str | None:
            try:
                question(client)
            except ClientError:
                return None
            except BotoCoreError as exc:
                return translate(exc, target).message
            return None

        return ask

    calls = {service: asker(service, question) for service, question in questions.items()}
    answers = at_once(calls, _SERVICES_SECONDS)
    silent = {
        service: answers.get(service, "no answer")
        for service in questions
        if answers.get(service, "no answer") is not None
    }
    if not silent:
        return Check.ok("services", f"{', '.join(questions)} answer")
    why = "; ".join(f"{service}: {reason}" for service, reason in silent.items())
    return Check.failed("services", why, "check the network, a proxy, and whether the region is on")


def permitted(name: str, action: str, look: Callable[[], T]) -> T | Check:
    """What a look gives that takes a permission; where that is missing, a check that is skipped.

    Args:
        action: the permission, such as `lambda:GetAccountSettings`.
    """
    try:
        return look()
    except CredentialsError as exc:
        return Check.skipped(name, exc.message, f"to have this checked, allow {action}")


def concurrency(target: Target) -> Check:
    """Whether as many functions may run at once as a game of 1,000 players takes."""
    with target.errors():
        limit = target.client("lambda").get_account_settings()["AccountLimit"]
    whole, free = limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]
    told = f"{free:,} functions may run at once"
    if free >= _FULL_GAME:
        return Check.ok("concurrency", told)
    wanted = _DEFAULT_LIMIT if whole < _DEFAULT_LIMIT else whole + _DEFAULT_LIMIT
    return Check.warning(
        "concurrency",
        f"{told} in this account, less than a game of 1,000 players takes; more are made to wait",
        f"run: {target.aws_command(f'{_RAISE} {wanted}')}",
    )


def access_log(target: Target) -> Check:
    """Whether API Gateway may write logs, for a stage that has its socket messages logged."""
    with target.errors():
        role = target.client("apigateway").get_account().get("cloudwatchRoleArn")
    if role:
        return Check.ok("access_log", f"API Gateway writes logs as {role}")
    patch = "op=replace,path=/cloudwatchRoleArn,value=ROLE_ARN"
    command = target.aws_command(f"apigateway update-account --patch-operations {patch}")
    return Check.failed(
        "access_log",
        "websocket_access_log is on, and the account lets API Gateway write no logs",
        f"run, with a role that has AmazonAPIGatewayPushToCloudWatchLogs: {command}",
    )


def subscriptions(
    name: str, found: Collection[Subscription], again: Callable[[Subscription], str]
) -> Check:
    """Whether everybody who is to be told something has agreed to it.

    Args:
        found: the subscriptions of a topic.
        again: the command that has the message sent once more to somebody.
    """
    waiting = [each for each in found if not each["confirmed"]]
    if not waiting:
        return Check.ok(name, f"{len(found)} subscribed" if found else "nobody is subscribed")
    who = ", ".join(each["endpoint"] for each in waiting)
    return Check.warning(
        name,
        f"not confirmed yet, so nothing is sent there: {who}",
        f"follow the link in the mail from AWS; to get another: {again(waiting[0])}",
    )
