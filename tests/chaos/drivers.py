"""Who drives a session: nobody, a host on a socket, or a program that sends events.

A driver looks at the session every few seconds and does what a person would do next, with
double commands and commands at the wrong moment among them. It may be gone for good; then
an operator waits until whatever is open has closed by itself, and ends the session.
"""

from __future__ import annotations

from random import Random
from typing import Final

from quizkit.core.session import Command, Session, State, timers_of
from tests.chaos.clients import Host
from tests.chaos.gateway import Gateway
from tests.chaos.mail import Mail
from tests.chaos.settings import Settings

#: How long the operator leaves an orphaned session to itself, in milliseconds.
_ORPHANED_MS: Final = 60_000
#: Gone this long with a question open, the session is stuck.
_STUCK_MS: Final = 1_800_000


class Driver:
    """Drives one session.

    Attributes:
        ended_early: it has used the command `end` before the last question.
        stuck: a question stayed open although everybody was gone.
    """

    def __init__(
        self,
        gateway: Gateway,
        mail: Mail,
        settings: Settings,
        session: Session,
        host: Host,
        rng: Random,
    ) -> None:
        self.gateway = gateway
        self.mail = mail
        self.settings = settings
        self.session_id = session.session_id
        self.host = host
        self.rng = rng
        self.scheduler = gateway.scheduler
        self.ended_early = False
        self.stuck = False
        self._events = 0
        self._kicked = False
        self._end_at = rng.randrange(len(settings.document["questions"]))
        self._leaves_at = 0
        if settings.host_leaves_at and settings.driver != "auto":
            self._leaves_at = self.scheduler.clock.now + settings.host_leaves_at

    def life(self) -> None:
        """Drive the session until it is finished."""
        self.scheduler.wait(1_000 * self.settings.lobby_seconds)
        while True:
            if self._leaves_at and self.scheduler.clock.now >= self._leaves_at:
                return self._orphaned()
            session = self._look()
            if session is not None and session.state is State.FINISHED:
                return self._too_late()
            if session is not None:
                self._act(session)
            self.scheduler.wait(self.rng.randint(500, 4_000))

    def _look(self) -> Session | None:
        found: Session | None = self.gateway.control(
            lambda: self.gateway.world.control.load(self.session_id)
        )
        return found

    def _act(self, session: Session) -> None:
        settings, rng = self.settings, self.rng
        if settings.ends_early and session.index >= self._end_at and rng.random() < 0.5:
            self.ended_early = True
            self._give(Command.END)
        if settings.driver == "auto":
            return
        if session.state is State.OPEN:
            self._interfere(session)
        elif session.state is State.LOBBY:
            self._give(rng.choice((Command.START, Command.NEXT)))
        elif self._now() - session.changed_at >= 1_000 * settings.reveal_seconds:
            self._give(Command.NEXT)
            if rng.random() < 0.2:
                self._give(Command.NEXT)

    def _interfere(self, session: Session) -> None:
        """What hosts do while a question is open."""
        rng = self.rng
        if rng.random() < 0.15:
            self._give(Command.CLOSE)
        if self.settings.kicks and not self._kicked and session.index == self._end_at:
            self._kicked = True
            self._kick(session)

    def meddle(self) -> None:
        """Lock and unlock the session, now and then and when it is due to move.

        So moves meet one another between their loading and their saving.
        """
        while True:
            session = self._look()
            if session is not None and session.state is State.FINISHED:
                return
            due = [timer.at for timer in timers_of(session)] if session else []
            if due and due[0] - self._now() < 3_000:
                self.scheduler.wait(max(0, due[0] - self._now()))
                for _ in range(20):
                    self._call(self.rng.choice((Command.LOCK, Command.UNLOCK)))
            self._call(self.rng.choice((Command.LOCK, Command.UNLOCK)))
            self.scheduler.wait(self.rng.randint(50, 3_000))

    def _kick(self, session: Session) -> None:
        world = self.gateway.world
        people = self.gateway.control(lambda: world.participants.everybody(session)) or []
        if len(people) > 1:
            # Never the first, who is the faithful one.
            first = min(people, key=lambda who: who.joined_at)
            who = self.rng.choice([x for x in people if x is not first])
            self.host.command("kick", participant_id=who.participant_id)

    def _give(self, command: Command) -> None:
        """Give a command in the driver's way."""
        if self.settings.driver == "events":
            self._events += 1
            detail = {"action": str(command), "session_id": self.session_id}
            self.mail.event(f"{self.session_id}-{self._events}", detail)
        elif self.settings.driver == "auto":
            self._call(command)
        else:
            self.host.command(str(command))

    def _call(self, command: Command) -> None:
        """Call the control function, as `quizkit session` does."""
        self.gateway.control(lambda: self.gateway.world.control.apply(self.session_id, command))

    def _now(self) -> int:
        return self.scheduler.clock.now

    def _too_late(self) -> None:
        """The session is over; commands that come now change nothing."""
        for command in (Command.END, Command.NEXT):
            if self.rng.random() < 0.3:
                self.gateway.sky.counts["finished twice"] += 1
                self._give(command)

    def _orphaned(self) -> None:
        """The driver is gone for good: what is open closes by itself, then it is ended."""
        self.gateway.sky.counts["host gone for good"] += 1
        self.host.gone = True
        self.host.leave()
        self.scheduler.set(self.host.changed)
        self.scheduler.wait(_ORPHANED_MS)
        gone_since = self._now()
        while True:
            session = self._look()
            if session is not None and session.state is State.FINISHED:
                return
            if session is not None and session.state is State.OPEN:
                self.stuck = self._now() - gone_since > _STUCK_MS
            if session is not None and (self.stuck or session.state is not State.OPEN):
                self.ended_early = True
                self._call(Command.END)
            self.scheduler.wait(5_000)
