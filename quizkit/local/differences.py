"""Every difference between the local platform and AWS, and what is done about it.

`quizkit deploy` applies the same template here as on AWS, except for what `localise` rewrites.
Each rewrite is one small function below with its reason and the moment to delete it, and has a
test against a running MiniStack that fails once it is no longer needed. Differences that are
met elsewhere are in the same list, with the place.

URLs. MiniStack serves APIs by path below its own port, also for sockets and `@connections`:
`…/_aws/execute-api/{api}/{stage}`. An API on the `$default` stage leaves the stage out.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from quizkit.local.status import Status

Template: TypeAlias = dict[str, Any]

#: The one form in which the stack writes URLs of its APIs, always inside Fn::Sub.
_API_URL: Final = re.compile(
    r"(?P<scheme>wss|https)://(?P<api>\$\{\w+\})"
    r"\.execute-api\.\$\{AWS::Region\}\.\$\{AWS::URLSuffix\}"
)
#: The form in which it writes the URL of a distribution.
_MEDIA_URL: Final = re.compile(r"https://(?P<host>\$\{\w+\.DomainName\})")
#: Permission on the schedules of a group.
_SCHEDULES: Final = re.compile(r"(?P<arn>arn:.+:scheduler:.+:)schedule/[^/]+/\*")
_LOCAL_SCHEME: Final = {"wss": "ws", "https": "http"}
#: Any runtime that MiniStack does not run in its own single worker for socket messages.
_HOSTED_RUNTIME: Final = "provided.al2023"
_RESOURCE_POLICIES: Final = {
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
}
_PROXY_VARIABLE: Final = "MINISTACK_LAMBDA_PROXY_URL"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the local platform is, URLs without a trailing slash.

    Attributes:
        gateway_url: MiniStack.
        handlers_url: the handler host; None leaves functions to MiniStack's own runner.
    """

    gateway_url: str
    handlers_url: str | None


Rewrite: TypeAlias = Callable[[Template, Places], None]


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    Attributes:
        name: for people and tests.
        why: what goes wrong without it.
        upstream: what in MiniStack causes it.
        delete_when: what has to change there.
        rewrite: changes a template in place; None where the difference is met elsewhere.
        place: where it is met.
    """

    name: str
    why: str
    upstream: str
    delete_when: str
    rewrite: Rewrite | None
    place: str


#: All of them, in the order of their application.
DIFFERENCES: Final[list[Difference]] = [
    Difference(
        name="embedded_metrics",
        why="metrics that functions print in the embedded metric format would never appear",
        upstream="the log service stores lines and extracts no metrics from them",
        delete_when="a printed embedded-metric line shows up in list_metrics",
        rewrite=None,
        place="quizkit.local.hosting.emf",
    ),
    Difference(
        name="deep_frames",
        why="ten thousand nested arrays would close the socket that sent them",
        upstream="evaluating the route selection of a frame does not expect a RecursionError",
        delete_when="_evaluate_route_selection gives $default for such a frame",
        rewrite=None,
        place="quizkit.local.emulator",
    ),
    Difference(
        name="invocation_line",
        why="a thousand players' answers at once would be acknowledged a second later",
        upstream="an invocation through a proxy URL has a thread and a connection of its own",
        delete_when="two invocations through a proxy URL use one connection",
        rewrite=None,
        place="quizkit.local.emulator.Forwarding",
    ),
    Difference(
        name="front_door",
        why="a thousand players would take twice as long to join and to be answered",
        upstream="server and dispatcher do several times the work of the service behind them",
        delete_when="a call of DynamoDB is less than three times the work of its handler",
        rewrite=None,
        place="quizkit.local.emulator.front_door",
    ),
    Difference(
        name="sleeping_sockets",
        why="a thousand players who only wait would keep the gateway busy, and leave late",
        upstream="each socket's task asks for frames again and again with a time-out",
        delete_when="handle_websocket waits for a frame without a time-out",
        rewrite=None,
        place="quizkit.local.emulator.Sleeping",
    ),
    Difference(
        name="queues_move_along",
        why="after a start on another port no timer, event or schedule would reach a session",
        upstream="queues are stored under their URLs, and their readers ask for the present one",
        delete_when="a queue kept over a stop is read for its function on another port",
        rewrite=None,
        place="quizkit.local.emulator.queues_move_along",
    ),
    Difference(
        name="logs_in_full",
        why="quizkit logs would end at a function's first ten thousand lines, and double others",
        upstream="FilterLogEvents gives no token, and lines of functions run there have no id",
        delete_when="a page that is full comes with a token, and each line with an eventId",
        rewrite=None,
        place="quizkit.local.emulator.logs_in_full",
    ),
    Difference(
        name="mail_outbox",
        why="nobody could confirm an account or replace a forgotten password",
        upstream="mails of user pools are put into an outbox and never sent",
        delete_when="never: a mail from this machine would not arrive anyway",
        rewrite=None,
        place="quizkit.local.accounts.Outbox",
    ),
    Difference(
        name="verified_address",
        why="nobody could sign in by address, since only one that is its owner's counts",
        upstream="confirming a sign-up leaves email_verified unset",
        delete_when="admin_get_user shows email_verified once a sign-up is confirmed",
        rewrite=None,
        place="quizkit.local.accounts.mark_verified",
    ),
]


def localise(template: Template, gateway_url: str, handlers_url: str | None) -> Template:
    """The template to apply to the local platform in place of `template`, which stays as it is.

    Args:
        template: as synthesised.
        gateway_url: MiniStack's endpoint, `Status.gateway_url`.
        handlers_url: the handler host's endpoint, `Status.handlers_url`; None for a platform
            with `Status.native`, whose functions run in MiniStack's own workers.
    """
    local = copy.deepcopy(template)
    places = Places(
        gateway_url=gateway_url.rstrip("/"),
        handlers_url=None if handlers_url is None else handlers_url.rstrip("/"),
    )
    for difference in DIFFERENCES:
        if difference.rewrite is not None:
            difference.rewrite(local, places)
    return local


def localiser(status: Status) -> Callable[[Template], Template]:
    """`localise` for a platform that runs, or ran last, with this status."""
    handlers_url = None if status.native else status.handlers_url
    return lambda template: localise(template, status.gateway_url, handlers_url)


def _difference(*, why: str, upstream: str, delete_when: str) -> Callable[[Rewrite], Rewrite]:
    """List the decorated rewrite under its own name."""

    def register(rewrite: Rewrite) -> Rewrite:
        name = rewrite.__name__
        DIFFERENCES.append(
            Difference(name, why, upstream, delete_when, rewrite, f"{__name__}.{name}")
        )
        return rewrite

    return register


@_difference(
    why="the whole stack is refused; answers of socket functions are sent back without it",
    upstream="CloudFormation has no handler for AWS::ApiGatewayV2::RouteResponse",
    delete_when="validate_template takes the type",
)
def drop_route_responses(template: Template, places: Places) -> None:
    """Take the route responses out."""
    _drop(template, _of_type(template, "AWS::ApiGatewayV2::RouteResponse"))


@_difference(
    why="the whole stack is refused; there is no network to guard here",
    upstream="CloudFormation has no handler for AWS::EC2::SecurityGroupIngress",
    delete_when="validate_template takes the type",
)
def drop_security_group_rules(template: Template, places: Places) -> None:
    """Take the separate security group rules out."""
    _drop(template, _of_type(template, "AWS::EC2::SecurityGroupIngress"))


@_difference(
    why="socket messages of a function all wait for one worker: 80 to 105 answers a second",
    upstream="WebSocket dispatch of python and nodejs runtimes passes by the proxy setting",
    delete_when="a python function behind a socket answers through its proxy URL",
)
def host_functions(template: Template, places: Places) -> None:
    """Send the invocations of every function to the handler host."""
    if places.handlers_url is None:
        return
    for function in _functions(template):
        function["Runtime"] = _HOSTED_RUNTIME
        variables = function.setdefault("Environment", {}).setdefault("Variables", {})
        variables[_PROXY_VARIABLE] = places.handlers_url


@_difference(
    why="URLs of the APIs, in outputs and in functions, would name hosts of AWS",
    upstream="AWS::URLSuffix is amazonaws.com, which is not served here; names below localhost"
    " need a resolver that knows them",
    delete_when="never: AWS's own host names cannot lead to this machine",
)
def rewrite_api_urls(template: Template, places: Places) -> None:
    """Make URLs of the APIs lead to MiniStack, in the path form that needs no host names."""
    address = urlsplit(places.gateway_url).netloc

    def local_url(found: re.Match[str]) -> str:
        return f"{_LOCAL_SCHEME[found['scheme']]}://{address}/_aws/execute-api/{found['api']}"

    for node in _nodes(template):
        text = node.get("Fn::Sub")
        if isinstance(text, str):
            node["Fn::Sub"] = _API_URL.sub(local_url, text)
        elif isinstance(text, list) and text and isinstance(text[0], str):
            text[0] = _API_URL.sub(local_url, text[0])


@_difference(
    why="players would be sent to a host name that leads nowhere for their media",
    upstream="distributions are served by host name only; a native platform stays without",
    delete_when="the gateway serves a distribution below a path, on another port than the APIs",
)
def serve_media_by_path(template: Template, places: Places) -> None:
    """Make URLs of distributions lead to the handler host, which asks in their name."""
    if places.handlers_url is None:
        return
    for node in _nodes(template):
        text = node.get("Fn::Sub")
        if isinstance(text, str):
            node["Fn::Sub"] = _MEDIA_URL.sub(rf"{places.handlers_url}/cdn/\g<host>", text)


@_difference(
    why="pages of the origins that a stage lists would be refused like any other",
    upstream="CloudFormation hands an API's CorsConfiguration on in its own spelling, AllowOrigins,"
    " and the API reads allowOrigins",
    delete_when="an API made by a stack answers the preflight of an origin that it allows",
)
def spell_cors(template: Template, places: Places) -> None:
    """Spell the CORS settings of APIs as the gateway reads them."""
    resources = template.get("Resources", {})
    for name in _of_type(template, "AWS::ApiGatewayV2::Api"):
        properties = resources[name].get("Properties", {})
        cors = properties.get("CorsConfiguration")
        if cors:
            properties["CorsConfiguration"] = {
                key[:1].lower() + key[1:]: value for key, value in cors.items()
            }


@_difference(
    why="functions could not connect: the server here takes plain connections and has no users",
    upstream="without Docker an ElastiCache endpoint is the plain Redis at REDIS_HOST:REDIS_PORT",
    delete_when="an endpoint with transit encryption refuses a plain connection",
)
def plain_redis(template: Template, places: Places) -> None:
    """Make functions connect to Redis without TLS and without an IAM user."""
    for function in _functions(template):
        variables = function.get("Environment", {}).get("Variables", {})
        if "REDIS_TLS" in variables:
            variables["REDIS_TLS"] = "false"
        if "REDIS_USER" in variables:
            variables["REDIS_USER"] = ""


@_difference(
    why="with IAM on, every call to a queue, topic or bucket that demands TLS is denied",
    upstream="the gateway speaks plain HTTP, so aws:SecureTransport is false, rightly",
    delete_when="the local gateway is started with TLS (USE_SSL) and every client trusts it",
)
def allow_plain_http(template: Template, places: Places) -> None:
    """Take the statements that deny plain HTTP out of resource policies."""
    resources = template.get("Resources", {})
    for name, resource in list(resources.items()):
        policy = resource.get("Properties", {}).get("PolicyDocument")
        if resource["Type"] not in _RESOURCE_POLICIES or not isinstance(policy, dict):
            continue
        statements = policy["Statement"]
        statements = [statements] if isinstance(statements, dict) else statements
        policy["Statement"] = [one for one in statements if not _denies_plain_http(one)]
        # A topic without a policy has one that lets everybody in its account publish.
        if not policy["Statement"] and resource["Type"] != "AWS::SNS::TopicPolicy":
            _drop(template, {name})


@_difference(
    why="with IAM on, hosts could plan no session: a role is scoped to the stage's own group",
    upstream="a schedule's group is not read: permissions are checked against the group default",
    delete_when="creating a schedule is checked against the group that the request names",
)
def schedules_of_default_group(template: Template, places: Places) -> None:
    """Let roles do to schedules of the group `default` what they may to those of theirs."""
    for resource in template.get("Resources", {}).values():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        for node in list(_nodes(resource.get("Properties", {}).get("Policies", []))):
            for arn in list(node.get("Resource", [])):
                text = arn.get("Fn::Sub") if isinstance(arn, dict) else None
                if isinstance(text, str) and (match := _SCHEDULES.fullmatch(text)):
                    node["Resource"].append({"Fn::Sub": f"{match['arn']}schedule/default/*"})


def _denies_plain_http(statement: dict[str, Any]) -> bool:
    """Whether a statement does nothing but refuse requests without TLS."""
    return statement["Effect"] == "Deny" and statement.get("Condition") == {
        "Bool": {"aws:SecureTransport": "false"}
    }


def _of_type(template: Template, kind: str) -> set[str]:
    """Logical ids of all resources of `kind`."""
    resources = template.get("Resources", {})
    return {name for name, resource in resources.items() if resource["Type"] == kind}


def _drop(template: Template, dropped: set[str]) -> None:
    """Take resources out, and the mentions of them in DependsOn."""
    resources = template.get("Resources", {})
    for name in dropped:
        del resources[name]
    for resource in resources.values():
        names = resource.get("DependsOn")
        if names is None:
            continue
        names = [names] if isinstance(names, str) else names
        left = [name for name in names if name not in dropped]
        if left:
            resource["DependsOn"] = left
        else:
            del resource["DependsOn"]


def _functions(template: Template) -> Iterator[dict[str, Any]]:
    """Properties of every function."""
    for resource in template.get("Resources", {}).values():
        if resource["Type"] == "AWS::Lambda::Function":
            yield resource["Properties"]


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in a JSON value, the outer ones first."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)
