"""Everything that `quizkit doctor` looks at, in order, for the target that is asked for.

A check that does not apply to the target or the stage is left out; one that rests on something
that was not found is skipped, and says on what. What goes wrong on the way is a finding, too.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from quizkit.sdk.checks import Check
from quizkit.sdk.checks.attempts import attempt
from quizkit.sdk.errors import CredentialsError, MissingExtra, Misuse, QuizkitError
from quizkit.sdk.project import check_names
from quizkit.sdk.target import Target

if TYPE_CHECKING:
    from quizkit.cli.context import Cli
    from quizkit.sdk.accounts import SignIn
    from quizkit.sdk.checks.stage import Deployed
    from quizkit.sdk.deploy import Transform
    from quizkit.sdk.winners import Subscription

T = TypeVar("T")
Outputs: TypeAlias = Mapping[str, str]

#: What rests on a platform that runs, and on credentials, in the order in which it is told.
_OF_PLATFORM: Final = ("gateway", "redis", "handlers", "stack", "up_to_date", "api")
_OF_ACCOUNT: Final = ("services", "stack", "up_to_date", "api", "concurrency", "winners", "alarms")
_AS_CALLER: Final = ("clock", *_OF_ACCOUNT)


class Checkup:
    """One look at everything.

    Attributes:
        target: the name of the target that is asked for; perhaps of none that there is.
        stage: the name of the stage.

    Raises:
        Misuse: a target or stage that cannot be is asked for on the command line.
    """

    def __init__(self, cli: Cli) -> None:
        self._cli = cli
        self._wrong_project = cli.pass_over_project()
        flags = cli.flags
        self.target, self.stage = cli.names
        self._on_aws = self.target == "aws"
        self._misuse: Misuse | None = None
        #: Why the HTTP API cannot answer, where that is known.
        self._no_api: str | None = None
        try:
            check_names(self.target, self.stage)
        except Misuse as exc:
            if flags.target or flags.stage:
                raise
            self._misuse = exc

    def checks(self) -> Iterator[Check]:
        """All findings, each as soon as it is there."""
        region = self._place.region if self._on_aws and isinstance(self._place, Target) else None
        self._cli.announce_place(self.target, self.stage, region)
        yield from self.of_machine()
        yield from self.of_target()

    def of_target(self) -> Iterator[Check]:
        """What the target that is asked for needs, and how it is."""
        if self._misuse is not None:
            yield Check.of_error("target", self._misuse)
        elif self._on_aws:
            yield from self._of_aws()
        else:
            yield from self._of_local()

    # --- this machine ------------------------------------------------------------------

    def of_machine(self) -> Iterator[Check]:
        """What this machine needs; the target says how badly."""
        from quizkit.sdk import home
        from quizkit.sdk.accounts import store
        from quizkit.sdk.checks import machine

        version = (sys.version_info.major, sys.version_info.minor, sys.version_info.micro)
        chosen = os.environ.get("QUIZKIT_HOME")
        places = (home.config_dir, home.data_dir, home.cache_dir, home.state_dir)
        yield machine.python(version, machine.supported_pythons())
        yield terminal(sys.stdout.encoding, moving=self._cli.out.animated)
        yield self._try(
            "directories",
            lambda: machine.directories((place() for place in places), home=chosen),
        )
        yield from self._of_deploying()
        yield from self._of_local_parts()
        yield self._try(
            "keyring",
            lambda: machine.keyring(
                store.find_keyring(),
                present=find_spec("keyring") is not None,
                home=chosen,
                folder=store.private_folder(),
            ),
        )

    def _of_deploying(self) -> Iterator[Check]:
        """The project file's settings, the CDK and its Node: all that a synthesis takes."""
        from quizkit.sdk.checks import machine
        from quizkit.sdk.deploy.assembly import NEEDED
        from quizkit.sdk.deploy.readiness import readiness

        needed, project = not self._on_aws, self._cli.project
        ready = self._try("deploy", lambda: readiness(project.stages))
        problems = {} if isinstance(ready, Check) else ready.stages
        yield machine.project(self._wrong_project or project, self.stage, problems)
        if isinstance(ready, Check):
            yield ready
            yield from _skipped(["node"], "the infrastructure cannot be asked")
            return
        versions = {name: machine.installed(name) for name in NEEDED}
        extra = machine.deploy_extra(versions, ready.bundle, needed=needed)
        yield extra
        if ready.node.problem is not None and None in versions.values():
            yield from _skipped(["node"], "it comes with the extra “deploy”")
        else:
            yield machine.node(ready.node, needed=needed)

    def _of_local_parts(self) -> Iterator[Check]:
        """What the local platform consists of."""
        from quizkit.local import checks

        needed = not self._on_aws
        yield self._try("local", lambda: checks.extra(needed=needed))
        yield self._try("redis_server", lambda: checks.redis_program(needed=needed))

    # --- the local target --------------------------------------------------------------

    def _of_local(self) -> Iterator[Check]:
        from quizkit.local import checks
        from quizkit.local.differences import localiser

        cli = self._cli
        found = self._try("platform", checks.look)
        if isinstance(found, Check):
            yield found
            yield from _skipped(["ports", *_OF_PLATFORM], "the local platform cannot be seen")
            return
        yield checks.state(found, cli.command)
        yield self._try("ports", lambda: checks.ports(found, cli.command))
        if not found.alive:
            yield from _skipped(_OF_PLATFORM, "the local platform does not run")
            return
        for part in found.status.components:
            yield checks.component(found, part)
        if not found.status.component("gateway").up:
            yield from _skipped(["stack", "up_to_date", "api"], "MiniStack does not answer")
            return
        if not found.status.component("handlers").up:
            self._no_api = "the handler host does not answer"
        target = cli.settle_on(found.status.gateway_url).hurried()
        moved = checks.moved(found, cli.command)
        yield from self._of_stack(target, localiser(found.status), moved)

    # --- AWS ---------------------------------------------------------------------------

    def _of_aws(self) -> Iterator[Check]:
        from quizkit.sdk.checks import account

        target = self._place
        if isinstance(target, Check):
            yield target
            rest = ["credentials", *_AS_CALLER]
            yield from _skipped(
                (each for each in rest if each != target.name), "it is not known where to ask"
            )
            return
        name, hurried = target.region, target.hurried()
        yield self._try("region", lambda: account.region(name, account.known_regions()))
        identity = self._try("credentials", lambda: account.identify(hurried))
        now = datetime.now(UTC)
        if isinstance(identity, Check):
            yield identity
            yield from _skipped(_AS_CALLER, "AWS has not answered")
            return
        host = self._host() if isinstance(identity.error, CredentialsError) else None
        if host is None or identity.error is None:
            yield account.credentials(identity)
        else:
            yield _without_credentials(identity.error, host)
        yield account.clock(identity.date, now)
        if identity.error is None:
            yield from self._of_account(hurried)
        elif host is None:
            yield from _skipped(_OF_ACCOUNT, "this takes credentials that AWS accepts")
        else:
            yield self._api(host.stage.http_url)
            rest = [each for each in _OF_ACCOUNT if each != "api"]
            yield from _skipped(rest, "this takes AWS credentials")

    @cached_property
    def _place(self) -> Target | Check:
        """The target on AWS, or what is wrong with its region or profile."""
        try:
            return self._cli.settle_on(None)
        except Misuse as exc:
            return Check.of_error("region", exc)
        except QuizkitError as exc:
            return Check.of_error("credentials", exc)

    def _host(self) -> SignIn | None:
        """Whoever is signed in to the stage as a host, and so needs no AWS credentials."""
        found = self._try("credentials", self._cli.people.remembered)
        return None if found is None or isinstance(found, Check) or not found.is_host else found

    def _of_account(self, target: Target) -> Iterator[Check]:
        from quizkit.sdk import winners
        from quizkit.sdk.checks import account

        yield self._try("services", lambda: account.services(target))
        outputs = yield from self._of_stack(target)
        yield self._allowed(
            "concurrency", "lambda:GetAccountSettings", lambda: account.concurrency(target)
        )
        if self._cli.project.settings(self.stage).get("websocket_access_log") is True:
            yield self._allowed("access_log", "apigateway:GET", lambda: account.access_log(target))

        def resubscribe(item: Subscription) -> str:
            return self._cli.command(f"winners subscribe {item['endpoint']}")

        def ask_again(item: Subscription) -> str:
            what = f"--protocol {item['protocol']} --notification-endpoint {item['endpoint']}"
            topic = outputs[winners.OPERATIONS]
            return target.aws_command(f"sns subscribe --topic-arn {topic} {what}")

        for name, topic, again in (
            ("winners", winners.WINNERS, resubscribe),
            ("alarms", winners.OPERATIONS, ask_again),
        ):
            if topic in outputs:
                yield self._subscriptions(target, outputs, name, topic, again)
            else:
                yield Check.skipped(name, "there is no deployed topic")

    def _subscriptions(
        self,
        target: Target,
        outputs: Outputs,
        name: str,
        topic: str,
        again: Callable[[Subscription], str],
    ) -> Check:
        from quizkit.sdk import winners
        from quizkit.sdk.checks import account

        def look() -> Check:
            found = winners.subscriptions(target, outputs, topic=topic)
            return account.subscriptions(name, found, again)

        return self._allowed(name, "sns:ListSubscriptionsByTopic", look)

    # --- a stage on either target ------------------------------------------------------

    def _of_stack(
        self, target: Target, transform: Transform | None = None, moved: Check | None = None
    ) -> Generator[Check, None, Outputs]:
        """The stack and what rests on it; gives its outputs.

        Args:
            transform: as for `deploy`.
            moved: the finding for a stack that was told other ports.
        """
        from quizkit.sdk.checks import stage

        found = self._allowed("stack", "cloudformation:DescribeStacks", lambda: stage.find(target))
        rest = ("up_to_date", "api")
        if isinstance(found, Check):
            yield found
            yield from _skipped(rest, "the stack cannot be seen")
            return {}
        if not found.status.exists:
            yield stage.stack(target, found, self._cli.command)
            yield from _skipped(rest, "nothing is deployed")
            return {}
        if moved is not None:
            yield moved
            yield from _skipped(rest, "the stack has to be deployed again")
            return found.status.outputs
        yield stage.stack(target, found, self._cli.command)
        yield self._up_to_date(target, found, transform)
        yield self._api(found.status.outputs.get("HttpApiUrl"))
        return found.status.outputs

    def _up_to_date(self, target: Target, found: Deployed, transform: Transform | None) -> Check:
        from quizkit.sdk import deploy
        from quizkit.sdk.checks import stage
        from quizkit.sdk.deploy import planner

        name, status = "up_to_date", found.status.status
        if planner.condition(status) not in ("healthy", "undone"):
            return Check.skipped(name, f"the stack is in {status}")
        settings = self._cli.project.settings(self.stage)

        def look() -> Check:
            try:
                current = deploy.is_current(target, settings, transform=transform)
            except MissingExtra as exc:
                return Check.of_error(name, exc, "skipped")
            return stage.up_to_date(target, current, self._cli.command)

        return self._allowed(name, "cloudformation:GetTemplate", look)

    def _api(self, url: str | None) -> Check:
        from quizkit.sdk.checks import stage

        if url is None or self._no_api is not None:
            why = self._no_api or "the stack has no output HttpApiUrl"
            return Check.skipped("api", why)
        return self._try("api", lambda: stage.api(url))

    # --- looking -----------------------------------------------------------------------

    def _try(self, name: str, look: Callable[[], T]) -> T | Check:
        """What a look gives, or the finding that it failed."""
        return attempt(name, look, on_bug=self._tell_bug)

    def _allowed(self, name: str, action: str, look: Callable[[], T]) -> T | Check:
        """The same for a look that takes a permission."""
        from quizkit.sdk.checks.account import permitted

        return self._try(name, lambda: permitted(name, action, look))

    def _tell_bug(self, exc: Exception) -> None:
        if self._cli.debug:
            traceback.print_exception(exc, file=sys.stderr)


def terminal(encoding: str | None, *, moving: bool) -> Check:
    """Whether every letter can be shown here.

    Args:
        encoding: of standard output.
        moving: whether screens move here (`Output.animated`).
    """
    name, told = "terminal", encoding or "unknown"
    if told.lower().replace("-", "") != "utf8":
        message = f"text is written as {told}, so that some letters become question marks"
        return Check.warning(name, message, "run: export PYTHONUTF8=1")
    still = "nothing moves here: no terminal, or without colour"
    return Check.ok(name, "UTF-8, with screens that move" if moving else f"UTF-8; {still}")


def _without_credentials(error: QuizkitError, host: SignIn) -> Check:
    """The finding for a host: deploying and administration need what playing does not."""
    message = f"{error.message} Who hosts as {host.tokens.username} needs none; deploying does."
    return Check.warning("credentials", message, error.hint)


def _skipped(names: Iterable[str], why: str) -> Iterator[Check]:
    """Checks that rest on something that is not there."""
    return (Check.skipped(name, why) for name in names)


def document(target: str, stage: str, found: Iterable[Check]) -> dict[str, Any]:
    """What `doctor --json` prints."""
    checks = list(found)
    return {
        "healthy": all(check.status != "failed" for check in checks),
        "target": target,
        "stage": stage,
        "checks": [check.as_dict() for check in checks],
    }
