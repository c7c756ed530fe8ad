"""Who is told about winners: subscriptions to the stage's topic.

Addresses by email, web and phone have to confirm before anything is sent to them; queues and
functions of the same account need not. SNS names a subscription only once it is confirmed, so
one that still waits can be listed but not removed: it goes by itself after two days.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypedDict

from quizkit.sdk.errors import Conflict, Misuse, NotFound

if TYPE_CHECKING:
    from quizkit.sdk.target import Target

#: The outputs that name the topics of winners and of alarms.
WINNERS: Final = "WinnersTopicArn"
OPERATIONS: Final = "OperationsTopicArn"

_PROTOCOLS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("email", re.compile(r"[^@\s/:]+@[^@\s/:]+\.[^@\s/:]+")),
    ("https", re.compile(r"https://\S+")),
    ("http", re.compile(r"http://\S+")),
    ("sqs", re.compile(r"arn:aws[\w-]*:sqs:\S+")),
    ("lambda", re.compile(r"arn:aws[\w-]*:lambda:\S+")),
    ("sms", re.compile(r"\+[0-9]{6,15}")),
)


class Subscription(TypedDict):
    """One subscription; `subscription` is its ARN, None until it is confirmed."""

    subscription: str | None
    endpoint: str
    protocol: str
    confirmed: bool


def protocol_of(endpoint: str) -> str:
    """SNS's name of the way to an endpoint.

    Raises:
        Misuse: it is nothing that can be subscribed.
    """
    for protocol, pattern in _PROTOCOLS:
        if pattern.fullmatch(endpoint):
            return protocol
    raise Misuse(
        f"“{endpoint}” cannot be subscribed.",
        hint="give an email address, a URL, a phone number such as +491701234567, or the ARN "
        "of a queue or function",
    )


def subscribe(target: Target, outputs: Mapping[str, str], endpoint: str) -> Subscription:
    """Subscribe an endpoint; harmless where it is subscribed already.

    Args:
        outputs: of the stack; `WinnersTopicArn` is used.

    Raises:
        Misuse: it is nothing that can be subscribed.
    """
    protocol = protocol_of(endpoint)
    with target.errors():
        made = target.client("sns").subscribe(
            TopicArn=_topic(target, outputs, WINNERS),
            Protocol=protocol,
            Endpoint=endpoint,
            ReturnSubscriptionArn=False,
        )
    return _subscription(endpoint, protocol, made["SubscriptionArn"])


def subscriptions(
    target: Target, outputs: Mapping[str, str], *, topic: str = WINNERS
) -> list[Subscription]:
    """All subscriptions of the stage's topic for winners, or of another one of its topics.

    Args:
        topic: the output that names it, `WINNERS` or `OPERATIONS`.
    """
    with target.errors():
        pages = target.client("sns").get_paginator("list_subscriptions_by_topic")
        return [
            _subscription(item["Endpoint"], item["Protocol"], item["SubscriptionArn"])
            for page in pages.paginate(TopicArn=_topic(target, outputs, topic))
            for item in page["Subscriptions"]
        ]


def unsubscribe(target: Target, outputs: Mapping[str, str], endpoint: str) -> Subscription:
    """Remove the subscription of an endpoint, which may also be named by its ARN.

    Raises:
        NotFound: it is not subscribed.
        Conflict: it has not confirmed yet.
    """
    for found in subscriptions(target, outputs):
        if endpoint not in (found["endpoint"], found["subscription"]):
            continue
        if found["subscription"] is None:
            raise Conflict(
                f"{endpoint} has not confirmed its subscription yet.",
                hint="nothing is sent there; it goes by itself after two days",
            )
        with target.errors():
            target.client("sns").unsubscribe(SubscriptionArn=found["subscription"])
        return found
    raise NotFound(f"{endpoint} is not subscribed.", hint="see: quizkit winners list")


def _topic(target: Target, outputs: Mapping[str, str], name: str) -> str:
    try:
        return outputs[name]
    except KeyError as exc:
        raise NotFound(
            f"Stage {target.stage} has no output {name}.",
            hint="run: quizkit deploy",
            code="stack_not_found",
        ) from exc


def _subscription(endpoint: str, protocol: str, arn: str) -> Subscription:
    confirmed = arn.startswith("arn:")
    return Subscription(
        subscription=arn if confirmed else None,
        endpoint=endpoint,
        protocol=protocol,
        confirmed=confirmed,
    )
