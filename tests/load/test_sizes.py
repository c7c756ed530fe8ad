"""Large sessions: 1,500 players on the whole platform, 20,000 over the storage adapters.

Nothing is timed. What is held is that no page of anything is lost, that the order is right,
and that the calls of a closing grow with its pages and not with its players.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from quizkit.core.names import MAX_NICKNAME
from quizkit.core.scoring import AnswerRow, ClosedQuestion, Standing
from quizkit.core.session import Session, State
from quizkit.lambdas.adapters import dynamo
from quizkit.lambdas.adapters.connections import Connections
from quizkit.lambdas.adapters.dynamo import Item, Table
from quizkit.lambdas.adapters.json_api import JsonApi
from quizkit.lambdas.adapters.redis_board import RedisBoard
from quizkit.lambdas.adapters.redis_client import connect
from quizkit.lambdas.adapters.sessions import DynamoSessions
from quizkit.lambdas.adapters.signing import Credentials, Signer
from quizkit.lambdas.adapters.stores import DynamoAnswers, DynamoParticipants
from quizkit.lambdas.ids import participant_id
from quizkit.lambdas.ports import Line, Participant
from quizkit.lambdas.services.boards import MAX_TOP, Boards
from quizkit.lambdas.services.control import _PAGE_LINES
from quizkit.lambdas.services.standings import Standings
from tests.contract.client import Http, Seat
from tests.contract.doors import Doors, Room
from tests.contract.game import opening, question
from tests.deployed import Deployed
from tests.fakes.cloud import HOST, REGION, cloud, redis_server

# --- the whole platform ----------------------------------------------------------------------

PLAYERS = 1_500
#: Players who are there by socket; the others join and answer over HTTP alone.
SOCKETS = 150


@pytest.fixture
def doors(deployed: Deployed) -> Iterator[Doors]:
    """Every way into the deployed platform."""
    doors = Doors.of(deployed)
    yield doors
    doors.close()


@pytest.mark.slow
async def test_fifteen_hundred_players_in_one_session(doors: Doors) -> None:
    """Everybody joins through the public door and answers; every list has all of them."""
    quiz = {"title": "Large", "questions": [question("x", "b", time_limit=240), question("y", "a")]}
    async with await doors.room(quiz) as room:
        seats = await many(room.http, [f"Guest {number:05d}" for number in range(PLAYERS)], room)
        assert len({seat.participant_id for seat in seats}) == PLAYERS
        present = await asyncio.gather(*(room.sit(seat) for seat in seats[:SOCKETS]))
        await room.command("start")
        asked = await present[0].line.wait("new_question")
        await opening(asked)
        right = {seat.participant_id: number % 3 > 0 for number, seat in enumerate(seats)}
        chosen = {who: ["b"] if yes else ["a"] for who, yes in right.items()}
        accepted = await asyncio.gather(
            *(player.line.answer("q1", chosen[player.seat.participant_id]) for player in present)
        )
        assert {frame.action for frame in accepted} == {"answer_accepted"}
        await answer_all(room.http, seats[SOCKETS:], chosen)
        await room.command("close")
        closed = [await room.closed(player, "q1") for player in present]
        counts = Counter(answer[0] for answer in chosen.values())
        assert {name: number for name, number in closed[0]["counts"].items() if number} == counts
        assert {frame["you"]["correct"] for frame in closed} == {True, False}
        results, audit = await room.results(), await room.audit()
        board = await room.http.board(room.session_id, PLAYERS)
        await room.command("end")
    assert (audit["agrees"], audit["answers"], audit["participants"]) == (True, PLAYERS, PLAYERS)
    assert {row["participant_id"] for row in results["participants"]} == set(right)
    assert all(len(row["answers"]) == 1 for row in results["participants"])
    assert board["total"] == len(board["entries"]) == PLAYERS
    assert [entry["rank"] for entry in board["entries"]] == list(range(1, PLAYERS + 1))
    scores = [entry["score"] for entry in board["entries"]]
    assert scores == sorted(scores, reverse=True)
    assert sum(score > 0 for score in scores) == sum(right.values())
    shown = [(row["participant_id"], row["score"]) for row in results["participants"]]
    assert shown == [(entry["participant_id"], entry["score"]) for entry in board["entries"]]


async def many(http: Http, nicknames: Sequence[str], room: Room) -> list[Seat]:
    """Join under every name, some dozens at a time."""
    limit = asyncio.Semaphore(64)

    async def join(nickname: str) -> Seat:
        async with limit:
            return await http.join(room.pin, nickname)

    return list(await asyncio.gather(*map(join, nicknames)))


async def answer_all(http: Http, seats: Sequence[Seat], chosen: Mapping[str, list[str]]) -> None:
    """Answer the first question over HTTP for everybody, each of them acknowledged."""
    limit = asyncio.Semaphore(64)

    async def answer(seat: Seat) -> None:
        async with limit:
            reply = await http.answer(seat.resume_token, "q1", chosen[seat.participant_id])
        assert (reply.status, reply.body["action"]) == (200, "answer_accepted")

    await asyncio.gather(*map(answer, seats))


# --- the storage adapters --------------------------------------------------------------------

MANY = 20_000
SHARDS = -(-MANY // _PAGE_LINES)
NOW = 1_800_000_000_000
SESSION = Session(
    session_id="large",
    quiz_id="quiz",
    title="Large",
    pin="123456",
    question_count=2,
    created_at=NOW,
    shards=SHARDS,
)


def closed(index: int) -> ClosedQuestion:
    """A question of 20 seconds that was open a minute after the one before."""
    opens_at = NOW + 60_000 * (index + 1)
    return ClosedQuestion(
        question_id=f"q{index + 1}",
        index=index,
        opens_at=opens_at,
        closes_at=opens_at + 20_000,
        time_limit=20,
        points=1_000,
        correct=("b",),
        options=4,
    )


class Counting(JsonApi):
    """DynamoDB's interface on the run's emulator, its calls counted by operation."""

    def __init__(self) -> None:
        connections = Connections(
            cloud().environ["AWS_ENDPOINT_URL"], connect_seconds=5, read_seconds=60
        )
        signer = Signer(Credentials("test", "test"), "dynamodb", REGION)
        super().__init__(connections, signer, target=dynamo.TARGET, attempts=3)
        self.calls: Counter[str] = Counter()

    def call(self, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Make a call and count it."""
        self.calls[operation] += 1
        return super().call(operation, arguments)


class Collecting(Table):
    """A table that keeps what adapters put, to be written in batches side by side."""

    def __init__(self, api: JsonApi, name: str) -> None:
        super().__init__(api, name)
        self.items: list[Item] = []

    def put(self, item: Item, *, if_absent: bool = False) -> None:
        """Keep an item."""
        self.items.append(item)

    def put_all(self, items: Sequence[Item], *, absent: Sequence[bool]) -> None:
        """Keep several."""
        self.items += items

    def flush(self) -> None:
        """Write what was kept."""
        parts = [self.items[start::4] for start in range(4)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(self.write, parts))


class Large:
    """A session of 20,000 with answers to two questions, on real tables."""

    def __init__(self) -> None:
        self.api = Counting()
        self.sessions = DynamoSessions(Table(self.api, cloud().table()))
        people, rows = cloud().table(), cloud().table()
        self.participants = DynamoParticipants(Table(self.api, people))
        self.answers = DynamoAnswers(Table(self.api, rows))
        self.standings = Standings(self.sessions, self.participants, self.answers)
        rng = random.Random(20_000)
        self.members = [
            Participant("large", participant_id(SHARDS), f"Player {n}", NOW + n % 7_000)
            for n in range(MANY)
        ]
        self.rows = [
            AnswerRow(
                who.participant_id,
                asked.question_id,
                (rng.choice("bbbc"),),
                # Few instants, so that many tie and the order has to go on to the joining.
                asked.opens_at + 250 * rng.randrange(80),
            )
            for asked in (closed(0), closed(1))
            for who in self.members
            if rng.random() < 0.9
        ]
        seeded = Collecting(self.api, people)
        store = DynamoParticipants(seeded)
        for who in self.members:
            store.add(who)
        seeded.flush()
        given = Collecting(self.api, rows)
        answers = DynamoAnswers(given)
        for row in self.rows:
            answers.put("large", row, patient=False)
        given.flush()
        self.sessions.create(SESSION)

    def expected(self, questions: int) -> list[tuple[str, int]]:
        """Who has how many points, best first, by the formula as the contract words it."""
        points: Counter[str] = Counter()
        times: Counter[str] = Counter()
        asked = {question.question_id: question for question in map(closed, range(questions))}
        for row in self.rows:
            if row.question_id in asked and row.answer == ("b",):
                elapsed = row.received_at - asked[row.question_id].opens_at
                whole = 1_000 if elapsed < 500 else (2_000 * (40_000 - elapsed) + 40_000) // 80_000
                points[row.participant_id] += whole
                times[row.participant_id] += elapsed
        ordered = sorted(
            self.members,
            key=lambda who: (
                -points[who.participant_id],
                times[who.participant_id],
                who.joined_at,
                who.participant_id,
            ),
        )
        return [(who.participant_id, points[who.participant_id]) for who in ordered]


@pytest.fixture(scope="module")
def large() -> Iterator[Large]:
    """Seeded once."""
    made = Large()
    yield made
    made.api.connections.close()


def shown(standings: Sequence[Standing]) -> list[tuple[str, int]]:
    """Who has how many points, best first, with ranks from one."""
    assert [line.rank for line in standings] == list(range(1, len(standings) + 1))
    return [(line.participant_id, line.score) for line in standings]


@pytest.mark.slow
def test_the_fold_and_the_board_of_twenty_thousand(large: Large) -> None:
    """Two closings and the end: right lines, from a page of each shard, in one batch."""
    session = SESSION
    for index in (0, 1):
        asked = closed(index)
        session = replace(
            session,
            state=State.REVEALED,
            settled=index + 1,
            index=index,
            changed_at=asked.closes_at,
        )
        large.sessions.add_question("large", asked, {"settled_at": asked.closes_at})
        large.api.calls.clear()
        _, standings, rows = large.standings.settle(session, asked)
        assert shown(standings) == large.expected(index + 1)
        assert len(rows) == sum(row.question_id == asked.question_id for row in large.rows)
        # Of each shard a page of participants, one of answers, and the lines of before.
        assert large.api.calls == Counter(
            Query=2 * SHARDS, BatchWriteItem=1, **({"GetItem": SHARDS} if index else {})
        )
    large.api.calls.clear()
    stored = large.standings.stored(session)
    assert stored is not None
    assert shown(stored) == large.expected(2)
    assert large.api.calls == Counter(Query=SHARDS, GetItem=SHARDS)
    large.api.calls.clear()
    finished, _ = large.standings.finish(session)
    assert shown(finished) == large.expected(2)
    # Answers of all questions take a page more, and the questions are read.
    assert large.api.calls["Query"] <= 4 * SHARDS + 1
    assert large.api.calls["BatchWriteItem"] == 1
    assert sum(large.api.calls.values()) <= 4 * SHARDS + 2
    _board(large, session)


def _board(large: Large, session: Session) -> None:
    """The board in Redis: written by the thousand, in the same order, whole."""
    stored = large.sessions.load("large")
    assert stored is not None
    large.sessions.save(replace(session, version=2), was=1, events=0, effects=False)
    client: Any = connect(redis_server().environ)
    board = RedisBoard(lambda: client)
    boards = Boards(large.sessions, large.standings, board, lambda: NOW)
    before = client.info("stats")["total_commands_processed"]
    assert boards.refresh("large")
    commands = client.info("stats")["total_commands_processed"] - before
    assert commands <= 2 * MANY // 1_000 + 10
    found = boards.get("large", MAX_TOP)
    client.close()
    assert (found["source"], found["total"]) == ("redis", MANY)
    assert [
        (entry["participant_id"], entry["score"]) for entry in found["entries"]
    ] == large.expected(2)[:MAX_TOP]


@pytest.mark.slow
def test_a_full_page_of_the_longest_lines_is_stored() -> None:
    """A shard has so many seats at most that its page is an item, whatever people are called."""
    sessions = DynamoSessions(cloud().store())
    session = replace(SESSION, session_id="long", settled=100)
    longest = [
        Line(
            Standing(
                rank=MANY + number,
                participant_id=f"{number:018x}",
                nickname="\N{PARTY POPPER}" * MAX_NICKNAME,
                score=100 * 10_000,
                time=100 * 240_000,
                joined_at=NOW,
                answered=100,
            ),
            tuple("abcdefgh"),
            correct=False,
            points=10_000,
        )
        # Shards are drawn at random; one of a hundred may be a sixth fuller than the others.
        for number in range(_PAGE_LINES * 7 // 6)
    ]
    sessions.put_lines(session, {0: longest})
    assert sessions.lines(session, 0) == (100, longest)


def test_the_emulator_is_a_real_one() -> None:
    """Pages of a megabyte and items of 400 KB are what the tests above are about."""
    table = cloud().store()
    for number in range(3):
        table.put({"pk": "p", "sk": str(number), "filler": "x" * 390_000})
    assert len(table.page("p")[0]) < 3
    assert len(list(table.query("p"))) == 3
    with pytest.raises(Exception, match="ValidationException"):
        table.put({"pk": "p", "sk": "4", "filler": "x" * 410_000})
    assert HOST in cloud().environ["AWS_ENDPOINT_URL"]
