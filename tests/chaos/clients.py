"""Clients on bad connections: sockets that are lost and found again, and hosts on them.

A client decides what is new as the SDK's does, by that very class (`LiveProtocol`).
"""

from __future__ import annotations

import json
from random import Random
from typing import Any, Final

from quizkit.sdk.live_events import Joined, Reconnected, Snapshot
from quizkit.sdk.live_protocol import PING, LiveProtocol, Settled
from tests.chaos.gateway import Connection, Gateway
from tests.chaos.records import Records
from tests.chaos.scheduler import Scheduler, Signal

#: As the SDK has it (`Patience`), in milliseconds.
FIRST_DELAY_MS: Final = 250
_LONGEST_DELAY_MS: Final = 5_000
_CONNECT_MS: Final = 10_000


class Client:
    """Somebody on a socket, which may be lost and found again.

    Attributes:
        over: it has seen the end. `gone`: it stays away, or was put out.
    """

    def __init__(self, gateway: Gateway, records: Records, name: str, rng: Random) -> None:
        self.gateway = gateway
        self.scheduler: Scheduler = gateway.scheduler
        self.records = records
        self.name = name
        self.rng = rng
        self.victim = rng.random() < gateway.sky.weather.victims
        self.protocol = LiveProtocol(self._ref)
        self.connection: Connection | None = None
        self.changed = Signal()
        self.joined = Signal()
        self.gone = False
        self._refs = 0

    def _ref(self) -> str:
        self._refs += 1
        return f"{self.name}-{self._refs}"

    @property
    def here(self) -> bool:
        """Whether it is on a socket of a session that goes on."""
        return self.connection is not None and not self.over and not self.gone

    @property
    def over(self) -> bool:
        """Whether the end has been seen."""
        return self.protocol.over

    # --- called by the gateway -------------------------------------------------------

    def lost(self, connection: Connection) -> None:
        """The socket is closed."""
        if connection is self.connection:
            self.connection = None
            self.protocol.lost()
            self.scheduler.set(self.changed)

    def frame(self, connection: Connection, text: str) -> None:
        """A frame came."""
        if connection is not self.connection:
            return
        fields = json.loads(text)
        if "seq" in fields:
            self.records.note(self.name, fields)
        self.replied(fields)
        for output in self.protocol.received(text):
            if isinstance(output, Joined | Reconnected):
                self.scheduler.set(self.joined)
                self.snapshot(output.snapshot)
            elif isinstance(output, Settled):
                self.settled(output)
            else:
                self.event(output)
        if self.over:
            self.scheduler.set(self.changed)

    def replied(self, fields: dict[str, Any]) -> None:
        """A frame, whatever it is."""

    def snapshot(self, snapshot: Snapshot) -> None:
        """The session as it is now."""

    def settled(self, output: Settled) -> None:
        """A request has its answer."""

    def event(self, event: object) -> None:
        """Something happened in the session."""

    # --- the socket ------------------------------------------------------------------

    def ticket(self) -> str | None:
        """A ticket for a socket; None where none was to be had just now."""
        raise NotImplementedError

    def connect(self) -> None:
        """Get onto a socket and join on it, for as long as it takes."""
        delay = FIRST_DELAY_MS
        while not self.gone:
            ticket = self.ticket()
            connection = self.gateway.connect(ticket, self) if ticket else None
            if connection is not None:
                self.connection = connection
                self.joined.clear()
                for frame in self.protocol.opened():
                    self.transmit(frame)
                if self.scheduler.block(self.joined, _CONNECT_MS):
                    return
                self.leave()
            self.scheduler.wait(int(delay * self.rng.uniform(0.5, 1)))
            delay = min(2 * delay, _LONGEST_DELAY_MS)

    def transmit(self, frame: str, *, arrives_at: int | None = None) -> bool:
        """Send a frame, if there is a socket."""
        if self.connection is None:
            return False
        self.gateway.send(self.connection, frame, arrives_at=arrives_at)
        return True

    def leave(self) -> None:
        """Be gone from the socket."""
        connection, self.connection = self.connection, None
        if connection is not None:
            self.gateway.leave(connection)
            self.protocol.lost()

    def stay(self, milliseconds: int) -> None:
        """Be on the socket until it is lost, the session over, or so long."""
        if self.connection is not None and not self.over:
            self.changed.clear()
            self.scheduler.block(self.changed, milliseconds)


class Host(Client):
    """A host on a socket; each of its sockets is a participant of its own."""

    def life(self) -> None:
        """Be there until the end, or until gone for good."""
        while not self.over and not self.gone:
            self.connect()
            while self.here:
                self.stay(5_000)
                self.transmit(PING)
        self.leave()

    def ticket(self) -> str | None:
        """As a new host."""
        self._refs += 1
        return self.gateway.host_ticket(self.records.session_id, self._refs)

    def command(self, command: str, **arguments: object) -> bool:
        """Give a command; whether there was a socket for it."""
        _, frame = self.protocol.command(command, **arguments)
        return self.transmit(frame)
