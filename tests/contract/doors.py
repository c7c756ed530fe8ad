"""The doors that a host uses: the admin function and the command line.

`Doors.admin` calls the admin function as the SDK does: quick, so every room is set up by it.
`Doors.cli` runs a command of the contract as people run it, in a process of its own; the tests of
what the contract words as commands go through it.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.contract.client import PATIENCE, Connection, Frame, Http, Player, Seat
from tests.deployed import Deployed

ROOT = Path(__file__).parents[2]
COMMAND_SECONDS = 120


class Refused(Exception):
    """The admin function answered with an error."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = str(error["code"])


@dataclass(frozen=True, slots=True)
class Done:
    """A command that ended: its exit code, its JSON document, and what it told people."""

    exit_code: int
    document: dict[str, Any]
    stderr: str


@dataclass(slots=True)
class Doors:
    """Every way into one deployed platform; keeps one boto3 client a service."""

    platform: Deployed
    clients: dict[str, Any]
    http: Http

    @classmethod
    def of(cls, platform: Deployed) -> Doors:
        """The doors of a platform."""
        return cls(platform, {}, Http(platform.outputs["HttpApiUrl"]))

    def close(self) -> None:
        """Close every connection that was kept."""
        self.http.close()
        for client in self.clients.values():
            client.close()

    def output(self, name: str) -> str:
        """An output of the stack."""
        return self.platform.outputs[name]

    def aws(self, service: str) -> Any:
        """A boto3 client of the platform."""
        if service not in self.clients:
            self.clients[service] = self.platform.client(service)
        return self.clients[service]

    def admin(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """Do an operation of the admin function.

        Raises:
            Refused: It answered with an error.
        """
        answer = self.aws("lambda").invoke(
            FunctionName=self.output("AdminFunctionName"),
            Payload=json.dumps({"operation": operation, **arguments}).encode(),
        )
        document = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, document
        if "error" in document:
            raise Refused(document["error"])
        ok = document["ok"]
        assert isinstance(ok, dict), document
        return ok

    def ask_or_code(self, operation: str, **arguments: Any) -> dict[str, Any] | str:
        """What an operation answers, or the code of its refusal."""
        try:
            return self.admin(operation, **arguments)
        except Refused as exc:
            return exc.code

    def quiet(self) -> None:
        """End every session that moves or soon may, and wait until they have."""
        deadline = time.monotonic() + PATIENCE
        while live := [
            session
            for session in self.admin("session.list", live=True)["sessions"]
            if session["state"] in ("open", "revealed")
        ]:
            assert time.monotonic() < deadline, live
            for session in live:
                self.ask_or_code("session.command", session_id=session["session_id"], command="end")
            time.sleep(0.5)

    async def ask(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """Do an operation of the admin function, without holding up the loop."""
        return await asyncio.to_thread(self.admin, operation, **arguments)

    def cli(self, *arguments: str) -> Done:
        """Run `quizkit --json ARGUMENTS` against this platform, to its end."""
        ended = subprocess.run(
            [sys.executable, "-m", "quizkit.cli.main", "--json", *arguments],
            cwd=ROOT,
            env=self.platform.env,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        try:
            document = json.loads(ended.stdout)
        except ValueError:
            raise AssertionError((arguments, ended.stdout, ended.stderr)) from None
        assert isinstance(document, dict), ended.stdout
        return Done(ended.returncode, document, ended.stderr)

    async def command(self, *arguments: str) -> Done:
        """Run a command without holding up the loop."""
        return await asyncio.to_thread(self.cli, *arguments)

    async def room(self, document: Mapping[str, Any], **options: Any) -> Room:
        """A new session of a new quiz, in its lobby."""
        return await asyncio.to_thread(self.open_room, document, **options)

    def open_room(self, document: Mapping[str, Any], **options: Any) -> Room:
        """A new session of a new quiz, in its lobby."""
        quiz = self.admin("quiz.create", document=document)
        session = self.admin("session.start", quiz_id=quiz["quiz_id"], **options)
        return Room(self, quiz["quiz_id"], session["session_id"], session["pin"])


@dataclass(slots=True)
class Room:
    """One session, and the sockets that a test opened in it."""

    doors: Doors
    quiz_id: str
    session_id: str
    pin: str
    lines: list[Connection] = field(default_factory=list)

    async def __aenter__(self) -> Room:
        """Close the sockets opened since, at the end."""
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(line.close() for line in self.lines))
        self.lines.clear()

    @property
    def http(self) -> Http:
        """The HTTP API."""
        return self.doors.http

    async def sit(self, seat: Seat) -> Player:
        """Open the seat's socket and join the quiz over it."""
        player = await Player.sit(seat)
        self.lines.append(player.line)
        return player

    async def player(self, nickname: str) -> Player:
        """A new guest in the room."""
        return await self.sit(await self.http.join(self.pin, nickname))

    async def host(self) -> Connection:
        """A host's socket in the room, joined."""
        ticket = await self.doors.ask("session.host_ticket", session_id=self.session_id)
        line = await Connection.open(ticket["websocket_url"], ticket["ticket"])
        self.lines.append(line)
        await line.join_quiz()
        return line

    async def command(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Give a host's command without a socket."""
        return await self.doors.ask(
            "session.command", session_id=self.session_id, command=command, **arguments
        )

    async def results(self) -> dict[str, Any]:
        """The document of `session results`."""
        return await self.doors.ask("session.results", session_id=self.session_id)

    async def audit(self) -> dict[str, Any]:
        """The document of `audit`."""
        return await self.doors.ask("session.audit", session_id=self.session_id)

    async def board(self) -> dict[str, Any]:
        """The board over HTTP."""
        return await self.http.board(self.session_id)

    async def closed(self, player: Player, question_id: str) -> Frame:
        """A player's news that a question has closed."""
        return await player.line.wait("question_closed", question_id=question_id)


def rows_of(results: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The participants of a results document, by id."""
    return {row["participant_id"]: row for row in results["participants"]}


def answers_of(results: Mapping[str, Any], participant_id: str) -> dict[str, dict[str, Any]]:
    """A participant's answers in a results document, by question."""
    answers = rows_of(results)[participant_id]["answers"]
    return {answer["question_id"]: answer for answer in answers}
