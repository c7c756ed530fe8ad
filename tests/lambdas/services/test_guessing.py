"""quizkit.lambdas.services.guessing: budgets of wrong guesses, known to one environment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quizkit.core.errors import Rejected
from quizkit.core.guessing import SOURCE_BUDGET, STAGE_BUDGET, STRICT_BUDGET, WINDOW_MS
from quizkit.core.session import Command, Session
from quizkit.lambdas.services.guessing import Guesses
from tests.fakes.clock import FakeClock
from tests.fakes.game import World
from tests.fakes.stores import FakeMisses


def blocked(guesses: Guesses, source: str) -> bool:
    """Whether a source is refused before it is looked at."""
    try:
        guesses.check(source)
    except Rejected as exc:
        return exc.code == "too_many_requests"
    return False


def test_a_source_is_refused_after_its_budget() -> None:
    """Exactly its budget of misses passes; the next window gives a new one; others have theirs."""
    clock = FakeClock()
    guesses = Guesses(FakeMisses(), clock)
    clock.now = 10 * WINDOW_MS
    for _ in range(SOURCE_BUDGET):
        assert not blocked(guesses, "a")
        guesses.miss("a")
    assert blocked(guesses, "a")
    assert not blocked(guesses, "b")
    clock.now = 11 * WINDOW_MS - 1
    assert blocked(guesses, "a")
    clock.now = 11 * WINDOW_MS
    assert not blocked(guesses, "a")


def test_other_environments_learn_at_their_first_miss() -> None:
    """What one has counted counts for all: another one's first miss is refused, and remembered."""
    clock, stored = FakeClock(), FakeMisses()
    one, other = Guesses(stored, clock), Guesses(stored, clock)
    for _ in range(SOURCE_BUDGET):
        one.miss("a")
    assert not blocked(other, "a")
    with pytest.raises(Rejected) as caught:
        other.miss("a")
    assert caught.value.code == "too_many_requests"
    assert blocked(other, "a")


def test_over_the_stages_budget_sources_have_little() -> None:
    """Then a source that had a few misses is refused at once, a new one after three."""
    clock, stored = FakeClock(), FakeMisses()
    guesses = Guesses(stored, clock)
    for _ in range(STRICT_BUDGET):
        guesses.miss("early")
    while sum(count for (who, _), count in stored._counts.items() if who) < STAGE_BUDGET:
        stored.add("crowd", clock())
    assert not blocked(guesses, "early")
    guesses.miss("new")
    assert blocked(guesses, "early")
    for _ in range(STRICT_BUDGET - 1):
        assert not blocked(guesses, "new")
        guesses.miss("new")
    assert blocked(guesses, "new")
    assert not blocked(guesses, "newer")


def test_what_is_remembered_is_bounded() -> None:
    """More sources than there is room for are forgotten here, and known again at a miss."""
    guesses = Guesses(FakeMisses(), FakeClock(), room=5)
    for _ in range(SOURCE_BUDGET):
        guesses.miss("a")
    for number in range(20):
        guesses.miss(f"s{number}")
        assert len(guesses._sources) <= 5
    assert not blocked(guesses, "a")
    with pytest.raises(Rejected):
        guesses.miss("a")
    assert blocked(guesses, "a")


# --- against a game ----------------------------------------------------------------------


class Lookups:
    """Counts how often a PIN is looked up in a world."""

    def __init__(self, world: World) -> None:
        self.count = 0
        self._find = world.sessions.find_pin
        object.__setattr__(world.joining, "sessions", self)
        self._sessions = world.sessions

    def find_pin(self, pin: str, now: int) -> str | None:
        """Look up and count."""
        self.count += 1
        return self._find(pin, now)

    def load(self, session_id: str) -> Session | None:
        """A session."""
        return self._sessions.load(session_id)


def wrong_pins(session: Session) -> Iterator[str]:
    """PINs that are not the session's, one after another."""
    return (f"{n:06d}" for n in range(10**6) if f"{n:06d}" != session.pin)


def code_of(world: World, pin: str, nickname: str, source: str) -> str:
    """How a join ends."""
    try:
        world.joining.join({"pin": pin, "nickname": nickname}, None, source)
    except Rejected as exc:
        return exc.code
    return "joined"


@pytest.mark.parametrize(("sources", "at_most"), [(1, SOURCE_BUDGET), (200, 5_600)])
def test_ten_thousand_guesses_find_no_game(world: World, sources: int, at_most: int) -> None:
    """Beyond the budgets nothing is looked up, be the PIN right; the game and others go on."""
    session = world.create()
    early = world.join(session, "Ada")
    lookups = Lookups(world)
    pins = wrong_pins(session)
    codes = [code_of(world, next(pins), "Eve", f"evil{n % sources}") for n in range(10_000)]
    assert set(codes) == {"pin_not_found", "too_many_requests"}
    assert codes.count("pin_not_found") <= at_most
    assert lookups.count <= at_most
    for number in range(sources):
        assert code_of(world, session.pin, f"Eve{number}", f"evil{number}") == "too_many_requests"
    for number in range(100):
        assert code_of(world, session.pin, f"Pupil{number}", "school") == "joined"
    assert code_of(world, next(pins), "Typo", "school") == "pin_not_found"
    assert code_of(world, session.pin, "Typo", "school") == "joined"
    assert world.apply(session, Command.START).window is not None
    assert early.answer("q1", "b", at=world.load(session).window.opens_at)["action"]  # type: ignore[union-attr]


def test_who_returns_does_not_wait_for_guessers(world: World) -> None:
    """A resume token opens also where its network has used up the budget; a wrong one does not."""
    session = world.create()
    ada = world.join(session, "Ada")
    pins = wrong_pins(session)
    for _ in range(SOURCE_BUDGET):
        assert code_of(world, next(pins), "Eve", "school") == "pin_not_found"
    assert code_of(world, session.pin, "Eve", "school") == "too_many_requests"
    back = world.joining.join({"pin": session.pin, "resume_token": ada.token}, None, "school")
    assert back["participant_id"] == ada.id
    with pytest.raises(Rejected, match="not valid"):
        world.joining.join({"pin": session.pin, "resume_token": f"{ada.token}x"}, None, "school")


def test_wrong_tokens_are_no_guesses(world: World) -> None:
    """Nobody guesses 24 random bytes: who has an old token may still type a PIN."""
    session = world.create()
    ada = world.join(session, "Ada")
    for _ in range(SOURCE_BUDGET + 1):
        with pytest.raises(Rejected, match="not valid"):
            world.joining.join({"resume_token": f"{ada.token}x"}, None, "school")
    assert world.misses._counts == {}
    assert code_of(world, session.pin, "Bob", "school") == "joined"


@pytest.mark.parametrize(
    ("into", "told"), [(0, "wait 10 minutes"), (480_000, "wait 2 minutes"), (599_999, "a minute")]
)
def test_a_refusal_says_how_long(into: int, told: str) -> None:
    """Until the window is over, in whole minutes."""
    clock = FakeClock()
    guesses = Guesses(FakeMisses(), clock)
    clock.now = 10 * WINDOW_MS + into
    for _ in range(SOURCE_BUDGET):
        guesses.miss("a")
    with pytest.raises(Rejected, match=told):
        guesses.check("a")
    with pytest.raises(Rejected, match=told):
        guesses.miss("a")


def test_what_finds_the_game_is_no_guess(world: World) -> None:
    """Taken and bad names, a locked lobby and what cannot be a PIN use up nothing."""
    session = world.create()
    world.join(session, "Ada")
    for _ in range(SOURCE_BUDGET + 1):
        assert code_of(world, session.pin, "Ada", "school") == "nickname_taken"
        assert code_of(world, session.pin, "", "school") == "invalid_nickname"
        assert code_of(world, "12345", "Bob", "school") == "pin_not_found"
    world.apply(session, Command.LOCK)
    for _ in range(SOURCE_BUDGET + 1):
        assert code_of(world, session.pin, "Bob", "school") == "session_locked"
    world.apply(session, Command.UNLOCK)
    assert code_of(world, session.pin, "Bob", "school") == "joined"


def test_a_right_guess_counts_nothing(world: World) -> None:
    """An honest join makes no call of the counts."""
    session = world.create()
    for number in range(20):
        assert code_of(world, session.pin, f"N{number}", "school") == "joined"
    assert world.misses._counts == {}
