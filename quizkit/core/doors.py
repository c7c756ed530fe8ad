"""Every door of the platform, and who may go through it.

One table: a row a door, a column a role. What decides about roles asks it (`require`,
`Visit`), and a test walks all of it through the doors of a real platform. A route, an
operation, a command or an action without a row fails the gate.

A role is what somebody is to the session, quiz or schedule that a request is about. Who has
AWS credentials is an admin; nobody else has any, so IAM guards the doors of AWS itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from quizkit.core.errors import Rejected
from quizkit.core.owners import ADMINS, Caller


class Role(StrEnum):
    """What somebody is to what a request is about; in the order of the table's columns."""

    ANONYMOUS = "anonymous"
    GUEST = "guest"
    PLAYER = "player"
    OTHER_PLAYER = "other_player"
    OTHER_HOST = "other_host"
    HOST = "host"
    ADMIN = "admin"


class Verdict(StrEnum):
    """What a door says.

    OWN: the door is open, but leads to nothing but the role's own session or things. It takes
    no name of another one, or shows only what is theirs.
    """

    ALLOWED = "+"
    OWN = "o"
    REFUSED = "-"


@dataclass(frozen=True, slots=True)
class Door:
    """A row.

    Attributes:
        name: `POST /join` for an HTTP route, `POST /host/quiz.get` for one of its operations,
            `socket ping` for a route of the WebSocket API, `host start` for a command over it,
            `invoke quiz.get` for a direct call of the admin function, `function answer` for
            one of another function, past its gateway or queue, `event start` for an action
            of an EventBridge event, `queue` for the control queue.
        verdicts: a letter a role, in the order of `Role`; see `Verdict`.
        refusal: what a refused one is told.
        shared: whether every host may go through where it is about what the admins made.
    """

    name: str
    verdicts: str
    refusal: str
    shared: bool = False

    def verdict(self, role: Role) -> Verdict:
        """What the door says to a role."""
        return Verdict(self.verdicts[_COLUMNS[role]])


_COLUMNS: Final = {role: column for column, role in enumerate(Role)}
_PLAYERS_ONLY: Final = "only players answer"
_HOSTS_ONLY: Final = "only hosts may do this"
_SIGNED_IN_HOSTS: Final = "your account is not in the group of hosts"
_CREDENTIALS: Final = "this takes AWS credentials"

#     a g p op oh h a: anonymous, guest, player, another session's player, another host, this
#     host, admin. Over HTTP, AWS credentials are nothing.
_HTTP: Final = {
    "POST /join":                    "+++++++",
    "POST /join/member":             "--++++-",
    "POST /answer":                  "-++o---",
    "GET /leaderboard/{session_id}": "+++++++",
}  # fmt: skip
# An operation's second letters: "s" where it is shared, see `Door.shared`.
_OPERATIONS: Final = {
    "{operation}":         "----o+-",
    "quiz.create":         "----++-",
    "quiz.update":         "-----+-",
    "quiz.list":           "----o+-s",
    "quiz.get":            "-----+-s",
    "quiz.delete":         "-----+-",
    "session.start":       "-----+-s",
    "session.list":        "----o+-",
    "session.get":         "-----+-",
    "session.command":     "-----+-",
    "session.results":     "-----+-",
    "session.audit":       "-----+-",
    "session.host_ticket": "-----+-",
    "schedule.create":     "-----+-s",
    "schedule.list":       "----o+-",
    "schedule.delete":     "-----+-",
    "media.upload":        "----++-",
    "media.keep":          "----++-",
    "media.list":          "----o+-",
    "media.delete":        "-----+-",
}  # fmt: skip
# An admin is on a socket with a host's ticket of the session.
_SOCKET: Final = {
    "$connect":      "-++oo++",
    "$disconnect":   "-++++++",
    "$default":      "-++++++",
    "ping":          "-++++++",
    "join_quiz":     "-++oo++",
    "submit_answer": "-++o---",
}  # fmt: skip
_COMMANDS: Final = {
    "{command}": "----o++",
    "start":     "----o++",
    "next":      "----o++",
    "close":     "----o++",
    "lock":      "----o++",
    "unlock":    "----o++",
    "kick":      "----o++",
    "end":       "----o++",
}  # fmt: skip
_ADMINS: Final = "------+"
# All but the admin function, whose operations have rows. Called directly, a function believes
# what the call says: a gateway's event names whoever its writer likes.
_FUNCTIONS: Final = (
    *("authorizer", "connection", "answer", "join", "board", "control", "broadcast", "counter"),
)
#: What an EventBridge event may ask for.
EVENT_ACTIONS: Final = ("start", "next", "close", "end")


def _rows() -> list[Door]:
    refusals = {"POST /join/member": "sign in to join as a member"}
    requests = [Door(name, row, refusals.get(name, _PLAYERS_ONLY)) for name, row in _HTTP.items()]
    operations = [
        Door(f"POST /host/{name}", row[: len(Role)], _SIGNED_IN_HOSTS, row.endswith("s"))
        for name, row in _OPERATIONS.items()
    ]
    sockets = [Door(f"socket {name}", row, _PLAYERS_ONLY) for name, row in _SOCKET.items()]
    aws = [f"invoke {name}" for name in _OPERATIONS]
    aws += [f"function {name}" for name in _FUNCTIONS]
    aws += [f"event {action}" for action in EVENT_ACTIONS]
    return [
        *requests,
        *operations,
        *sockets,
        *(Door(f"host {name}", row, _HOSTS_ONLY) for name, row in _COMMANDS.items()),
        *(Door(name, _ADMINS, _CREDENTIALS) for name in [*aws, "queue"]),
    ]


#: The table, by the doors' names.
DOORS: Final[Mapping[str, Door]] = {door.name: door for door in _rows()}
#: What hosts may command.
COMMANDS: Final = tuple(name for name in _COMMANDS if name != "{command}")


def require(door: Door, role: Role) -> None:
    """See that a role may go through a door.

    Raises:
        Rejected: `unauthorized` for somebody who has not said who they are; else `forbidden`.
    """
    if door.verdict(role) is Verdict.REFUSED:
        code = "unauthorized" if role is Role.ANONYMOUS else "forbidden"
        raise Rejected(code, door.refusal)


def command(name: object) -> Door:
    """The door of a host's command over the socket; one for all that are none."""
    return DOORS.get(f"host {name}", DOORS["host {command}"])


def operation(name: str, caller: Caller | None = None) -> Door:
    """The door of an operation over HTTP, or of an admin's direct call of it."""
    way = "invoke " if caller is not None and caller.user_id is None else "POST /host/"
    return DOORS.get(f"{way}{name}", DOORS[f"{way}{{operation}}"])


def seat(role: str) -> Role:
    """What somebody on a socket is to its session, by their ticket's `host` or `player`.

    Whether a player signed in makes no difference there.
    """
    return Role.HOST if role == "host" else Role.GUEST


def towards(caller: Caller, owner: str) -> Role:
    """What a host or an admin is to what `owner` made."""
    if caller.user_id is None:
        return Role.ADMIN
    return Role.HOST if caller.user_id == owner else Role.OTHER_HOST


@dataclass(frozen=True, slots=True)
class Visit:
    """A host or an admin at the door of an operation."""

    door: Door
    caller: Caller

    @property
    def owner(self) -> str:
        """Whose what they make will be."""
        return self.caller.owner

    @property
    def user_id(self) -> str | None:
        """Of their account; None for an admin."""
        return self.caller.user_id

    def admits(self, owner: str) -> bool:
        """Whether the door opens where it is about what `owner` made."""
        if self.door.shared and owner == ADMINS:
            return True
        return self.door.verdict(towards(self.caller, owner)) is Verdict.ALLOWED

    def require(self, owner: str, what: str) -> None:
        """See that the door opens where it is about a `what` that `owner` made.

        Raises:
            Rejected: `forbidden`.
        """
        if not self.admits(owner):
            raise Rejected("forbidden", f"this {what} is another host's")
