"""What admins and hosts may ask for: quizzes, sessions, results, schedules, uploads.

Operations are methods in a table, named as on the wire. Each is told who asks at which door:
a host acts on what is their own (`core.doors`), an admin on everything. Changes of a session
go to the control function, the one that may make them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol

from quizkit.core import doors
from quizkit.core.doors import Visit
from quizkit.core.errors import Rejected
from quizkit.core.names import pin as read_pin
from quizkit.core.owners import ADMINS, Caller
from quizkit.core.session import Session
from quizkit.lambdas.ids import host_id, random_id
from quizkit.lambdas.ports import Clock, Participant, Questions, Sessions, Tickets
from quizkit.lambdas.services.authoring import Authoring
from quizkit.lambdas.services.control import view
from quizkit.lambdas.services.joining import issue_ticket
from quizkit.lambdas.services.media_library import Library
from quizkit.lambdas.services.results import Results
from quizkit.lambdas.services.sealing import seal_of

Arguments = Mapping[str, Any]


class ScheduleBook(Protocol):
    """The scheduler."""

    def create(self, name: str, expression: str, timezone: str, message: Arguments) -> None: ...
    def listing(self) -> list[dict[str, Any]]: ...
    def delete(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Hosting:
    """What the operations need; `control` calls the control function."""

    sessions: Sessions
    questions: Questions
    tickets: Tickets
    results: Results
    schedules: ScheduleBook
    library: Library
    control: Callable[[Arguments], dict[str, Any]]
    clock: Clock
    websocket_url: str

    def run(self, operation: str, arguments: Arguments, caller: Caller) -> dict[str, Any]:
        """Carry out one operation by name.

        Raises:
            Rejected: `unknown_action`, `forbidden` where it is about what somebody else
                owns, and what the operation refuses.
        """
        function = OPERATIONS.get(operation)
        if function is None:
            raise Rejected("unknown_action", f"there is no operation {operation!r}")
        return function(self, arguments, Visit(doors.operation(operation, caller), caller))

    @property
    def authoring(self) -> Authoring:
        return Authoring(self.sessions, self.questions, self.library, self.clock)

    # --- quizzes -------------------------------------------------------------------------

    def quiz_create(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        return self.authoring.create(arguments, caller.owner)

    def quiz_update(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        head = self._quiz(arguments, caller)
        return self.authoring.update(head, arguments, caller.owner)

    def quiz_list(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        quizzes, cursor = self.questions.listing(_cursor(arguments))
        usable = [quiz for quiz in quizzes if caller.admits(quiz["owner"])]
        onward = _onward(cursor, [quiz["quiz_id"] for quiz in usable], arguments)
        return {"quizzes": usable, "cursor": onward}

    def quiz_get(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        return self.authoring.get(self._quiz(arguments, caller), arguments)

    def quiz_delete(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        quiz_id = _text(arguments, "quiz_id")
        if self.authoring.finish_deletion(quiz_id):
            return {"quiz_id": quiz_id}
        return self.authoring.delete(self._quiz(arguments, caller))

    def _quiz(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        quiz_id = _text(arguments, "quiz_id")
        head = self.questions.head(quiz_id)
        if head is None:
            raise Rejected("quiz_not_found", f"there is no quiz {quiz_id!r}")
        caller.require(head["owner"], "quiz")
        return head

    # --- sessions ------------------------------------------------------------------------

    def session_start(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        # Whoever runs a quiz sees its answers in the end, so it takes the right to read it.
        self._quiz(arguments, caller)
        return self.control({"create": dict(arguments), "owner": caller.owner})

    def session_list(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        live = bool(arguments.get("live", False))
        page, cursor = self.sessions.listing(live=live, cursor=_cursor(arguments))
        names = ("session_id", "quiz_id", "title", "pin", "state", "created_at", "finished_at")
        usable = [item for item in page if caller.admits(item.get("owner", ADMINS))]
        return {
            "sessions": [
                {name: item.get(name) for name in names} | {"owner": item.get("owner", ADMINS)}
                for item in usable
            ],
            "cursor": _onward(cursor, [item["session_id"] for item in usable], arguments),
        }

    def session_get(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        session = self._session(arguments, caller)
        return view(session) | {"participants": self.results.headcount(session)}

    def session_command(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        session = self._session(arguments, caller)
        names = ("command", "participant_id", "version")
        given = {name: arguments[name] for name in names if name in arguments}
        return self.control({**given, "session_id": session.session_id})

    def session_results(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        session, cursor = self._session(arguments, caller), _cursor(arguments)
        return self.results.page(session, cursor) if cursor else self.results.results(session)

    def session_audit(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        session = self._session(arguments, caller)
        audit = self.results.audit(session)
        seal = seal_of(session, self.sessions, self.questions)
        return audit | seal | {"agrees": audit["agrees"] and seal["key_unchanged"] is not False}

    def session_host_ticket(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        session = self._session(arguments, caller)
        host = Participant(
            session.session_id,
            host_id(),
            "host",
            self.clock(),
            role="host",
            user_id=caller.user_id,
        )
        self.results.participants.add(host)
        return {
            "session_id": session.session_id,
            "participant_id": host.participant_id,
            "ticket": issue_ticket(self.tickets, host, self.clock()),
            "websocket_url": self.websocket_url,
        }

    def _session(self, arguments: Arguments, caller: Visit) -> Session:
        session_id = arguments.get("session_id")
        if not session_id:
            session_id = self.sessions.find_pin(read_pin(arguments.get("pin")), self.clock())
            if session_id is None:
                raise Rejected("pin_not_found", "no live session has this PIN")
        session = self.sessions.load(str(session_id))
        if session is None:
            raise Rejected("session_not_found", f"there is no session {session_id!r}")
        caller.require(session.owner, "session")
        return session

    # --- schedules -----------------------------------------------------------------------

    def schedule_create(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        """Plan sessions: `at(…)` opens the lobby now and starts it then; others recur."""
        head = self._quiz(arguments, caller)
        expression = _text(arguments, "expression")
        if not re.fullmatch(r"(at|cron|rate)\(.+\)", expression):
            raise Rejected("bad_request", "an expression is at(…), cron(…) or rate(…)")
        name = str(arguments.get("name") or f"{head['quiz_id'][:50]}-{random_id(4)}")
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", name):
            raise Rejected("bad_request", "a schedule's name has letters, digits, '-', '_', '.'")
        timezone = str(arguments.get("timezone") or "UTC")
        keys = ("lobby_seconds", "reveal_seconds", "close_early", "max_participants")
        options = {key: arguments[key] for key in keys if arguments.get(key) is not None}
        message: dict[str, Any] = {
            "schedule": name,
            "quiz_id": head["quiz_id"],
            "scheduled_at": "<aws.scheduler.scheduled-time>",
            "owner": caller.owner,
            **options,
        }
        made = {"schedule": name, "expression": expression, "timezone": timezone}
        made["quiz_id"] = head["quiz_id"]
        if expression.startswith("at("):
            create = {**options, "quiz_id": head["quiz_id"], "auto": True, "scheduled": True}
            session = self.control({"create": create, "owner": caller.owner})
            message["session_id"] = session["session_id"]
            made |= {key: session[key] for key in ("session_id", "pin", "state")}
        self.schedules.create(name, expression, timezone, message)
        return made

    def schedule_list(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        listed = self.schedules.listing()
        return {"schedules": [entry for entry in listed if caller.admits(entry["owner"])]}

    def schedule_delete(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        name = _text(arguments, "schedule")
        for entry in self.schedules.listing():
            if entry["schedule"] == name:
                caller.require(entry["owner"], "schedule")
        self.schedules.delete(name)
        return {"schedule": name}

    # --- media ---------------------------------------------------------------------------

    def media_upload(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        """A form for uploading one object of exactly this content, type and size."""
        return self.library.offer(arguments)

    def media_keep(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        return self.library.keep(arguments, caller.owner)

    def media_list(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        return self.library.page(_cursor(arguments), caller.admits, self._may_know(caller))

    def media_delete(self, arguments: Arguments, caller: Visit) -> dict[str, Any]:
        item = self.library.find(_text(arguments, "key"))
        caller.require(item.owner, "file")
        return self.library.remove(item, self._may_know(caller))

    def _may_know(self, caller: Visit) -> Callable[[str], bool]:
        """Whether a caller may know that there is a quiz of this id."""

        @cache
        def may(quiz_id: str) -> bool:
            head = self.questions.head(quiz_id)
            return head is not None and caller.admits(head["owner"])

        return may


Operation = Callable[[Hosting, Arguments, Visit], dict[str, Any]]

OPERATIONS: Final[Mapping[str, Operation]] = {
    "quiz.create": Hosting.quiz_create,
    "quiz.update": Hosting.quiz_update,
    "quiz.list": Hosting.quiz_list,
    "quiz.get": Hosting.quiz_get,
    "quiz.delete": Hosting.quiz_delete,
    "session.start": Hosting.session_start,
    "session.list": Hosting.session_list,
    "session.get": Hosting.session_get,
    "session.command": Hosting.session_command,
    "session.results": Hosting.session_results,
    "session.audit": Hosting.session_audit,
    "session.host_ticket": Hosting.session_host_ticket,
    "schedule.create": Hosting.schedule_create,
    "schedule.list": Hosting.schedule_list,
    "schedule.delete": Hosting.schedule_delete,
    "media.upload": Hosting.media_upload,
    "media.keep": Hosting.media_keep,
    "media.list": Hosting.media_list,
    "media.delete": Hosting.media_delete,
}


def _text(arguments: Arguments, key: str) -> str:
    value = arguments.get(key)
    if not isinstance(value, str) or not value:
        raise Rejected("bad_request", f"{key!r} is missing")
    return value


def _onward(cursor: str | None, shown: list[str], arguments: Arguments) -> str | None:
    """Where a list goes on: `<moment>#<id>`, without the id where it is of somebody else's.

    Boards are open to whoever knows a session's id, so a cursor must not tell it. Every id
    sorts before `~`: the page after may begin with what was left out of this one.
    """
    moment, _, last = (cursor or "").partition("#")
    # A whole page of one moment would come again for ever: there the list goes on by the id.
    stuck = moment == (_cursor(arguments) or "").partition("#")[0]
    return cursor if cursor is None or last in shown or stuck else f"{moment}#~"


def _cursor(arguments: Arguments) -> str | None:
    cursor = arguments.get("cursor")
    return cursor if isinstance(cursor, str) and cursor else None
