"""The table of doors, walked whole: every role at every door of the deployed platform.

Everybody is there at once, each with the best credentials of their role: two sessions of two
hosts, guests and signed-in players in both. First everybody tries what the table refuses them
or bounds to their own session, always about the first host's session; nothing of it may change.
Then those who are allowed go through, in the table's order.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from quizkit.core.doors import DOORS, Door, Role, Verdict
from quizkit.core.errors import STATUS
from tests import media_samples as samples
from tests.contract.client import Connection, Player, Reply, Seat, seat_of
from tests.contract.doors import Doors
from tests.contract.game import question
from tests.contract.rooms import new_name, open_now

PASSWORD = "Correct1horse!"
CLOSED = {"unauthorized", "forbidden"}
#: How the gateway itself refuses.
BY_STATUS = {401: "unauthorized", 403: "forbidden"}
#: Doors that stand for what nobody knows: what those hear who are allowed to ask.
UNKNOWN = {
    "POST /host/{operation}": "unknown_action",
    "invoke {operation}": "unknown_action",
    "socket $default": "unknown_action",
    # Only the gateway itself may say that a socket has gone.
    "socket $disconnect": "unknown_action",
    "host {command}": "bad_request",
}
#: Doors of AWS itself: IAM refuses all but admins (tests/infra/test_doors.py), and the emulator
#: enforces none here.
OF_AWS = ("invoke ", "function ", "event ", "queue")
COMMAND_ANSWERS = ("session", "new_question", "question_closed", "quiz_finished", "kicked")


@dataclass(frozen=True)
class Outcome:
    """What came of a try: `code` is "ok" or the error's; `text` is all that was said."""

    code: str
    text: str


@dataclass
class Cast:
    """Everybody, and the session, quiz and schedules of the first host that all is about."""

    doors: Doors
    quiz_id: str
    session_id: str
    pin: str
    name: str
    id_tokens: dict[Role, str]
    seats: dict[Role, Seat]
    lines: dict[Role, Connection] = field(default_factory=dict)
    files: dict[Role, str] = field(default_factory=dict)
    victim: str = ""
    other_session: str = ""

    def of(self, role: Role) -> str:
        """The session that a host or an admin leads."""
        return self.other_session if role is Role.OTHER_HOST else self.session_id

    def arguments(self, operation: str, role: Role) -> dict[str, Any]:
        """An operation's request about the first host's things, of use if it is let in."""
        document = {"title": f"{self.name} by {role}", "questions": [question("x", "a")]}
        special: dict[str, dict[str, Any]] = {
            "quiz.create": {"document": document},
            "quiz.update": {"document": document | {"title": self.name}},
            "session.list": {"live": True},
            "session.command": {"command": "lock" if allowed(operation, role) else "end"},
            "schedule.create": {
                "name": f"{self.name}-{role}-new",
                "expression": "cron(0 0 1 1 ? 2031)",
            },
            "schedule.delete": {"schedule": f"{self.name}-{doomed(role)}"},
            "media.upload": {"content_type": "image/png", "size": 100, "sha256": "0" * 64},
            "media.keep": {"key": self.files[Role.ADMIN]},
            "media.list": {},
            "media.delete": {"key": self.files[doomed(role)]},
        }
        without = operation == "quiz.create" or operation.startswith("media.")
        named = {} if without else self.named(operation)
        return named | special.get(operation, {})

    def named(self, operation: str) -> dict[str, Any]:
        """What the request names."""
        if operation.startswith(("quiz.", "session.start", "schedule.create")):
            return {"quiz_id": self.quiz_id}
        return {"session_id": self.session_id}

    async def snapshot(self) -> dict[str, Any]:
        """All that a try could have changed."""
        ask = self.doors.ask
        quizzes, cursor = [], None
        while True:
            page = await ask("quiz.list", cursor=cursor)
            quizzes += page["quizzes"]
            cursor = page["cursor"]
            if cursor is None:
                break
        live = (await ask("session.list", live=True))["sessions"]
        schedules = (await ask("schedule.list"))["schedules"]
        media, cursor = [], None
        while True:
            page = await ask("media.list", cursor=cursor)
            media += page["media"]
            cursor = page["cursor"]
            if cursor is None:
                break
        return {
            "session": await ask("session.get", session_id=self.session_id),
            "results": await ask("session.results", session_id=self.session_id),
            "quizzes": [
                quiz
                for quiz in quizzes
                if quiz["quiz_id"] == self.quiz_id or self.name in quiz["title"]
            ],
            "sessions": [entry for entry in live if entry["quiz_id"] == self.quiz_id],
            "schedules": [entry for entry in schedules if self.name in entry["schedule"]],
            "media": [item for item in media if item["key"] in self.files.values()],
        }


def allowed(operation: str, role: Role) -> bool:
    """Whether a role may go through at least one of an operation's doors."""
    ways = ("POST /host/", "invoke ")
    return any(DOORS[way + operation].verdict(role) is Verdict.ALLOWED for way in ways)


def doomed(role: Role) -> Role:
    """Whose schedule or file a role tries to delete: who may delete has one each."""
    return role if role is Role.ADMIN else Role.HOST


# --- ways in -------------------------------------------------------------------------------


async def request(cast: Cast, role: Role, key: str, body: object, bearer: str | None) -> Outcome:
    """An HTTP request; an admin signs it as AWS's own requests are signed."""
    method, _, path = key.partition(" ")
    headers = signature(cast.doors, method, path, body) if role is Role.ADMIN else {}
    reply = await cast.doors.http.request(method, path, body, bearer, headers)
    return Outcome(code_of(reply), reply.text)


def code_of(reply: Reply) -> str:
    """The gateway's own refusals have no code, but a status."""
    if reply.status == 200:
        return "ok"
    try:
        return reply.code
    except (KeyError, ValueError):
        return BY_STATUS[reply.status]


def signature(doors: Doors, method: str, path: str, body: object) -> dict[str, str]:
    """The headers that AWS credentials make."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    url = doors.output("HttpApiUrl").rstrip("/") + path
    data = json.dumps(body) if method == "POST" else None
    made = AWSRequest(method, url, data=data)
    SigV4Auth(Credentials("test", "test"), "execute-api", "us-east-1").add_auth(made)
    return {name.lower(): str(value) for name, value in made.headers.items()}


async def by_http(cast: Cast, door: Door, role: Role) -> Outcome:
    """A route of its own."""
    seat = cast.seats.get(role)
    resume = None if seat is None else seat.resume_token
    token = cast.id_tokens.get(role)
    match door.name:
        case "POST /join" | "POST /join/member":
            body = {"pin": cast.pin, "nickname": new_name()}
            return await request(cast, role, door.name, body, token or resume)
        case "POST /answer":
            named = {"session_id": cast.session_id, "participant_id": cast.victim}
            answer = {"question_id": "q1", "answer": ["b"], **named}
            return await request(cast, role, door.name, answer, resume or token)
        case "GET /leaderboard/{session_id}":
            path = door.name.replace("{session_id}", cast.session_id)
            return await request(cast, role, path, None, token or resume)
    raise AssertionError(f"nobody knows how to knock at {door.name}")


async def by_operation(cast: Cast, door: Door, role: Role) -> Outcome:
    """A host's operation; who has no account shows the token that they have."""
    operation = door.name.removeprefix("POST /host/")
    unknown = operation == "{operation}"
    seat = cast.seats.get(role)
    token = cast.id_tokens.get(role) or (seat.resume_token if seat else None)
    body = {} if unknown else cast.arguments(operation, role)
    path = "POST /host/nonsense" if unknown else door.name
    return await request(cast, role, path, body, token)


async def by_invocation(cast: Cast, door: Door, role: Role) -> Outcome:
    """A direct call of the admin function."""
    operation = door.name.removeprefix("invoke ")
    unknown = operation == "{operation}"
    arguments = {} if unknown else cast.arguments(operation, role)
    name = "nonsense" if unknown else operation
    answer = await asyncio.to_thread(cast.doors.ask_or_code, name, **arguments)
    return Outcome(answer if isinstance(answer, str) else "ok", json.dumps(answer))


async def by_socket(cast: Cast, door: Door, role: Role) -> Outcome:
    """A message on the role's own socket; who has no ticket does not even get one."""
    if door.name == "socket $connect":
        return await connect(cast, role)
    if role not in cast.lines:
        return await opened(cast, None)
    kind, _, name = door.name.partition(" ")
    about = {"session_id": cast.session_id, "participant_id": cast.victim}
    if kind == "host":
        command = "nonsense" if name == "{command}" else name
        return await said(
            cast.lines[role], {"action": "host", "command": command, **about}, *COMMAND_ANSWERS
        )
    action = "nonsense" if name == "$default" else name
    message = {"action": action, "question_id": "q1", "answer": ["b"], **about}
    return await said(cast.lines[role], message, "pong", "quiz_joined", "answer_accepted")


async def said(line: Connection, message: dict[str, Any], *actions: str) -> Outcome:
    """What a message is answered."""
    since, ref = len(line.frames), uuid.uuid4().hex[:8]
    await line.send({**message, "ref": ref})
    try:
        frame = await line.wait(*actions, "error", since=since)
    except AssertionError as exc:
        # Nothing that the protocol knows came; the rest of the walk is of use all the same.
        return Outcome("internal", str(exc))
    return Outcome("ok" if frame.action != "error" else str(frame["code"]), frame.text)


async def connect(cast: Cast, role: Role) -> Outcome:
    """A new socket, by a ticket as the role gets one."""
    match role:
        case Role.ANONYMOUS:
            return await opened(cast, None)
        case Role.HOST | Role.OTHER_HOST | Role.ADMIN:
            return await opened(cast, await host_ticket(cast, role, cast.of(role)))
    seat = cast.seats[role]
    return await opened(cast, (await cast.doors.http.resume(cast.pin, seat.resume_token)).ticket)


async def opened(cast: Cast, ticket: str | None) -> Outcome:
    """Whether a ticket opens a socket."""
    try:
        line = await Connection.open(cast.doors.output("WebSocketApiUrl"), ticket)
    except InvalidStatus as exc:
        return Outcome(BY_STATUS[exc.response.status_code], "")
    await line.close()
    return Outcome("ok", "")


async def host_ticket(cast: Cast, role: Role, session_id: str) -> str:
    """A ticket for a host's socket, by the way of the role."""
    named = {"session_id": session_id}
    if role is Role.ADMIN:
        made = await cast.doors.ask("session.host_ticket", **named)
    else:
        path = "/host/session.host_ticket"
        made = (await cast.doors.http.post(path, named, cast.id_tokens[role])).body
    return str(made["ticket"])


async def by_function(cast: Cast, door: Door, role: Role) -> Outcome:
    """A direct call of another function, which asks only whether it may be made.

    That functions' own roles may not is tried in tests/contract/test_iam.py.
    """
    assert role is Role.ADMIN
    answer = await asyncio.to_thread(
        cast.doors.aws("lambda").invoke,
        FunctionName=f"quizkit-dev-{door.name.removeprefix('function ')}",
        InvocationType="DryRun",
    )
    return Outcome("ok" if answer["StatusCode"] == 204 else "internal", str(answer["StatusCode"]))


async def by_event(cast: Cast, door: Door, role: Role) -> Outcome:
    """An event on the bus."""
    assert role is Role.ADMIN
    detail = {"action": door.name.removeprefix("event "), "session_id": cast.session_id}
    entry = {"Source": "quiz.platform", "DetailType": "Quiz Control", "Detail": json.dumps(detail)}
    answer = await asyncio.to_thread(cast.doors.aws("events").put_events, Entries=[entry])
    return Outcome("ok" if answer["FailedEntryCount"] == 0 else "internal", str(answer))


async def by_queue(cast: Cast, door: Door, role: Role) -> Outcome:
    """A message to the control queue, as a schedule sends it."""
    assert role is Role.ADMIN
    body = json.dumps({"schedule": cast.name, "session_id": cast.session_id})
    answer = await asyncio.to_thread(
        cast.doors.aws("sqs").send_message,
        QueueUrl=cast.doors.output("ControlQueueUrl"),
        MessageBody=body,
    )
    return Outcome("ok", answer["MessageId"])


WAYS: dict[str, Callable[[Cast, Door, Role], Awaitable[Outcome]]] = {
    "POST /host/": by_operation,
    "POST ": by_http,
    "GET ": by_http,
    "socket ": by_socket,
    "host ": by_socket,
    "invoke ": by_invocation,
    "function ": by_function,
    "event ": by_event,
    "queue": by_queue,
}


async def knock(cast: Cast, door: Door, role: Role) -> Outcome:
    """Try a door."""
    way = next(way for prefix, way in WAYS.items() if door.name.startswith(prefix))
    return await way(cast, door, role)


# --- the cast ------------------------------------------------------------------------------


def signed_in(doors: Doors, *, host: bool) -> str:
    """The ID token of a new account."""
    cognito, name = doors.aws("cognito-idp"), f"user-{uuid.uuid4().hex[:8]}"
    pool, client = doors.output("UserPoolId"), doors.output("UserPoolClientId")
    mail = [{"Name": "email", "Value": f"{name}@example.org"}]
    cognito.sign_up(ClientId=client, Username=name, Password=PASSWORD, UserAttributes=mail)
    cognito.admin_confirm_sign_up(UserPoolId=pool, Username=name)
    if host:
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=name, GroupName="hosts")
    given = cognito.initiate_auth(
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
    )
    return str(given["AuthenticationResult"]["IdToken"])


async def gather(doors: Doors) -> Cast:
    """Everybody in place: the first host's question is open, the other session in its lobby."""
    name = f"doors-{uuid.uuid4().hex[:8]}"
    hosts = (Role.HOST, Role.OTHER_HOST)
    id_tokens = {
        role: signed_in(doors, host=role in hosts)
        for role in (*hosts, Role.PLAYER, Role.OTHER_PLAYER)
    }

    async def post(path: str, role: Role, **body: Any) -> dict[str, Any]:
        reply = await doors.http.post(path, body, id_tokens[role])
        assert reply.status == 200, reply.text
        return reply.body

    rooms: dict[Role, dict[str, Any]] = {}
    for role in hosts:
        document = {"title": name, "questions": [question(t, "b", time_limit=600) for t in "xy"]}
        quiz = await post("/host/quiz.create", role, document=document)
        rooms[role] = await post("/host/session.start", role, quiz_id=quiz["quiz_id"])
    mine, theirs = rooms[Role.HOST], rooms[Role.OTHER_HOST]
    for role in (Role.HOST, Role.ADMIN):
        plan = {"quiz_id": mine["quiz_id"], "expression": "cron(0 0 1 1 ? 2031)"}
        await post("/host/schedule.create", Role.HOST, name=f"{name}-{role}", **plan)

    async def member(role: Role, pin: str) -> Seat:
        body = {"pin": pin, "nickname": new_name()}
        return seat_of(await doors.http.post("/join/member", body, id_tokens[role]))

    seats = {
        Role.GUEST: await doors.http.join(mine["pin"], new_name()),
        Role.PLAYER: await member(Role.PLAYER, mine["pin"]),
        Role.OTHER_PLAYER: await member(Role.OTHER_PLAYER, theirs["pin"]),
    }
    victim = await doors.http.join(mine["pin"], new_name())
    cast = Cast(doors, mine["quiz_id"], mine["session_id"], mine["pin"], name, id_tokens, seats)
    cast.victim = victim.participant_id
    cast.other_session = theirs["session_id"]
    for number, role in enumerate((Role.HOST, Role.ADMIN), start=1):
        # Of this walk alone: a picture that was never stored before.
        picture = samples.png(number, number, body=name.encode())
        cast.files[role] = await stored(doors, picture, id_tokens[Role.HOST])
    await take_seats(cast)
    await post("/host/session.command", Role.HOST, session_id=cast.session_id, command="start")
    line = cast.lines[Role.GUEST]
    await line.wait("new_question")
    await open_now(Player(seats[Role.GUEST], line, await line.join_quiz()))
    return cast


async def stored(doors: Doors, picture: bytes, token: str) -> str:
    """The key of a picture that a host has uploaded."""
    asked = {"content_type": "image/png", "size": len(picture)}
    asked["sha256"] = hashlib.sha256(picture).hexdigest()
    form = (await doors.http.post("/host/media.upload", asked, token)).body
    fields = {**form["fields"], "file": ("x.png", picture, "image/png")}
    sent = await asyncio.to_thread(doors.http.raw, form["url"], "POST", fields)
    assert sent.status in (200, 201, 204), sent.status
    kept = await doors.http.post("/host/media.keep", {"key": form["key"]}, token)
    assert kept.status == 200, kept.text
    return str(form["key"])


async def take_seats(cast: Cast) -> None:
    """A socket each, players' and hosts'; hosts have no seat but a ticket of a session."""
    url = cast.doors.output("WebSocketApiUrl")
    for role in (Role.GUEST, Role.PLAYER, Role.OTHER_PLAYER):
        cast.lines[role] = await Connection.open(url, cast.seats[role].ticket)
    for role in (Role.HOST, Role.OTHER_HOST, Role.ADMIN):
        ticket = await host_ticket(cast, role, cast.of(role))
        cast.lines[role] = await Connection.open(url, ticket)
    for line in cast.lines.values():
        await line.join_quiz()


# --- the walk ------------------------------------------------------------------------------


@dataclass
class Walk:
    """What came of it.

    Attributes:
        outcomes: of every try.
        changed: doors at which tries of the refused changed something: how it was, and is.
        mine: names of what is the first host's; nobody bound to their own may read them.
    """

    outcomes: dict[tuple[str, Role], Outcome] = field(default_factory=dict)
    changed: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    mine: tuple[str, ...] = ()


def knocks(door: Door, *verdicts: Verdict) -> list[Role]:
    """Who tries a door."""
    return [
        role
        for role in Role
        if door.verdict(role) in verdicts
        and (role is Role.ADMIN or not door.name.startswith(OF_AWS))
    ]


async def walk_table(doors: Doors) -> Walk:
    """Every role at every door."""
    cast, walk = await gather(doors), Walk()
    walk.mine = (cast.session_id, cast.quiz_id, f"{cast.name}-{Role.HOST}")
    walk.mine += (cast.files[Role.HOST],)
    try:
        before = await cast.snapshot()
        for door in DOORS.values():
            tries = knocks(door, Verdict.REFUSED, Verdict.OWN)
            for role in tries:
                walk.outcomes[door.name, role] = await knock(cast, door, role)
            if tries and (after := await cast.snapshot()) != before:
                walk.changed[door.name] = (before, after)
                before = after
        for door in DOORS.values():
            for role in knocks(door, Verdict.ALLOWED):
                walk.outcomes[door.name, role] = await knock(cast, door, role)
    finally:
        await asyncio.gather(*(line.close() for line in cast.lines.values()))
        await tidy(cast)
    return walk


async def tidy(cast: Cast) -> None:
    """End what was started, so that nothing moves beneath other tests."""
    for entry in (await cast.doors.ask("schedule.list"))["schedules"]:
        if cast.name in entry["schedule"]:
            await cast.doors.ask("schedule.delete", schedule=entry["schedule"])
    for entry in (await cast.doors.ask("session.list", live=True))["sessions"]:
        if entry["title"] == cast.name:
            named = {"session_id": entry["session_id"], "command": "end"}
            await asyncio.to_thread(cast.doors.ask_or_code, "session.command", **named)


@pytest.fixture(scope="module")
def walk(doors: Doors) -> Walk:
    """The walk, made once; each door's test looks at its own part."""
    return asyncio.run(walk_table(doors))


@pytest.mark.parametrize("door", DOORS.values(), ids=lambda door: door.name)
def test_a_door_keeps_to_its_row(walk: Walk, door: Door) -> None:
    """Who is allowed gets through; who is not is refused, and nothing has changed."""
    tried = {role: found for (name, role), found in walk.outcomes.items() if name == door.name}
    assert set(tried) == set(Role) or (door.name.startswith(OF_AWS) and set(tried) == {Role.ADMIN})
    for role, found in tried.items():
        match door.verdict(role):
            case Verdict.REFUSED:
                assert found.code in CLOSED, (role, found)
            case Verdict.OWN:
                assert not [name for name in walk.mine if name in found.text], (role, found)
                assert STATUS.get(found.code, 200) < 500, (role, found)
            case Verdict.ALLOWED if door.name in UNKNOWN:
                assert found.code == UNKNOWN[door.name], (role, found)
            case Verdict.ALLOWED:
                assert found.code == "ok" or STATUS[found.code] == 409, (role, found)
    assert door.name not in walk.changed


def test_who_is_allowed_mostly_succeeds(walk: Walk) -> None:
    """Not all of what is allowed only came too late: each door let somebody really in."""
    for door in DOORS.values():
        if door.name in UNKNOWN or door.name in ("host start", "host next"):
            continue  # the question that is open allows neither
        codes = {walk.outcomes[door.name, role].code for role in knocks(door, Verdict.ALLOWED)}
        late = {"invoke session.command", "POST /host/quiz.delete", "invoke quiz.delete"}
        assert "ok" in codes or door.name in late, (door.name, codes)
