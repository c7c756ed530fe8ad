"""A small platform that speaks the wire protocol: real HTTP, real WebSockets, no storage.

It does what section 4 of the protocol says, in memory, and can be told to misbehave: drop
sockets, swallow acknowledgements, refuse tickets, answer nothing. Tests of the live client run
against it over loopback.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

PIN = "123456"
Frame = dict[str, Any]


def question(number: int, **more: Any) -> Frame:
    """The `question` of a message; options a, b and c."""
    options = [{"id": letter, "text": letter.upper()} for letter in "abc"]
    node = {"id": f"q{number}", "index": number - 1, "count": 3, "kind": "choice"}
    return {**node, "text": f"Question {number}?", "options": options, "time_limit": 1, **more}


@dataclass
class Player:
    """A participant as the fake keeps it."""

    participant_id: str
    nickname: str
    role: str = "player"
    socket: ServerConnection | None = None
    score: int = 0


@dataclass
class Misbehaviour:
    """What goes wrong, each as a number of times still to come; −1 for ever."""

    drop_on_answer: int = 0
    swallow_acks: int = 0
    refuse_tickets: int = 0
    no_sockets: int = 0
    failing_http: int = 0
    lose_answers: int = 0
    keep_the_end: int = 0
    unavailable: int = 0

    def due(self, what: str) -> bool:
        """Whether it goes wrong this time; counts."""
        left: int = getattr(self, what)
        if left > 0:
            setattr(self, what, left - 1)
        return left != 0


@dataclass
class FakePlatform:
    """The platform; `requests` and `frames` are what clients sent, over so many `connections`.

    `unheard` are the answers whose acknowledgements were cut off and not asked for again yet.
    """

    http_url: str = ""
    websocket_url: str = ""
    connections: int = 0
    seq: int = 0
    state: str = "lobby"
    open: Frame | None = None
    refuse_join: Frame | None = None
    says: tuple[int, Any] | None = None
    wrong: Misbehaviour = field(default_factory=Misbehaviour)
    players: dict[str, Player] = field(default_factory=dict)
    tickets: dict[str, Player] = field(default_factory=dict)
    answers: dict[tuple[str, str], Frame] = field(default_factory=dict)
    unheard: set[tuple[str, str]] = field(default_factory=set)
    frames: list[Frame] = field(default_factory=list)
    requests: list[tuple[str, str, Frame]] = field(default_factory=list)
    arrivals: asyncio.Condition = field(default_factory=asyncio.Condition)

    # --- what the platform does ----------------------------------------------------------

    async def broadcast(self, action: str, *, seq: int | None = None, **fields: Any) -> None:
        """Send an event to everybody; `seq` only to send an old number on purpose."""
        if seq is None:
            self.seq += 1
            seq = self.seq
        event = {"action": action, "session_id": "s1", "seq": seq, **fields}
        for player in list(self.players.values()):
            await self._send(player.socket, event)

    async def ask(self, number: int, **more: Any) -> None:
        """Open a question for everybody."""
        now = int(time.time() * 1000)
        self.state = "open"
        self.open = {"question": question(number, **more), "opens_at": now, "closes_at": now + 1000}
        await self.broadcast("new_question", **self.open)

    async def finish(self) -> None:
        """End the session, telling each player the own score."""
        self.state, self.open = "finished", None
        self.seq += 1
        for player in list(self.players.values()):
            you = {"score": player.score, "rank": 1}
            event = {"action": "quiz_finished", "session_id": "s1", "seq": self.seq}
            await self._send(player.socket, {**event, "podium": [], "you": you})

    async def drop_all(self) -> None:
        """Cut every socket without a word."""
        for player in self.players.values():
            if player.socket is not None:
                player.socket.transport.abort()
                player.socket = None

    async def until_joined(self, count: int = 1) -> None:
        """Wait until so many participants have a joined socket."""
        async with self.arrivals:
            await self.arrivals.wait_for(
                lambda: sum(player.socket is not None for player in self.players.values()) >= count
            )

    async def until_sent(self, action: str, count: int = 1) -> None:
        """Wait until clients have sent so many frames of an action."""
        async with self.arrivals:
            await self.arrivals.wait_for(
                lambda: sum(frame.get("action") == action for frame in self.frames) >= count
            )

    def host_ticket(self) -> Frame:
        """What `Admin.host_ticket` gives."""
        host = self.players.setdefault("host", Player("host1", "host", role="host"))
        return {"session_id": "s1", **self._ticket(host)}

    def submit(self, player: Player, message: Frame) -> Frame:
        """Take an answer: the acknowledgement or the error."""
        ref = message.get("ref")
        if self.wrong.due("unavailable"):
            return {"action": "error", "code": "unavailable", "message": "later", "ref": ref}
        key = (player.participant_id, message["question_id"])
        stored = self.answers.get(key)
        if stored is not None and stored["answer"] != message["answer"]:
            return {"action": "error", "code": "already_answered", "message": "no", "ref": ref}
        if stored is None:
            if self.open is None or self.open["question"]["id"] != message["question_id"]:
                error = {"action": "error", "code": "question_not_open", "message": "no"}
                return {**error, "ref": ref}
            received_at = int(time.time() * 1000)
            stored = {"answer": message["answer"], "received_at": received_at}
            if not self.wrong.due("lose_answers"):
                self.answers[key] = stored
                player.score += 10 * (message["answer"] == ["a"])
        ack = {"action": "answer_accepted", "question_id": message["question_id"], "ref": ref}
        return {**ack, "received_at": stored["received_at"]}

    # --- HTTP ------------------------------------------------------------------------------

    def post(self, path: str, token: str, body: Frame) -> tuple[int, Frame]:
        """Answer an HTTP request: status and body."""
        self.requests.append((path, token, body))
        if self.says is not None:
            return self.says
        if self.wrong.due("failing_http"):
            return 503, {"message": "Service Unavailable"}
        if path.startswith("/leaderboard/"):
            return 200, {"session_id": path.split("/")[2], "entries": []}
        if path == "/answer":
            if token not in self.players:
                return 401, {"error": {"code": "unauthorized", "message": "who are you?"}}
            answer = self.submit(self.players[token], body)
            if answer["action"] == "error":
                return 409, {"error": {"code": answer["code"], "message": answer["message"]}}
            return 200, answer
        return self._join(body)

    def _join(self, body: Frame) -> tuple[int, Frame]:
        if body["pin"] != PIN:
            return 404, {"error": {"code": "pin_not_found", "message": "no session has this PIN"}}
        token = body.get("resume_token") or secrets.token_hex(8)
        if "nickname" in body:
            if any(body["nickname"] == player.nickname for player in self.players.values()):
                return 409, {"error": {"code": "nickname_taken", "message": "taken"}}
            self.players[token] = Player(f"p{len(self.players)}", body["nickname"])
        player = self.players.get(token)
        if player is None:
            return 401, {"error": {"code": "unauthorized", "message": "not valid"}}
        who = {"participant_id": player.participant_id, "nickname": player.nickname}
        return 200, {"session_id": "s1", **who, "resume_token": token, **self._ticket(player)}

    def _ticket(self, player: Player) -> Frame:
        ticket = secrets.token_hex(8)
        self.tickets[ticket] = player
        return {"ticket": ticket, "websocket_url": self.websocket_url}

    # --- sockets -----------------------------------------------------------------------------

    def admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """The gateway's authorizer: a ticket is good once."""
        if self.wrong.due("no_sockets"):
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "down\n")
        ticket = parse_qs(urlsplit(request.path).query).get("ticket", [""])[0]
        player = self.tickets.pop(ticket, None)
        if player is None or self.wrong.due("refuse_tickets"):
            return connection.respond(HTTPStatus.FORBIDDEN, "no\n")
        connection.username = player.nickname
        return None

    async def talk(self, connection: ServerConnection) -> None:
        """Handle one socket."""
        player = next(p for p in list(self.players.values()) if p.nickname == connection.username)
        try:
            async for text in connection:
                message = json.loads(text)
                self.frames.append(message)
                await self._react(player, connection, message)
                async with self.arrivals:
                    self.arrivals.notify_all()
        except ConnectionClosed:
            pass

    async def _react(self, player: Player, socket: ServerConnection, message: Frame) -> None:
        match message["action"]:
            case "join_quiz" if self.refuse_join:
                await self._send(socket, {**self.refuse_join, "action": "error"})
            case "join_quiz":
                player.socket = socket
                await self._send(socket, {"action": "quiz_joined", "session": self._view(player)})
            case "submit_answer":
                answer = self.submit(player, message)
                key = (player.participant_id, message["question_id"])
                if self.wrong.due("drop_on_answer"):
                    self.unheard.add(key)
                    player.socket = None
                    socket.transport.abort()
                elif not self.wrong.due("swallow_acks"):
                    self.unheard.discard(key)
                    await self._send(socket, answer)
            case "host" if message["command"] == "next":
                await self.ask(1)
            case "host":
                error = {"action": "error", "code": "not_allowed_now", "message": "no"}
                await self._send(socket, {**error, "ref": message["ref"]})
            case "ping":
                await self._send(socket, {"action": "pong"})

    def _view(self, player: Player) -> Frame:
        return {
            "session_id": "s1",
            "quiz_id": "k1",
            "title": "Fake",
            "state": self.state,
            "role": player.role,
            "participant_id": player.participant_id,
            "nickname": player.nickname,
            "question_count": 3,
            "score": player.score,
            "rank": 1,
            "question": None,
            **(self.open or {}),
            "answered": None,
            "last": None,
            "podium": [] if self.state == "finished" else None,
        }

    async def _send(self, socket: ServerConnection | None, frame: Frame) -> None:
        if socket is None:
            return
        try:
            await socket.send(json.dumps(frame))
        except ConnectionClosed:
            return


def _http_server(platform: FakePlatform) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            status, answer = platform.post(self.path, token, body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def setup(self) -> None:
            platform.connections += 1
            super().setup()

        do_GET = _answer  # noqa: N815  (the names are the base class's)
        do_POST = _answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Stay quiet."""

    class HttpServer(ThreadingHTTPServer):
        # The default backlog of 5 refuses a crowd of bots.
        request_queue_size = 128
        daemon_threads = True

    return HttpServer(("127.0.0.1", 0), Handler)


Platform = TypeVar("Platform", bound=FakePlatform)


@asynccontextmanager
async def fake_platform() -> AsyncIterator[FakePlatform]:
    """A running fake on free ports of loopback."""
    async with running(FakePlatform()) as platform:
        yield platform


@asynccontextmanager
async def running(platform: Platform) -> AsyncIterator[Platform]:
    """The fake given, on free ports of loopback."""
    http = _http_server(platform)
    thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    platform.http_url = f"http://127.0.0.1:{http.server_address[1]}"
    server: Server
    try:
        async with serve(
            platform.talk, "127.0.0.1", 0, process_request=platform.admit, close_timeout=1
        ) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            platform.websocket_url = f"ws://127.0.0.1:{port}/fake"
            yield platform
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
