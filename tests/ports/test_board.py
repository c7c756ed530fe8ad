"""`ports.Board`: one suite over the fake and a real Redis, and what only Redis can suffer."""

from __future__ import annotations

import random
import socket
import time
from contextlib import suppress
from dataclasses import replace
from threading import Thread

import pytest
import redis

from quizkit.core.scoring import Standing, order
from quizkit.lambdas.adapters.redis_board import RedisBoard
from quizkit.lambdas.adapters.redis_client import ANSWER_SECONDS, CONNECT_SECONDS, connect
from quizkit.lambdas.ports import Board
from tests.fakes.clock import FakeClock
from tests.fakes.cloud import HOST, RedisServer, redis_server
from tests.fakes.services import FakeBoard

NOW = 1_800_000_000_000


def real(server: RedisServer | None = None) -> RedisBoard:
    """The adapter on a server."""
    settings = (server or redis_server()).environ
    return RedisBoard(lambda: connect(settings))


@pytest.fixture(params=["fake", "redis"])
def board(request: pytest.FixtureRequest) -> Board:
    """An empty board."""
    if request.param == "fake":
        return FakeBoard()
    with redis.Redis(port=redis_server().port) as client:
        client.flushall()
    return real()


def ranked(lines: list[Standing]) -> list[Standing]:
    """Lines in their order, with their ranks."""
    key = lambda x: order(x.score, x.time, x.joined_at, x.participant_id)  # noqa: E731
    return [replace(line, rank=n) for n, line in enumerate(sorted(lines, key=key), start=1)]


def line(who: str, score: int, time: int = 0, joined: int = NOW, answered: int = 1) -> Standing:
    """A line whose rank is not known yet; ids are of one length, as ours are."""
    return Standing(0, who, f"N:{who} é", score, time, joined, answered)


def test_a_board_comes_back_in_order(board: Board) -> None:
    """Any order in, the ranking out, with finished lines; `count` cuts the lines only."""
    lines = ranked([line(f"00{n:02d}", n % 7 * 100, n % 3, NOW + n % 2) for n in range(50)])
    mixed = list(lines)
    random.Random(1).shuffle(mixed)
    assert board.write("s", 1, NOW, mixed)
    assert board.top("s", 1, 100) == (NOW, 50, lines)
    assert board.top("s", 1, 3) == (NOW, 50, lines[:3])


def test_ties(board: Board) -> None:
    """Less time, then earlier join, then the id: as the fold has it."""
    lines = [
        line("00d", 100, 5, NOW),
        line("00c", 100, 5, NOW),
        line("00b", 100, 5, NOW - 1),
        line("00a", 100, 4, NOW + 9),
        line("00e", 100, 12_345_678, NOW - 9),
        line("00f", 101, 99, NOW + 99),
        line("00g", 0, 0, 0),
        line("00h", 500_000_000, 1_800_000_000, NOW),
    ]
    assert board.write("s", 1, NOW, lines)
    found = board.top("s", 1, 10)
    assert found is not None
    assert [x.participant_id for x in found[2]] == [
        "00h",
        "00f",
        "00a",
        "00b",
        "00c",
        "00d",
        "00e",
        "00g",
    ]
    assert found[2] == ranked(lines)


def test_writing_replaces_everything(board: Board) -> None:
    """Nobody of an earlier board stays behind; writing again changes nothing."""
    board.write("s", 1, NOW, [line("00a", 5), line("00b", 6)])
    lines = ranked([line("00b", 7, answered=2)])
    for _ in range(2):
        assert board.write("s", 2, NOW + 1, lines)
        assert board.top("s", 2, 10) == (NOW + 1, 1, lines)


def test_a_board_of_another_moment_is_not_served(board: Board) -> None:
    """Older or newer than asked for: None, as for a session that has none."""
    board.write("s", 2, NOW, [line("00a", 5)])
    assert board.top("s", 1, 10) is None
    assert board.top("s", 3, 10) is None
    assert board.top("other", 2, 10) is None


def test_a_board_of_nobody(board: Board) -> None:
    """Served before the first result; afterwards it is taken for lost."""
    assert board.write("s", 0, NOW, [])
    assert board.top("s", 0, 10) == (NOW, 0, [])
    assert board.write("s", 1, NOW, [])
    assert board.top("s", 1, 10) is None


def test_sessions_are_apart(board: Board) -> None:
    """Each has its own board."""
    board.write("s", 1, NOW, [line("00a", 5)])
    board.write("s:meta", 1, NOW, [line("00b", 6)])
    found = board.top("s", 1, 10)
    assert found is not None
    assert [x.participant_id for x in found[2]] == ["00a"]


def test_moving(board: Board) -> None:
    """Absolute totals: done twice it is as done once; the others stay."""
    before, other = line("00a", 0, answered=0), line("00b", 50)
    after = line("00a", 70, 900)
    board.write("s", 1, NOW, [before, other])
    for _ in range(2):
        board.move("s", before, after, NOW + 5)
        assert board.top("s", 1, 10) == (NOW + 5, 2, ranked([after, other]))


def test_moving_on_no_board_makes_none(board: Board) -> None:
    """After a flush a single line must not be taken for the whole board."""
    board.move("s", line("00a", 0), line("00a", 5), NOW)
    assert board.top("s", 1, 10) is None
    assert board.top("s", 0, 10) is None


def test_a_board_that_lasts_for_seconds() -> None:
    """It is served for so long, moved or not; a move neither prolongs it nor brings it back."""
    clock = FakeClock()
    fake, board = FakeBoard(clock), real()
    before, after = line("00a", 0, answered=0), line("00a", 70)
    for each in (fake, board):
        assert each.write("brief", 1, NOW, [before], seconds=1)
        assert each.top("brief", 1, 10) == (NOW, 1, ranked([before]))
        each.move("brief", before, after, NOW + 5)
        assert each.top("brief", 1, 10) == (NOW + 5, 1, ranked([after]))
    clock.advance(1_000)
    assert fake.top("brief", 1, 10) is None
    deadline = time.monotonic() + 5
    while board.top("brief", 1, 10) is not None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    for each in (fake, board):
        each.move("brief", after, line("00a", 80), NOW + 9)
        assert each.top("brief", 1, 10) is None
        assert each.top("brief", 0, 10) is None


def test_a_large_board(board: Board) -> None:
    """Three thousand lines go in in chunks and come out whole."""
    lines = ranked([line(f"{n:018x}", n * 7 % 1_000, n) for n in range(3_000)])
    assert board.write("s", 1, NOW, lines)
    found = board.top("s", 1, 5_000)
    assert found is not None
    assert found[1] == 3_000
    assert found[2] == lines


def test_redis_flushed() -> None:
    """Nothing is served until the board is written again."""
    board = real()
    board.write("s", 1, NOW, [line("00a", 5)])
    with redis.Redis(port=redis_server().port) as client:
        client.flushall()
    assert board.top("s", 1, 10) is None
    assert board.write("s", 1, NOW, [line("00a", 5)])
    assert board.top("s", 1, 10) is not None


def test_an_older_snapshot_restored() -> None:
    """Redis comes back with the board of an earlier question: it is not served as today's."""
    board = real()
    board.write("s", 1, NOW, [line("00a", 5)])
    with redis.Redis(port=redis_server().port) as client:
        saved = {key: client.dump(key) for key in client.keys("*")}
        board.write("s", 2, NOW + 1, [line("00a", 9)])
        for key, value in saved.items():
            client.restore(key, 0, value, replace=True)
    assert board.top("s", 2, 10) is None
    assert board.write("s", 2, NOW + 1, [line("00a", 9)])
    found = board.top("s", 2, 10)
    assert found is not None
    assert found[2][0].score == 9


def test_a_write_cut_short_is_not_read() -> None:
    """The new lines stand under another key until all are there; leftovers expire."""
    board = real()
    board.write("cut", 1, NOW, [line("00a", 5)])
    good = [line("00b", 6)]

    def torn() -> object:
        yield from good * 1_000
        raise RuntimeError("the process dies here")

    with pytest.raises(RuntimeError):
        board.write("cut", 1, NOW, torn())  # type: ignore[arg-type]
    found = board.top("cut", 1, 10)
    assert found is not None
    assert [x.participant_id for x in found[2]] == ["00a"]
    with redis.Redis(port=redis_server().port) as client:
        keys = client.keys("board:{cut}*")
        assert all(client.ttl(key) > 0 for key in keys)


def test_boards_expire() -> None:
    """Redis forgets what nobody will ask for."""
    board = real()
    board.write("old", 1, NOW, [line("00a", 5)])
    with redis.Redis(port=redis_server().port) as client:
        assert all(0 < client.ttl(key) <= 3 * 24 * 3_600 for key in client.keys("board:{old}*"))


def test_a_killed_server_is_away_at_once() -> None:
    """No retries: each call asks once and gives up; back again, it is used again."""
    server = RedisServer()
    board = real(server)
    assert board.write("s", 1, NOW, [line("00a", 5)])
    server.kill()
    for _ in range(3):
        assert board.top("s", 1, 10) is None
        assert board.write("s", 1, NOW, [line("00a", 5)]) is False
        board.move("s", line("00a", 5), line("00a", 6), NOW)
    server.start()
    assert board.top("s", 1, 10) is None
    assert board.write("s", 1, NOW, [line("00a", 5)])
    assert board.top("s", 1, 10) is not None
    server.kill()


def test_the_client_does_not_wait() -> None:
    """Short time-outs, and one connection a call: a server that hangs up is not asked again."""
    taken: list[int] = []
    with socket.create_server((HOST, 0)) as server:
        settings = {"REDIS_HOST": HOST, "REDIS_PORT": str(server.getsockname()[1])}
        client = connect({**settings, "REDIS_TLS": "false"})
        options = client.connection_pool.connection_kwargs
        assert options["socket_connect_timeout"] == CONNECT_SECONDS <= 0.5
        assert options["socket_timeout"] == ANSWER_SECONDS <= 1

        def hang_up() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    taken.append(1)
                    connection.close()

        board = RedisBoard(lambda: client)
        Thread(target=hang_up, daemon=True).start()
        for calls in range(1, 4):
            assert board.top("s", 1, 10) is None
            assert len(taken) == calls
        server.shutdown(socket.SHUT_RDWR)


def test_scores_below_nothing(board: Board) -> None:
    """Penalties may take more than there is; such lines come last, in their order, and move."""
    lines = ranked([line("00a", -50, 3), line("00b", 0), line("00c", -1_000_000), line("00d", -50)])
    assert [each.participant_id for each in lines] == ["00b", "00d", "00a", "00c"]
    assert board.write("s", 1, NOW, lines)
    assert board.top("s", 1, 10) == (NOW, 4, lines)
    board.move("s", lines[0], replace(lines[0], score=-60, answered=2), NOW + 1)
    found = board.top("s", 1, 10)
    assert found is not None
    assert [(each.participant_id, each.score) for each in found[2]] == [
        ("00d", -50),
        ("00a", -50),
        ("00b", -60),
        ("00c", -1_000_000),
    ]
