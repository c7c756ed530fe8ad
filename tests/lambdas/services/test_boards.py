"""quizkit.lambdas.services.boards: from Redis or from DynamoDB, in the same order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quizkit.core.errors import Rejected
from quizkit.core.session import Command, Session, State
from quizkit.lambdas.services.boards import LIVE_SECONDS, MAX_TOP, top_of
from tests.fakes.game import DOCUMENT, RIGHT, Player, World


def play(world: World, session: Session, players: list[Player]) -> Session:
    """One question, everybody right, each a little after the one before; then its result."""
    command = Command.START if world.load(session).state is State.LOBBY else Command.NEXT
    window = world.apply(session, command).window
    assert window is not None
    for place, player in enumerate(players, start=1):
        world.clock.now = window.opens_at + 400 + place * 100
        player.answer(window.question_id, *RIGHT[window.question_id])
    world.run()
    return world.load(session)


def test_the_document(world: World) -> None:
    """The contract's fields; `top` cuts the entries, not the total."""
    session = world.create()
    players = [world.join(session, f"N{n}") for n in range(5)]
    play(world, session, players)
    board = world.boards.get(session.session_id, 2)
    assert (board["session_id"], board["source"], board["total"]) == (
        session.session_id,
        "redis",
        5,
    )
    assert board["as_of"] <= world.clock()
    assert board["entries"] == [
        {"rank": 1, "participant_id": players[0].id, "nickname": "N0", "score": 988},
        {"rank": 2, "participant_id": players[1].id, "nickname": "N1", "score": 985},
    ]


def test_the_lobby_has_a_board(world: World) -> None:
    """Everybody in the order of joining, at no points; Redis is not asked."""
    session = world.create()
    for name in ("Ada", "Bob"):
        world.join(session, name)
    board = world.boards.get(session.session_id, 10)
    assert board["source"] == "dynamodb"
    assert [(e["rank"], e["nickname"], e["score"]) for e in board["entries"]] == [
        (1, "Ada", 0),
        (2, "Bob", 0),
    ]


def test_the_board_stands_still_while_a_question_is_open(world: World) -> None:
    """P3: answers to an open question move nothing that players can see."""
    session = world.create()
    ada, bob = world.join(session, "Ada"), world.join(session, "Bob")
    before = world.boards.get(session.session_id, 10)["entries"]
    window = world.apply(session, Command.START).window
    assert window is not None
    world.clock.now = window.opens_at
    bob.answer("q1", "b")
    assert world.boards.get(session.session_id, 10)["entries"] == before
    ada.answer("q1", "a")
    world.board.flush()
    assert world.boards.get(session.session_id, 10)["entries"] == before


def test_redis_away(world: World) -> None:
    """Boards come from DynamoDB in the same order, and Redis is filled again by asking."""
    session = world.create()
    players = [world.join(session, f"N{n}") for n in range(20)]
    play(world, session, players)
    kept = world.boards.get(session.session_id, 10)
    assert kept["source"] == "redis"
    world.board.away = True
    away = world.boards.get(session.session_id, 10)
    assert (away["source"], away["entries"], away["total"]) == ("dynamodb", kept["entries"], 20)
    assert world.boards.refresh(session.session_id) is False
    play(world, session, players)
    world.board.away = False
    stale = world.boards.get(session.session_id, 10)
    assert stale["source"] == "dynamodb"
    again = world.boards.get(session.session_id, 10)
    assert (again["source"], again["entries"]) == ("redis", stale["entries"])


def test_redis_emptied(world: World) -> None:
    """The next request rebuilds it."""
    session = world.create()
    play(world, session, [world.join(session, "Ada")])
    world.board.flush()
    sources = [world.boards.get(session.session_id, 10)["source"] for _ in range(3)]
    assert sources == ["dynamodb", "redis", "redis"]


def test_a_settling_under_way(world: World) -> None:
    """Between the settling and its fold the board is that of the question before, unkept."""
    session = world.create()
    players = [world.join(session, name) for name in ("Ada", "Bob")]
    first = play(world, session, players)
    entries = world.boards.get(session.session_id, 10)["entries"]
    settling = world.sessions.save(
        replace(first, settled=2, version=first.version + 1),
        was=first.version,
        events=0,
        effects=False,
    )
    board = world.boards.get(session.session_id, 10)
    assert (board["source"], board["entries"]) == ("dynamodb", entries)
    assert world.board.top(session.session_id, settling.edition, 10) is None
    assert world.boards.refresh(session.session_id) is False
    assert world.boards.get(session.session_id, 10)["source"] == "dynamodb"


def test_a_board_from_before_the_end(world: World) -> None:
    """Redis set back to a state before the last fold is not served, and is rebuilt."""
    session = world.create()
    play(world, session, [world.join(session, "Ada")])
    late = world.join(session, "Late")
    world.board.save()
    world.apply(session, Command.END)
    world.board.set_back()
    boards = [world.boards.get(session.session_id, 10) for _ in range(2)]
    assert [board["source"] for board in boards] == ["dynamodb", "redis"]
    for board in boards:
        assert [e["participant_id"] for e in board["entries"]][-1] == late.id


def test_a_finishing_under_way(world: World) -> None:
    """Until the ending is stored, pages are not taken for the last ones, nor kept in Redis."""
    session = world.create()
    revealed = play(world, session, [world.join(session, "Ada")])
    late = world.join(session, "Late")
    finishing = world.sessions.save(
        replace(revealed, state=State.FINISHED, version=revealed.version + 1),
        was=revealed.version,
        events=1,
        effects=True,
    )
    board = world.boards.get(session.session_id, 10)
    assert board["source"] == "dynamodb"
    assert [e["participant_id"] for e in board["entries"]][-1] == late.id
    assert world.board.top(session.session_id, finishing.edition, 10) is None
    world.control.repair(session.session_id, finishing.version)
    assert world.boards.get(session.session_id, 10)["source"] == "redis"


def shown(world: World, session: Session) -> tuple[str, list[tuple[str, int]]]:
    """Where the board comes from, and names with scores."""
    board = world.boards.get(session.session_id, 10)
    return board["source"], [(e["nickname"], e["score"]) for e in board["entries"]]


@pytest.mark.parametrize("ended", [False, True])
def test_a_removal_that_redis_missed(world: World, ended: bool) -> None:
    """P6: back with the board from before, it is not believed; nor after the end."""
    session = world.create()
    players = [world.join(session, name) for name in ("Ada", "Bob", "Carl")]
    play(world, session, players)
    if ended:
        world.apply(session, Command.END)
        world.run()
    source, lines = shown(world, session)
    assert source == "redis"
    world.board.away = True
    world.control.kick(session.session_id, players[0].id)
    assert shown(world, session) == ("dynamodb", lines[1:])
    world.board.away = False
    for source in ("dynamodb", "redis"):
        assert shown(world, session) == (source, lines[1:])
    # And once more while it is there: renewed by the removal itself.
    world.control.kick(session.session_id, players[1].id)
    assert shown(world, session) == ("redis", lines[2:])


def test_answers_at_once_that_redis_missed(world: World) -> None:
    """P6: a board that moves line by line is soon made from the answers again."""
    world.questions.create("at-once", 0, DOCUMENT | {"feedback": "immediate"})
    session = world.control.create({"quiz_id": "at-once"})
    players = [world.join(session, name) for name in ("Ada", "Bob", "Carl")]
    window = world.apply(session, Command.START).window
    assert window is not None
    world.clock.now = window.opens_at
    players[0].answer("q1", "b")
    assert shown(world, session) == ("redis", [("Ada", 1000), ("Bob", 0), ("Carl", 0)])

    world.board.away = True
    players[1].answer("q1", "b")
    told = [("Ada", 1000), ("Bob", 1000), ("Carl", 0)]
    assert shown(world, session) == ("dynamodb", told)
    world.board.away = False
    world.clock.advance(LIVE_SECONDS * 1_000)
    for source in ("dynamodb", "redis"):
        assert shown(world, session) == (source, told)


def test_a_question_that_opens_while_redis_is_away(world: World) -> None:
    """The board of the result before it is not taken for that of the open question."""
    world.questions.create("at-once", 0, DOCUMENT | {"feedback": "immediate"})
    session = world.control.create({"quiz_id": "at-once"})
    ada = world.join(session, "Ada")
    play(world, session, [ada])
    source, before = shown(world, session)
    assert source == "redis"
    world.board.away = True
    window = world.apply(session, Command.NEXT).window
    assert window is not None
    world.clock.now = window.opens_at
    ada.answer("q2", "a", "c")
    world.board.away = False
    source, after = shown(world, session)
    assert (source, after[0][1] - before[0][1]) == ("dynamodb", 500)


def test_unknown_sessions(world: World) -> None:
    """Nothing to show, nothing to renew."""
    for action in (
        lambda: world.boards.get("none", 10),
        lambda: world.boards.refresh("none"),
    ):
        with pytest.raises(Rejected) as caught:
            action()
        assert caught.value.code == "session_not_found"


@pytest.mark.parametrize(
    ("text", "top"), [(None, 10), ("1", 1), ("25", 25), ("999999", MAX_TOP), ("007", 7)]
)
def test_top(text: str | None, top: int) -> None:
    """Ten unless said otherwise, a thousand at most."""
    assert top_of(text) == top


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "ten", "١", "9" * 5_000, "1e3"])
def test_bad_tops(text: str) -> None:
    """Anything but a small whole number is refused."""
    with pytest.raises(Rejected) as caught:
        top_of(text)
    assert caught.value.code == "bad_request"
