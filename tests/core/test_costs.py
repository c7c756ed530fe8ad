"""Prices and sums: what a usage costs, what a game uses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quizkit.core.costs import (
    FUNCTIONS,
    LOG_BYTES,
    POST_MS,
    PRICES,
    STEPS,
    UNITS,
    Game,
    Step,
    Usage,
    bill,
    calls,
    game,
    plan,
    total,
)


def test_every_unit_has_a_price() -> None:
    """Nothing that is used can be left off the bill."""
    assert set(PRICES) == set(UNITS)
    assert all(price.dollars > 0 and price.source for price in PRICES.values())


def test_a_bill_lists_what_was_used_largest_first() -> None:
    """A million messages are a dollar; what was not used is not on it."""
    lines = bill(Usage(websocket_messages=1_000_000, write_units=1_000_000))
    assert [(line.unit, line.quantity) for line in lines] == [
        ("websocket_messages", 1_000_000),
        ("write_units", 1_000_000),
    ]
    assert lines[0].dollars == pytest.approx(1.0)
    assert lines[1].dollars == pytest.approx(0.625)
    assert total(Usage(websocket_messages=1_000_000, write_units=1_000_000)) == pytest.approx(1.625)
    assert bill(Usage()) == []


def test_usages_add_and_multiply_in_every_unit() -> None:
    """No unit is forgotten by either."""
    ones = Usage(**dict.fromkeys(UNITS, 1.0))
    assert ones + ones == ones * 2 == Usage(**dict.fromkeys(UNITS, 2.0))


def test_a_call_is_billed_by_its_function_s_memory_and_time() -> None:
    """Requests and gigabyte-seconds."""
    memory, ms = FUNCTIONS["answer"]
    used = calls({"answer": 3})
    assert used.lambda_requests == 3
    assert used.lambda_gb_seconds == pytest.approx(3 * memory / 1_024 * ms / 1_000)
    assert used.log_bytes == 0


def test_a_call_that_has_figures_logs_a_line_of_them() -> None:
    """Broadcasts and control have; the other functions are silent while all goes well."""
    assert set(LOG_BYTES) == {"broadcast", "control"}
    assert calls({"control": 2, "answer": 9}).log_bytes == 2 * LOG_BYTES["control"]


@pytest.mark.parametrize("caller", ["control", "counter"])
def test_who_waits_for_a_broadcast_is_billed_for_it_too(caller: str) -> None:
    """Posts lengthen the broadcast and its caller alike."""
    less, more = calls({caller: 1, "broadcast": 1}), calls({caller: 1, "broadcast": 1}, posts=100)
    memory = (FUNCTIONS[caller][0] + FUNCTIONS["broadcast"][0]) / 1_024
    extra = more.lambda_gb_seconds - less.lambda_gb_seconds
    assert extra == pytest.approx(memory * 100 * POST_MS / 1_000)


def test_posts_without_a_broadcast_cost_no_time() -> None:
    """There is nobody to send them."""
    assert calls({"join": 1}, posts=100) == calls({"join": 1})


def test_a_step_grows_with_its_players() -> None:
    """What is fixed, and so much for each."""
    step = Step(Usage(write_units=3), Usage(write_units=0.5))
    assert step.of(10) == Usage(write_units=8)


def test_a_game_is_the_sum_of_its_steps() -> None:
    """With one unit of another kind for each step every count can be read off the sum."""
    kinds = {
        "session": Step(Usage(topic_publishes=1)),
        "join": Step(Usage(), Usage(http_requests=1)),
        "answer": Step(Usage(), Usage(write_units=1)),
        "lobby": Step(Usage(queue_requests=1), Usage(bytes_out=1)),
        "lobby_hosts": Step(Usage(), Usage(queue_requests=1)),
        "lease": Step(Usage(read_units=1)),
        "count": Step(Usage(lambda_requests=1)),
        "settle": Step(Usage(log_bytes=1)),
        "ask": Step(Usage(), Usage(websocket_messages=1)),
        "finish": Step(Usage(lambda_gb_seconds=1)),
    }
    steps = dict.fromkeys(STEPS, Step(Usage())) | kinds
    plan = Game(
        players=200,
        questions=5,
        minutes=4,
        lobby_seconds=3,
        lobby_events=7,
        lobby_frames=70,
        answer_seconds=3,
        environments=2,
        stream_shards=4,
    )
    assert game(plan, steps) == Usage(
        topic_publishes=1,
        http_requests=200,
        write_units=1_000,
        queue_requests=7 + 3 * 200 / 2,
        bytes_out=70,
        read_units=5 * 2 * 4,
        lambda_requests=5 * 4 * 3,
        log_bytes=5,
        websocket_messages=1_000,
        lambda_gb_seconds=1,
        connection_minutes=800,
    )


def test_a_small_game_reads_no_more_sessions_than_it_has_answers() -> None:
    """Two players cannot keep four environments busy for ten seconds."""
    steps = dict.fromkeys(STEPS, Step(Usage())) | {
        "lease": Step(Usage(read_units=1)),
        "count": Step(Usage(write_units=1)),
    }
    used = game(Game(players=2, questions=1), steps)
    assert (used.read_units, used.write_units) == (2, 2)


def test_a_game_costs_more_with_everything_that_it_has_more_of() -> None:
    """Players, questions, minutes and lobby news each have their price."""
    plain = Game()
    for more in (
        replace(plain, players=1_001),
        replace(plain, questions=11),
        replace(plain, minutes=11),
        replace(plain, lobby_seconds=61),
        replace(plain, lobby_events=16),
        replace(plain, lobby_frames=4_601),
    ):
        assert total(game(more)) > total(game(plain))


@pytest.mark.parametrize(
    ("players", "events", "frames"),
    [
        *((1, 1, 1), (5, 5, 15), (30, 30, 465), (60, 55, 1_617), (100, 34, 1_352)),
        *((300, 18, 1_636), (450, 14, 2_099), (700, 10, 2_211), (950, 8, 2_275)),
        *((1_800, 5, 3_243), (3_000, 4, 4_602), (4_000, 3, 5_402)),
    ],
)
def test_a_plan_has_no_less_lobby_than_was_counted(players: int, events: int, frames: int) -> None:
    """The figures are those of `bench.lobby.fill` for a minute."""
    made = plan(players, 10, 10)
    assert events <= made.lobby_events <= min(players, 60)
    assert frames <= made.lobby_frames <= 2 * frames


def test_the_plan_for_a_thousand_is_nearly_the_game_that_the_bench_looks_at() -> None:
    """So that the command and the page of the bench say the same, but for a longer lobby."""
    made = plan(1_000, 10, 10)
    assert replace(made, lobby_frames=Game().lobby_frames) == Game()
    assert total(game(made)) < total(game(Game())) * 1.03
    assert (plan(100_000, 10, 10).environments, plan(100_000, 10, 10).stream_shards) == (400, 10)


def test_a_long_game_reads_all_its_answers_at_the_end() -> None:
    """Ten times the questions, ten times what the last fold reads for each player."""
    steps = dict.fromkeys(STEPS, Step(Usage())) | {
        "finish": Step(Usage(read_units=60), Usage(read_units=0.5))
    }
    reads = [game(plan(100, questions, 10), steps).read_units for questions in (1, 10, 100)]
    assert reads == [110, 110, 60 + 500]
