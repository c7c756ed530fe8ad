"""One run: a game and its weather from a seed, played to the end and judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random
from typing import Final, TypeAlias

from quizkit.core.history import Attempt, Ending, Fate, Violation
from quizkit.core.quiz import parse
from quizkit.core.session import Session, State
from tests.chaos import settings as games
from tests.chaos import weather as storms
from tests.chaos.clients import Host
from tests.chaos.drivers import Driver
from tests.chaos.gateway import Gateway
from tests.chaos.mail import Mail
from tests.chaos.players import Player
from tests.chaos.records import Records
from tests.chaos.scheduler import Scheduler, scheduled
from tests.chaos.settings import Settings
from tests.chaos.trouble import Trouble
from tests.chaos.verdict import judge
from tests.chaos.weather import FAIR, Faults, Sky, Weather
from tests.chaos.world import ChaosWorld

#: Every storm ends: after this time nothing goes wrong any more; in milliseconds.
_STORM_MS: Final = 600_000
#: A game that is not over by then never will be.
_HORIZON_MS: Final = 3 * 3_600_000
#: What is late comes after the end, too: two deliveries of a message that failed.
_AFTERMATH_MS: Final = 240_000
_QUIZ: Final = "chaos-1"

WorldMaker: TypeAlias = Callable[[int, Trouble, Gateway, Mail], ChaosWorld]


@dataclass
class Report:
    """What a run came to.

    Attributes:
        history: attempts and endings of each session, in the order in which they came.
    """

    seed: str
    settings: Settings
    faults: Faults
    violations: list[Violation] = field(default_factory=list)
    history: list[tuple[tuple[Attempt, ...], tuple[Ending, ...]]] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Short, and another one for another course of the run."""
        return sha256(repr((self.history, sorted(self.faults.items()))).encode()).hexdigest()[:16]

    @property
    def fates(self) -> Counter[Fate]:
        """How many attempts came to which fate."""
        return Counter(attempt.fate for attempts, _ in self.history for attempt in attempts)


@dataclass
class _Room:
    """One session with everybody in it."""

    session: Session
    records: Records
    people: list[Player]
    host: Host
    driver: Driver


def play(seed: int | str, world: WorldMaker = ChaosWorld, weather: Weather | None = None) -> Report:
    """Play one run.

    Args:
        world: makes the platform; other than the usual one to show that a flaw is found.
        weather: instead of the seed's.
    """
    settings = games.draw(Random(f"{seed} game"))
    sky = Sky(weather or storms.draw(Random(f"{seed} weather")), Random(f"{seed} sky"))
    with scheduled() as scheduler:
        run = _Run(str(seed), settings, sky, scheduler, world)
        return run.play()


class _Run:
    def __init__(
        self, seed: str, settings: Settings, sky: Sky, scheduler: Scheduler, world: WorldMaker
    ) -> None:
        self.seed, self.settings, self.sky, self.scheduler = seed, settings, sky, scheduler
        self.gateway = Gateway(scheduler, sky, Random(f"{seed} gateway"))
        self.mail = Mail(scheduler, sky, Random(f"{seed} mail"))
        trouble = Trouble(scheduler, sky, Random(f"{seed} ports"))
        self.world = world(settings.shards, trouble, self.gateway, self.mail)
        self.world.questions.create(_QUIZ, scheduler.clock(), settings.document)
        self.rooms: list[_Room] = []

    def play(self) -> Report:
        """Open the sessions, let everybody in, wait for the end, judge."""
        start = self.scheduler.clock.now
        for number in range(self.settings.sessions):
            self.rooms.append(self._open(number))
        if len(self.rooms) > 1:
            self.sky.counts["two sessions at once"] += 1
        self._plan_redis(start)
        self.scheduler.at(start + _STORM_MS, self._calm)
        while not self._over() and self.scheduler.clock.now < start + _HORIZON_MS:
            self.scheduler.run(self.scheduler.clock.now + 5_000)
        self.scheduler.run(self.scheduler.clock.now + _AFTERMATH_MS)
        self._calm()
        for room in self.rooms:
            for player in room.people:
                if player.gone and player.inside and player.habits.returns:
                    self.scheduler.start(player.come_back, name=f"{player.name} returns")
        self.scheduler.run(self.scheduler.clock.now + _AFTERMATH_MS)
        return self._report()

    def _open(self, number: int) -> _Room:
        settings, world = self.settings, self.world
        auto = settings.driver == "auto"
        options = {
            "quiz_id": _QUIZ,
            "auto": auto,
            "lobby_seconds": settings.lobby_seconds if auto else None,
            "reveal_seconds": settings.reveal_seconds,
            "close_early": settings.close_early,
        }
        session = world.control.create(options, session_id=f"chaos{number}")
        records = Records(session.session_id)
        key = {question.id: question for question in parse(settings.document).questions}
        people = []
        for place, habits in enumerate(settings.players[number]):
            name = f"s{number}p{place}"
            rng = Random(f"{self.seed} {name}")
            player = Player(self.gateway, records, name, rng, habits, key, session.pin)
            people.append(player)
            self.scheduler.start(player.life, name=name)
        host = Host(self.gateway, records, f"h{number}", Random(f"{self.seed} host {number}"))
        rng = Random(f"{self.seed} driver {number}")
        driver = Driver(self.gateway, self.mail, settings, session, host, rng)
        if not auto:
            self.scheduler.start(host.life, name=host.name)
        self.scheduler.start(driver.life, name=f"driver {number}")
        if settings.locks:
            self.scheduler.start(driver.meddle, name=f"meddler {number}")
        self.scheduler.start(lambda: self._watch(session.session_id), name=f"board {number}")
        return _Room(session, records, people, host, driver)

    def _watch(self, session_id: str) -> None:
        """Somebody who looks at the board now and then, so that it is read at any moment."""
        rng = Random(f"{self.seed} watcher {session_id}")
        while True:
            self.scheduler.wait(rng.randint(500, 20_000))
            self.gateway.board(session_id, rng.choice((3, 1_000)))

    def _plan_redis(self, start: int) -> None:
        """Redis away from the start, killed, flushed, and set back to an older state."""
        rng, redis, weather = Random(f"{self.seed} redis"), self.world.redis, self.sky.weather
        seconds = sum(
            question["time_limit"] + 8 for question in self.settings.document["questions"]
        )
        if weather.redis_away:
            self.sky.counts["Redis away from the start"] += 1
            redis.away = True
            self.scheduler.at(start + rng.randint(1, 2_000 * seconds), redis.come_back)
        for _ in range(weather.redis_events):
            when = start + rng.randint(0, 1_000 * seconds)
            kind = rng.choice(("Redis killed", "Redis flushed", "Redis set back"))
            self.sky.counts[kind] += 1
            if kind == "Redis killed":
                self.scheduler.at(when, redis.kill)
                self.scheduler.at(when + rng.randint(1_000, 60_000), redis.come_back)
            elif kind == "Redis flushed":
                self.scheduler.at(when, redis.flush)
            else:
                self.scheduler.at(when, redis.save)
                self.scheduler.at(when + rng.randint(1_000, 120_000), redis.set_back)

    def _calm(self) -> None:
        self.sky.weather, self.sky.left = FAIR, 0

    def _over(self) -> bool:
        """Whether every session is finished and everybody who stayed has seen it."""
        for room in self.rooms:
            session_id = room.session.session_id
            if self.world.control.load(session_id).state is not State.FINISHED:
                return False
            if self.world.sessions.pending(session_id):
                return False
            if any(x.inside and not x.gone and not x.over for x in room.people):
                return False
        return True

    def _report(self) -> Report:
        report = Report(self.seed, self.settings, self.sky.counts)
        report.violations += [Violation("crash", what) for what in self.scheduler.crashes]
        for room in self.rooms:
            for player in room.people:
                player.close_books()
            report.violations += judge(
                self.world,
                self.gateway,
                self.settings,
                room.session,
                room.people,
                room.records,
                room.driver,
            )
            records = room.records
            report.history.append((tuple(records.attempts), tuple(records.endings.values())))
        return report
