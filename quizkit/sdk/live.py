"""A live session over a WebSocket: the thin shell around `live_protocol`.

    async with await LiveSession.join(http_url, pin, "Ada") as session:
        async for event in session:
            if isinstance(event, NewQuestion):
                ack = await session.answer(event.question.id, ["a"])

One background task owns the socket. It reads frames into a queue that the iterator empties,
keeps the socket awake, and where it is lost gets a new ticket with the resume token and
carries on; the iterator sees `Disconnected`, then `Reconnected` with a snapshot. An answer
outlives sockets: it is repeated with the same `ref` over whichever socket is there, and over
`POST /answer` where none is, until it is acknowledged or refused.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Self
from uuid import uuid4

from quizkit.sdk.errors import CredentialsError, QuizkitError, Unreachable
from quizkit.sdk.live_doors import Door, HostDoor, PlayerDoor
from quizkit.sdk.live_events import (
    Answer,
    AnswerCount,
    Disconnected,
    Event,
    Joined,
    LiveEvent,
    Lobby,
    RawEvent,
    Reconnected,
    ServerError,
    Snapshot,
)
from quizkit.sdk.live_protocol import PING, Ack, LiveProtocol, Output, Settled
from quizkit.sdk.live_replies import Replies
from quizkit.sdk.live_socket import Patience, TicketRefused, open_socket
from quizkit.sdk.player import Bearer, PlayerApi, Seat

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

#: A ticket may be stale by the time it is used; more refusals in a row are no accident.
_REFUSALS: Final = 3


class LiveSession:
    """One participant's, or host's, live session; made by `join`, `resume` or `host`.

    Iterate over it for its events, once. It ends after `QuizFinished`, or raises what made it
    end: `NotFound` (the session is gone), `CredentialsError` (put out of it), `Unreachable`
    (away for longer than `Patience.give_up`).

    Attributes:
        snapshot: the state when the socket was joined last.
        sockets: how many sockets it has had.
    """

    def __init__(
        self,
        door: Door,
        *,
        patience: Patience | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self._door = door
        self._patience = patience or Patience()
        self._rng = rng or random.Random()
        self._protocol = LiveProtocol(lambda: uuid4().hex)
        self._events: asyncio.Queue[LiveEvent | None] = asyncio.Queue()
        self._replies = Replies()
        self._socket: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._failure: QuizkitError | None = None
        self._delay = self._patience.first_delay
        self.sockets = 0

    @classmethod
    async def join(
        cls,
        http_url: str,
        pin: str,
        nickname: str,
        *,
        bearer: Bearer | None = None,
        patience: Patience | None = None,
    ) -> Self:
        """Join as a new participant.

        Args:
            http_url: the stack's output `HttpApiUrl`.
            bearer: gives the tokens of a player who is signed in, such as `SignIn.bearer`.

        Raises:
            NotFound: no session has this PIN.
            Conflict: the nickname is taken, or the session is locked or finished.
            Refused: the nickname is not allowed.
            Unreachable: the platform does not answer.
        """
        api = PlayerApi(http_url, bearer=bearer)
        return await cls(await PlayerDoor.join(api, pin, nickname), patience=patience).start()

    @classmethod
    async def resume(
        cls,
        http_url: str,
        pin: str,
        resume_token: str,
        *,
        bearer: Bearer | None = None,
        patience: Patience | None = None,
    ) -> Self:
        """Return to a session with the token of an earlier `join`; raises as `join` does."""
        door = await PlayerDoor.resume(PlayerApi(http_url, bearer=bearer), pin, resume_token)
        return await cls(door, patience=patience).start()

    @classmethod
    async def host(
        cls,
        tickets: Callable[[], Mapping[str, Any]],
        *,
        patience: Patience | None = None,
    ) -> Self:
        """Open a session as its host.

        Args:
            tickets: gives `{"ticket", "websocket_url"}` at each call, such as
                `lambda: admin.host_ticket(session_id)`; called in a thread.
        """
        return await cls(HostDoor(tickets), patience=patience).start()

    @property
    def snapshot(self) -> Snapshot:
        """The state of the session when the socket joined it last."""
        assert self._protocol.snapshot is not None, "made by join, resume or host"
        return self._protocol.snapshot

    @property
    def seat(self) -> Seat | None:
        """The player's place, with what is needed to return later; None for a host."""
        return self._door.seat if isinstance(self._door, PlayerDoor) else None

    @property
    def connected(self) -> bool:
        """Whether a socket is joined just now."""
        return self._socket is not None

    async def start(self) -> Self:
        """Connect, then keep the session going in the background."""
        try:
            await self._connect(2 * self._patience.connect)
        except BaseException:
            await self.close()
            raise
        self._task = asyncio.create_task(self._run(), name="quizkit live session")
        return self

    async def close(self) -> None:
        """Leave the socket; the participant stays in the session and may return."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self._drop()
        self._end(None)

    def lose_socket(self) -> None:
        """Cut the socket as a broken line does; the session gets one back by itself."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def __aenter__(self) -> Self:
        """Nothing to do: the session is connected already."""
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close."""
        await self.close()

    async def __aiter__(self) -> AsyncIterator[LiveEvent]:
        """The events, from `Joined` to the end of the session."""
        while (event := await self._events.get()) is not None:
            yield event
        self._events.put_nowait(None)
        if self._failure is not None:
            raise self._failure

    async def answer(self, question_id: str, answer: Answer) -> Ack:
        """Answer a question, and wait until the platform has stored it.

        Args:
            answer: a list of option ids for choices and polls, all ids in order for ordering,
                a number for estimates, a string for typed answers.

        Raises:
            Misuse: not a number that can be sent.
            Refused: with the platform's code, such as `already_answered`, `question_closed`.
            Unreachable: no acknowledgement in time. The answer may count nevertheless;
                `QuestionClosed.you` tells.
        """
        ref, frame = self._protocol.answer(question_id, answer)
        reply = self._replies.expect(ref)
        try:
            async with asyncio.timeout(self._patience.answer):
                return await self._deliver(frame, reply, (question_id, answer, ref))
        except TimeoutError as exc:
            seconds = self._patience.answer
            message = f"The answer was not acknowledged in {seconds:g} seconds."
            raise Unreachable(message, hint="it may count nevertheless") from exc
        finally:
            self._protocol.withdraw(ref)
            self._replies.forget(ref)

    async def command(self, command: str, **arguments: object) -> None:
        """Give a host's command, and wait until it is carried out or refused.

        Args:
            command: `start`, `next`, `close`, `end`, `kick`, `lock` or `unlock`.
            arguments: such as `participant_id` for `kick`.

        Raises:
            Conflict: the session's state does not allow it now.
            CredentialsError: this is not a host's socket.
            Unreachable: there is no socket just now, or no answer came; it may have worked.
        """
        ref, frame = self._protocol.command(command, **arguments)
        if not await self._send(frame):
            raise Unreachable("The session is not connected just now.", hint="try again")
        reply = self._replies.expect(ref, command=True)
        try:
            await asyncio.wait_for(reply, self._patience.command)
        except TimeoutError as exc:
            raise Unreachable(f"No answer to “{command}”.", hint="it may have worked") from exc
        finally:
            self._replies.forget(ref)

    # --- answers and commands --------------------------------------------------------

    async def _deliver(
        self, frame: str, reply: asyncio.Future[Any], call: tuple[str, Answer, str]
    ) -> Ack:
        tries = 0
        while True:
            tries += 1
            sent = tries <= 2 and await self._send(frame)
            # Without a socket this is the time that a quick reconnection takes.
            patience = self._patience.acknowledge if sent else self._patience.first_delay * 4
            await asyncio.wait({reply}, timeout=patience)
            if not reply.done() and (tries > 1 or not sent):
                try:
                    return await self._door.answer(*call)
                except Unreachable:
                    await asyncio.sleep(self._patience.first_delay)
            if reply.done():
                ack: Ack = reply.result()
                return ack

    async def _send(self, frame: str) -> bool:
        from websockets.exceptions import ConnectionClosed

        if self._socket is None:
            return False
        try:
            await self._socket.send(frame)
        except ConnectionClosed:
            return False
        return True

    # --- the socket ------------------------------------------------------------------

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        try:
            while not self._protocol.over:
                since = clock()
                reason = await self._listen()
                if reason is None:
                    break
                if clock() - since >= self._patience.settled:
                    self._delay = self._patience.first_delay
                self._events.put_nowait(Disconnected(reason))
                await self._pause()
                await self._connect(self._patience.give_up)
            self._end(None)
        except QuizkitError as exc:
            self._end(exc)
        finally:
            await self._drop()

    async def _listen(self) -> str | None:
        """Read the socket; returns why it closed, or None once the session is over."""
        from websockets.exceptions import ConnectionClosed

        socket = self._socket
        assert socket is not None
        keeper = asyncio.create_task(self._keep_alive())
        try:
            while not self._protocol.over:
                for output in self._protocol.received(await socket.recv()):
                    self._take(output)
        except ConnectionClosed as exc:
            close = exc.rcvd or exc.sent
            self._socket = None
            self._protocol.lost()
            if not self._protocol.over:
                return f"{close.code} {close.reason}".strip() if close else "connection lost"
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
        return None

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(self._patience.keep_alive * self._rng.uniform(0.8, 1.0))
            await self._send(PING)

    async def _connect(self, seconds: float) -> None:
        """Get onto a socket and join on it, trying again for so many seconds.

        Raises:
            Unreachable: not in time.
            QuizkitError: the platform will not have us, which no further try would change.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        refusals = 0
        while True:
            try:
                url = await self._door.url()
                self._socket = await open_socket(url, self._join, self._patience.connect)
                self.sockets += 1
            except Unreachable as exc:
                refusals = refusals + 1 if isinstance(exc, TicketRefused) else 0
                if refusals >= _REFUSALS:
                    raise CredentialsError("The platform refuses every ticket.") from exc
                if loop.time() + self._delay > deadline:
                    raise
            else:
                return
            await self._pause()

    async def _pause(self) -> None:
        """Wait before the next try, longer each time until a socket has lasted."""
        delay = self._delay
        self._delay = min(2 * delay, self._patience.longest_delay)
        await asyncio.sleep(delay * self._rng.uniform(0.5, 1.0))

    async def _join(self, socket: ClientConnection) -> None:
        for frame in self._protocol.opened():
            await socket.send(frame)
        while True:
            outputs = self._protocol.received(await socket.recv())
            for output in outputs:
                if isinstance(output, Settled) and output.ref == "":
                    assert isinstance(output.result, QuizkitError)
                    raise output.result
                self._take(output)
            if any(isinstance(output, Joined | Reconnected) for output in outputs):
                return

    async def _drop(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            try:
                await socket.close()
            finally:
                # Leaving may cut the closing handshake short; the socket goes all the same.
                socket.transport.abort()

    # --- what comes in ---------------------------------------------------------------

    def _take(self, output: Output) -> None:
        if isinstance(output, Settled):
            settled = self._replies.settle(output.ref, output.result)
            if not settled and isinstance(output.result, QuizkitError):
                error = output.result
                self._events.put_nowait(ServerError(error.code, error.message, output.ref))
            return
        if isinstance(output, Event | RawEvent) and not isinstance(output, Lobby | AnswerCount):
            self._replies.commands_worked()
        self._events.put_nowait(output)

    def _end(self, failure: QuizkitError | None) -> None:
        if self._failure is None:
            self._failure = failure
        self._events.put_nowait(None)
