"""Whether a stage is deployed, up to date, and answers; the same on both targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from quizkit.sdk import deploy
from quizkit.sdk.checks.model import Check, Command
from quizkit.sdk.deploy import StackEvent, StackStatus
from quizkit.sdk.errors import CredentialsError, NotFound

if TYPE_CHECKING:
    from quizkit.sdk.target import Target

#: No session has this id: ids are longer.
_NOBODYS: Final = "doctor"


@dataclass(frozen=True, slots=True)
class Deployed:
    """What is deployed for a stage.

    Attributes:
        status: of its stack.
        failure: what failed first in the last deployment, or None.
    """

    status: StackStatus
    failure: StackEvent | None = None


def find(target: Target) -> Deployed:
    """Look at the stage's stack, and after a failed deployment at what failed."""
    from quizkit.sdk.deploy import planner, stacks

    status = deploy.status(target, resources=False)
    if planner.condition(status.status) not in ("undone", "in_the_way", "stuck"):
        return Deployed(status)
    try:
        with target.errors():
            return Deployed(status, stacks.first_failure(target, target.stack_name))
    except CredentialsError:
        # Who may see the stack, and not its history, is told the stack's state.
        return Deployed(status)


def stack(target: Target, found: Deployed, command: Command) -> Check:
    """Whether the stage's stack is deployed and in a state to work with."""
    from quizkit.sdk.deploy import planner

    name, stack_name, status = "stack", target.stack_name, found.status.status
    again = f"run: {command('deploy')}"
    match planner.condition(status):
        case "absent":
            return Check.warning(name, f"{stack_name} is not deployed", again)
        case "healthy":
            return Check.ok(name, f"{stack_name} is in {status}")
        case "busy":
            message = f"{stack_name} is in {status}: somebody is changing it"
            return Check.warning(name, message, f"wait; to see it end: {command('status')}")
        case "undone":
            message = f"{stack_name} is in {status}: its last update failed and was undone"
            return Check.warning(name, message + _because(found), again)
        case "in_the_way":
            message = f"{stack_name} is in {status}: a deployment failed and left it unusable"
            return Check.failed(name, message + _because(found), again)
        case "stuck":
            error = planner.stuck(target, stack_name, str(status))
            return Check.failed(name, error.message.rstrip(".") + _because(found), error.hint)


def _because(found: Deployed) -> str:
    """What failed first, or else what CloudFormation says of the stack."""
    failure = found.failure
    if failure is not None:
        reason = failure.reason or failure.status
        return f"; {failure.logical_id} ({failure.type}): {reason}"
    return f"; {found.status.reason}" if found.status.reason else ""


def up_to_date(target: Target, current: bool | None, command: Command) -> Check:
    """Whether the stack is what this version of quizkit and the stage's settings make of it.

    Args:
        current: as `deploy.is_current` says; None where it does not know.
    """
    name = "up_to_date"
    if current:
        return Check.ok(name, "it is what this version makes of the stage's settings")
    if current is not None:
        message = "it differs from what this version makes of the stage's settings"
        return Check.warning(name, message, f"run: {command('deploy')}")
    if target.is_local:
        # What is deployed from here leaves its assembly in the cache.
        message = "it was deployed by another version, or with other settings"
        return Check.warning(name, message, f"run: {command('deploy')}")
    message = "only a synthesis tells, which takes some seconds"
    return Check.skipped(name, message, f"run: {command('diff')}")


def api(url: str) -> Check:
    """Whether the stage's HTTP API answers from here, with a function and a table behind it."""
    from quizkit.sdk.player import PlayerApi

    door = PlayerApi(url)
    try:
        door.leaderboard(_NOBODYS, 1)
    except NotFound as exc:
        if exc.code != "session_not_found":
            return Check.of_error("api", exc)
    finally:
        door.close()
    return Check.ok("api", f"{url} answers")
