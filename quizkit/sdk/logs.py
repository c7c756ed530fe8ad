"""The functions' logs, from CloudWatch Logs: read once, or followed.

    groups = choose(log_groups(target), ["answer"])
    reader = LogReader(target, groups, since_ms)
    for line in reader.read(): …        lines until now, oldest first
    for line in reader.read(): …        what has come since

Lines come late: each environment of a function hands its own over when it can, so a line may
appear after younger ones. Every call therefore looks again at the last minute before the newest
line that it knows of a function, and skips the lines that it has given already, by their ids.
The minute goes by the lines' own times, so nothing depends on this machine's clock. What that
costs: a minute of lines is read again each time, and a line that is later than that is missed.

CloudWatch Logs takes five of these requests a second from a whole account, which is what the
pace is for. Where somebody else reads meanwhile, a call may end with `Unreachable`: call again.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from quizkit.sdk.deploy import resources
from quizkit.sdk.errors import NotFound
from quizkit.sdk.log_lines import LogLine, parse

if TYPE_CHECKING:
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_logs.type_defs import FilteredLogEventTypeDef, FilterLogEventsRequestTypeDef

    from quizkit.sdk.target import Target

#: How late a line may come, in milliseconds.
LATENESS_MS: Final = 60_000

_FUNCTIONS: Final = "/aws/lambda/"
_AWS_GAP: Final = 0.2


def log_groups(target: Target) -> dict[str, str]:
    """The log group of each of the stage's functions, by the function's short name.

    The stack is asked, since it alone knows what it is made of; its other groups are those of
    the APIs.

    Raises:
        NotFound: nothing, or no function, is deployed for this stage.
    """
    own = f"{_FUNCTIONS}{target.stack_name}-"
    groups = {
        resource.physical_id.removeprefix(own): resource.physical_id
        for resource in sorted(resources(target), key=lambda each: each.physical_id)
        if resource.type == "AWS::Logs::LogGroup" and resource.physical_id.startswith(own)
    }
    if not groups:
        raise NotFound(
            f"Stage {target.stage} has no functions.",
            hint="see: quizkit status",
            code="stack_not_found",
        )
    return groups


def choose(groups: Mapping[str, str], functions: Iterable[str]) -> dict[str, str]:
    """The groups of the functions named, all of them where none is.

    Raises:
        NotFound: there is no such function.
    """
    wanted = list(functions) or list(groups)
    for name in wanted:
        if name not in groups:
            raise NotFound(
                f"There is no function “{name}”.",
                hint=f"functions are: {', '.join(groups)}",
                code="function_not_found",
            )
    return {name: groups[name] for name in wanted}


class LogReader:
    """Reads the logs of some functions, from a moment on.

    Args:
        target: where they are.
        groups: their log groups, by function.
        since_ms: epoch milliseconds; older lines are not read.
    """

    def __init__(self, target: Target, groups: Mapping[str, str], since_ms: int) -> None:
        self._target = target
        self._tails = [_Tail(name, group, since_ms) for name, group in groups.items()]
        self._gap = 0.0 if target.is_local else _AWS_GAP

    def read(self) -> Iterator[LogLine]:
        """Lines that have come since the last call, oldest first.

        Where it is broken off, by an error or by its reader, the next call goes on from there.

        Raises:
            NotFound: a group is gone.
            CredentialsError, Unreachable: as for any call.
        """
        found = heapq.merge(*map(self._events, self._tails), key=_time_of)
        for tail, event in found:
            if tail.take(event):
                yield parse(tail.function, event["timestamp"], event["message"])
        for tail in self._tails:
            tail.move_on()

    def _events(self, tail: _Tail) -> Iterator[tuple[_Tail, FilteredLogEventTypeDef]]:
        """What a group holds from the tail's start on, page by page; oldest first, as it comes."""
        client = self._target.client("logs")
        token: str | None = ""
        while token is not None:
            time.sleep(self._gap)
            with self._target.errors():
                events, token = _page(client, tail, token)
            for event in events:
                yield tail, event


class _Tail:
    """How far a function's log has been read.

    Attributes:
        start: epoch milliseconds; where the next look begins.
    """

    def __init__(self, function: str, group: str, start: int) -> None:
        self.function = function
        self.group = group
        self.start = start
        self._newest = start
        self._taken: dict[str, int] = {}

    def take(self, event: FilteredLogEventTypeDef) -> bool:
        """Whether this event is new; from now on it is not."""
        if event["eventId"] in self._taken:
            return False
        self._taken[event["eventId"]] = event["timestamp"]
        # A line may claim a time that is yet to come; those that follow must not be missed for it.
        self._newest = max(self._newest, min(event["timestamp"], event["ingestionTime"]))
        return True

    def move_on(self) -> None:
        """After a look to the end: the next one need not begin so early."""
        self.start = max(self.start, self._newest - LATENESS_MS)
        self._taken = {name: at for name, at in self._taken.items() if at >= self.start}


def _time_of(found: tuple[_Tail, FilteredLogEventTypeDef]) -> int:
    return found[1]["timestamp"]


def _page(
    client: CloudWatchLogsClient, tail: _Tail, token: str
) -> tuple[list[FilteredLogEventTypeDef], str | None]:
    """Some events, and the token of the next page; None after the last one.

    Raises:
        NotFound: the group is gone.
    """
    asked: FilterLogEventsRequestTypeDef = {"logGroupName": tail.group, "startTime": tail.start}
    if token:
        asked["nextToken"] = token
    try:
        page = client.filter_log_events(**asked)
    except client.exceptions.ResourceNotFoundException as exc:
        raise NotFound(
            f"The log of {tail.function} is gone.",
            hint="run: quizkit deploy",
            code="stack_not_found",
        ) from exc
    return page["events"], page.get("nextToken")
