"""Session control: the control queue, hosts' sockets, and calls by the admin function.

The queue carries timers, EventBridge events and schedules alike.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from quizkit.core import doors, messages
from quizkit.core.errors import Rejected
from quizkit.core.owners import ADMINS
from quizkit.core.session import Command, Session, State
from quizkit.lambdas.budgets import Budgets
from quizkit.lambdas.handlers import (
    MAX_EVENT_BYTES,
    Event,
    Handler,
    identity,
    lazy,
    on_call,
    on_socket,
)
from quizkit.lambdas.services.control import Control, view
from quizkit.lambdas.services.inbox import Inbox
from quizkit.lambdas.wiring import Wiring

#: What moves a session; `settle` comes from timers only, and `kick` moves none.
COMMANDS = {name: Command(name) for name in doors.COMMANDS if name != "kick"}


def build(environ: Mapping[str, str]) -> Handler:
    control = Wiring(environ).control()
    budgets = Budgets()

    def handle(event: Event, context: Any) -> Event:
        if "Records" in event:
            return _queue(Inbox(control), event)
        if "requestContext" in event:
            return on_socket(event, budgets, lambda message: _host(control, event, message))
        return on_call(lambda: _call(control, event))

    return handle


def _queue(inbox: Inbox, event: Event) -> Event:
    failed = []
    for record in event["Records"]:
        body = record["body"]
        try:
            body = messages.decode(body, MAX_EVENT_BYTES)
            inbox.receive(body, int(record["attributes"]["SentTimestamp"]))
        except Rejected as exc:
            # What the rules refuse they refuse at every delivery: this one is the last.
            which = record["messageId"]
            print(json.dumps({"level": "warning", "message": exc.message, "message_id": which}))
        except Exception as exc:  # noqa: BLE001 - see below
            # Whatever went wrong, the queue delivers the message again, and in the end
            # to the dead letters; the other messages of the batch are not held up. What it
            # says is kept there, and not for everybody who reads logs.
            which = record["messageId"]
            print(json.dumps({"level": "error", "message": repr(exc), "message_id": which}))
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _command(control: Control, session_id: str, message: Mapping[str, Any]) -> Session:
    command = COMMANDS.get(str(message.get("command")))
    if command is None:
        raise Rejected("bad_request", f"'command' must be one of: {', '.join(COMMANDS)}, kick")
    version = message.get("version")
    if version is not None and (isinstance(version, bool) or not isinstance(version, int)):
        raise Rejected("bad_request", "'version' must be a whole number")
    return control.apply(session_id, command, version=version)


def _host(control: Control, event: Event, message: dict[str, Any]) -> Mapping[str, Any]:
    who = identity(event)
    doors.require(doors.command(message.get("command")), doors.seat(who.role))
    if message.get("command") == "kick":
        return control.kick(who.session_id, message.get("participant_id"))
    session = _command(control, who.session_id, message)
    return _caused(control, session, str(message["command"]))


def _caused(control: Control, session: Session, command: str) -> Mapping[str, Any]:
    """The event that a host's command caused; what comes later is announced by its state."""
    if command in ("start", "next") and session.state is State.OPEN:
        return control.effects.new_question(session)
    if session.state is State.FINISHED:
        return control.effects.quiz_finished(session)
    return {"action": "session", "command": command, "session": view(session)}


def _call(control: Control, event: Event) -> Mapping[str, Any]:
    if "create" in event:
        owner = str(event.get("owner", ADMINS))
        return view(control.create(event["create"], owner=owner))
    session_id = str(event.get("session_id"))
    if event.get("command") == "kick":
        return control.kick(session_id, event.get("participant_id"))
    return view(_command(control, session_id, event))


handler = lazy(build)
