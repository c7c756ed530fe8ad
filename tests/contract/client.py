"""An independent client of the platform, written from the contract alone.

It knows the wire protocol (section 4) and nothing of quizkit: no name of the package is imported
here, so a mistake that the platform and its own SDK share cannot hide. Every frame is kept as the
text that came, in order of arrival, and a wait looks through what was kept: a frame that is early
is never missed, and a test may ask afterwards what a player could have seen.

That keeps every frame of a game in memory, and a wait is a walk over a list: fine for tests.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import urllib3
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

# Seconds after which a test stops waiting; nothing is measured by it.
PATIENCE = 30.0

EVENTS = frozenset({"lobby", "new_question", "question_closed", "leaderboard", "quiz_finished"})


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer: its status and the text of its body."""

    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def body(self) -> dict[str, Any]:
        """The body as the JSON object that the contract promises."""
        document = json.loads(self.text)
        assert isinstance(document, dict), self.text
        return document

    @property
    def code(self) -> str:
        """The error code, after checking that this is an error in the contract's form."""
        assert 400 <= self.status < 500, (self.status, self.text)
        error = self.body["error"]
        assert error["message"]
        return str(error["code"])


@dataclass(frozen=True, slots=True)
class Seat:
    """What `POST /join` gives: an identity, and a ticket for one WebSocket."""

    session_id: str
    participant_id: str
    nickname: str
    resume_token: str
    ticket: str
    websocket_url: str


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame from the server, as text and as JSON."""

    text: str
    body: dict[str, Any]

    @property
    def action(self) -> str:
        """Which answer or event this is."""
        return str(self.body.get("action"))

    def __getitem__(self, key: str) -> Any:
        """Field `key` of the frame."""
        return self.body[key]


class Http:
    """The HTTP API, at the URL of the output `HttpApiUrl`."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._pool = urllib3.PoolManager(maxsize=32, retries=False, timeout=PATIENCE)

    def close(self) -> None:
        """Close the connections that were kept."""
        self._pool.clear()

    async def request(
        self,
        method: str,
        path: str,
        body: object = None,
        bearer: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request; a body of text or bytes goes out as it is, anything else as JSON."""
        sent = dict(headers or {})
        content: bytes | None = None
        if method == "POST":
            text = body if isinstance(body, str | bytes) else json.dumps(body)
            content = text if isinstance(text, bytes) else text.encode()
            sent.setdefault("content-type", "application/json")
        if bearer is not None:
            sent["authorization"] = f"Bearer {bearer}"
        answer = await asyncio.to_thread(
            self._pool.request, method, self._base_url + path, body=content, headers=sent
        )
        return Reply(answer.status, answer.data.decode(), dict(answer.headers))

    def raw(
        self, url: str, method: str = "GET", form: Mapping[str, Any] | None = None
    ) -> urllib3.BaseHTTPResponse:
        """Use any URL that the platform gave out, with the fields of a form where it is one."""
        return self._pool.request(method, url, fields=form)

    async def post(self, path: str, body: object, bearer: str | None = None) -> Reply:
        """POST `body` as JSON."""
        return await self.request("POST", path, body, bearer)

    async def get(self, path: str) -> Reply:
        """GET `path`."""
        return await self.request("GET", path)

    async def join(self, pin: str, nickname: str) -> Seat:
        """Join the session of `pin` as a guest."""
        return seat_of(await self.post("/join", {"pin": pin, "nickname": nickname}))

    async def resume(self, pin: str, resume_token: str) -> Seat:
        """Return to a seat taken before."""
        return seat_of(await self.post("/join", {"pin": pin, "resume_token": resume_token}))

    async def answer(
        self, resume_token: str | None, question_id: str, answer: object, ref: str = "r1"
    ) -> Reply:
        """Answer a question by `POST /answer`."""
        body = {"question_id": question_id, "answer": answer, "ref": ref}
        return await self.post("/answer", body, resume_token)

    async def board(self, session_id: str, top: int | None = None) -> dict[str, Any]:
        """The board of a session."""
        tail = "" if top is None else f"?top={top}"
        reply = await self.get(f"/leaderboard/{session_id}{tail}")
        assert reply.status == 200, reply.text
        return reply.body


def seat_of(reply: Reply) -> Seat:
    """The seat in the answer to a join that was accepted."""
    assert reply.status == 200, reply.text
    body = reply.body
    return Seat(**{name: str(body[name]) for name in Seat.__dataclass_fields__})


@dataclass(slots=True)
class Connection:
    """One open WebSocket, and every frame that came over it."""

    socket: ClientConnection
    frames: list[Frame] = field(default_factory=list)
    closed: bool = False
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _pump: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, websocket_url: str, ticket: str | None) -> Connection:
        """Open the WebSocket of `ticket`; a refusal is websockets' `InvalidStatus`."""
        query = "" if ticket is None else f"?ticket={quote(ticket, safe='')}"
        socket = await connect(
            websocket_url + query, max_size=None, open_timeout=PATIENCE, proxy=None
        )
        connection = cls(socket)
        connection._pump = asyncio.create_task(connection._receive())
        return connection

    async def _receive(self) -> None:
        try:
            async for text in self.socket:
                assert isinstance(text, str), "frames are text"
                body = json.loads(text)
                assert isinstance(body, dict), text
                await self._note(Frame(text, body))
        except ConnectionClosed:
            pass
        finally:
            await self._note(None)

    async def _note(self, frame: Frame | None) -> None:
        async with self._changed:
            if frame is None:
                self.closed = True
            else:
                self.frames.append(frame)
            self._changed.notify_all()

    async def close(self) -> None:
        """Close the socket."""
        await self.socket.close()
        if self._pump is not None:
            await self._pump

    async def send(self, message: object) -> None:
        """Send a message as JSON."""
        await self.socket.send(json.dumps(message))

    async def send_text(self, text: str) -> None:
        """Send any text, JSON or not."""
        await self.socket.send(text)

    async def wait(self, *actions: str, since: int = 0, **fields: Any) -> Frame:
        """The first frame from number `since` on with one of `actions` and these fields."""
        try:
            async with asyncio.timeout(PATIENCE), self._changed:
                while True:
                    for frame in self.frames[since:]:
                        if frame.action in actions and fields.items() <= frame.body.items():
                            return frame
                    assert not self.closed, f"closed while waiting: {self._story(actions, fields)}"
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"never came: {self._story(actions, fields)}") from None

    async def wait_closed(self) -> None:
        """Wait until the server has closed this socket."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: self.closed)

    def _story(self, actions: tuple[str, ...], fields: Mapping[str, Any]) -> str:
        came = "\n".join(frame.text[:300] for frame in self.frames)
        return f"{' or '.join(actions)} {dict(fields)}; what came:\n{came}"

    async def ask(self, message: object, *actions: str, **fields: Any) -> Frame:
        """Send a message and take the answer: one of `actions`, or an error."""
        since = len(self.frames)
        await self.send(message)
        return await self.wait(*actions, "error", since=since, **fields)

    async def ping(self) -> None:
        """Prove that the socket is of use."""
        assert (await self.ask({"action": "ping"}, "pong")).action == "pong"

    async def join_quiz(self) -> dict[str, Any]:
        """Take one's place; the snapshot of the session."""
        joined = await self.ask({"action": "join_quiz"}, "quiz_joined")
        assert joined.action == "quiz_joined", joined.text
        snapshot = joined["session"]
        assert isinstance(snapshot, dict), joined.text
        return snapshot

    async def answer(self, question_id: str, answer: object, ref: str = "r1") -> Frame:
        """Answer a question: the acknowledgement or the error with this `ref`."""
        message = {
            "action": "submit_answer",
            "question_id": question_id,
            "answer": answer,
            "ref": ref,
        }
        return await self.ask(message, "answer_accepted", ref=ref)

    async def host(self, command: str, *actions: str, **arguments: Any) -> Frame:
        """Give a host's command: one of the events `actions` that it causes, or an error."""
        message = {"action": "host", "command": command, **arguments}
        return await self.ask(message, *actions)

    def events(self) -> list[Frame]:
        """The broadcast events that came, in order."""
        return [frame for frame in self.frames if frame.action in EVENTS]


@dataclass(slots=True)
class Player:
    """A participant: the seat, and the socket that its ticket opened."""

    seat: Seat
    line: Connection
    snapshot: dict[str, Any]

    @classmethod
    async def sit(cls, seat: Seat) -> Player:
        """Open the seat's socket and join the quiz over it."""
        line = await Connection.open(seat.websocket_url, seat.ticket)
        return cls(seat, line, await line.join_quiz())
