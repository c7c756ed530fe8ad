"""What keeps games from becoming dearer: every step counted on the wire, under its bounds.

Real functions on real tables, queue, topic and Redis; counts only, never times. A count
that is lower than its bound is fine, and a reason to lower the bound.
"""

from __future__ import annotations

import uuid

import pytest

from bench.bounds import (
    ANSWERS_A_LEASE,
    BYTES,
    DOLLARS,
    FRAMES,
    READS_PER_ANSWER,
    REDIS,
    TRIPS,
)
from bench.counts import PLAYER_STEPS, Counted, closing, frames, quiet, usage
from bench.lobby import fill
from bench.stage import Stage
from bench.wire import Counts
from quizkit.core.costs import FUNCTIONS as BILLED
from quizkit.core.costs import STEPS, UNITS, Game, game, total
from quizkit.infra.function_table import FUNCTIONS

#: A lease less its margin (lambdas/services/intake.py).
LEASE_MS = 750
#: Beside the players a host and one more are in the session.
OTHERS = 2
#: Lobby, host and first result apart: what every question of a game shows a player.
QUESTION = ("ask", "settle")


def trips(counts: Counts) -> int:
    """Round trips, posts to sockets left out."""
    return counts.trips.total() - counts.of("sockets")


@pytest.fixture(scope="module", params=["small", "large"])
def counted(request: pytest.FixtureRequest) -> Counted:
    """Each of the two sessions."""
    found: Counted = request.getfixturevalue(request.param)
    return found


def test_an_answer_is_one_round_trip_and_one_write(large: Counted) -> None:
    """Warm: no read, no cache, no second write; in and out two messages."""
    answer = large.steps["answer"]
    assert answer.trips == {("answer", "dynamodb", "PutItem"): large.players}
    assert (answer.reads, answer.writes) == (0, large.players)
    assert answer.messages == 2 * large.players
    assert answer.redis == 0


def test_a_repeated_answer_is_one_round_trip_too(stage: Stage) -> None:
    """The stored row comes back with the refusal of the write."""
    with quiet():
        session = stage.session(stage.quiz(1, 30))
        [player] = stage.enter(session, 1)
        stage.command(session, "start")
        stage.wait_until_open(session)
        first = stage.answer(player, "q1", "b")
        with stage.counting() as again:
            second = stage.answer(player, "q1", "b")
    assert second["received_at"] == first["received_at"]
    assert again.trips == {("answer", "dynamodb", "PutItem"): 1}


def test_an_answer_is_one_round_trip_where_somebody_was_removed(stage: Stage) -> None:
    """Who was removed stands in the session, which is read once a lease and no more often."""
    with quiet():
        session = stage.session(stage.quiz(1, 60))
        out, player = stage.enter(session, 2)
        stage.command(session, "start")
        stage.wait_until_open(session)
        stage.command(session, "kick", participant_id=out.joined["participant_id"])
        stamps = []
        with stage.counting() as counts:
            for _ in range(50):
                player.identity["participant_id"] = f"00{uuid.uuid4().hex[:16]}"
                player.connection_id = uuid.uuid4().hex
                stamps.append(stage.answer(player, "q1", "b")["received_at"])
        refused = stage.answer(out, "q1", "b")
    assert refused["code"] == "forbidden"
    leases = 1 + (stamps[-1] - stamps[0]) / LEASE_MS
    assert counts.of("dynamodb", "GetItem") <= leases
    assert trips(counts) == counts.of("dynamodb", "GetItem") + len(stamps)


def test_reads_are_shared_by_the_answers_of_a_lease(stage: Stage) -> None:
    """The session is read once a lease, however many answers come within it."""
    with quiet():
        session = stage.session(stage.quiz(1, 60))
        [player] = stage.enter(session, 1)
        stage.command(session, "start")
        stage.wait_until_open(session)
        stamps = []
        with stage.counting() as counts:
            for _ in range(2 * ANSWERS_A_LEASE):
                player.identity["participant_id"] = f"00{uuid.uuid4().hex[:16]}"
                player.connection_id = uuid.uuid4().hex
                stamps.append(stage.answer(player, "q1", "b")["received_at"])
    # A slow machine runs through more leases; each is as good for a fast one's answers.
    leases = 1 + (stamps[-1] - stamps[0]) / LEASE_MS
    assert counts.reads == counts.of("dynamodb", "GetItem") <= leases
    assert 1 / ANSWERS_A_LEASE < READS_PER_ANSWER


@pytest.mark.parametrize("step", TRIPS)
def test_round_trips_stay_under_their_bound(counted: Counted, step: str) -> None:
    """At both sizes the same bound: nothing here grows with the session."""
    players = counted.players if step in PLAYER_STEPS else 1
    assert trips(counted.steps[step]) / players <= TRIPS[step]


@pytest.mark.parametrize("step", STEPS)
def test_billed_units_stay_under_their_bound(counted: Counted, step: str) -> None:
    """Every unit of every step, as `quizkit.core.costs` states it."""
    players = counted.players if step in PLAYER_STEPS else counted.size + OTHERS
    found, bound = usage(counted.steps[step]), STEPS[step].of(players)
    if step == "lease":
        # The answer itself is on another line.
        assert found.read_units <= bound.read_units
        return
    over = {
        unit: (getattr(found, unit), getattr(bound, unit))
        for unit in UNITS
        if getattr(found, unit) > getattr(bound, unit) + 1e-9
    }
    assert not over


def test_a_closing_grows_by_its_posts_only(small: Counted, large: Counted) -> None:
    """calls(2N) - calls(N): two frames for each player more, and nothing else."""
    for step, each in (("ask", 1), ("settle", 2), ("finish", 1), ("lobby", 1), ("lobby_hosts", 0)):
        less, more = small.steps[step], large.steps[step]
        assert trips(more) == trips(less), step
        assert more.posts - less.posts == each * (large.size - small.size), step
        assert more.invocations == less.invocations, step


@pytest.mark.slow
def test_a_closing_of_a_large_session_makes_as_many_calls(stage: Stage) -> None:
    """5,000 answers: still one page a partition, written in one batch; Redis by thousands."""
    counts = closing(stage, 5_000, connected=False)
    assert trips(counts) <= TRIPS["settle"]
    assert counts.of("dynamodb", "BatchWriteItem") == 1
    assert counts.redis <= REDIS["settle"] + 2 * 5
    # Rows of a quarter of a kilobyte, read by the page of 4 KB.
    assert counts.reads <= STEPS["settle"].of(5_000).read_units


@pytest.mark.parametrize("step", REDIS)
def test_the_cache_gets_few_commands(counted: Counted, step: str) -> None:
    """None for an answer, a handful for a board whatever its length (up to 1,000 lines)."""
    assert counted.steps[step].redis <= REDIS[step]


def test_a_player_gets_three_frames_a_question(counted: Counted) -> None:
    """One of each kind, none longer than it may be."""
    found = {
        action: said for step in QUESTION for action, said in frames(counted.steps[step]).items()
    }
    assert {action: number for action, (number, _) in found.items()} == FRAMES
    assert sum(FRAMES.values()) <= 3
    for action, (_, size) in found.items():
        assert size <= BYTES[action], action
    answer = counted.steps["answer"]
    assert answer.answered / counted.players <= BYTES["answer_accepted"]


def test_a_filling_lobby_is_told_no_more_often_than_the_price_has_it() -> None:
    """A thousand players within a minute; the frames are what is paid for."""
    plan = Game()
    told = fill(plan.players, plan.lobby_seconds)
    assert told.events <= plan.lobby_events
    assert told.frames <= plan.lobby_frames
    assert told.hosts <= plan.lobby_seconds


def test_memory_is_what_is_deployed() -> None:
    """The price of a function's time goes by its memory."""
    deployed = {spec.name: spec.memory for spec in FUNCTIONS}
    assert {name: memory for name, (memory, _) in BILLED.items()}.items() <= deployed.items()


def test_the_model_game_costs_no_more_than_it_does() -> None:
    """1,000 players, 10 questions: the sum of all bounds at the stated prices."""
    assert total(game(Game())) <= DOLLARS
