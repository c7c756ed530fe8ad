"""Whole games through the public doors: points, boards, winners, metrics."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

from tests.contract.client import Player
from tests.contract.doors import Doors
from tests.contract.game import Game, play_auto, play_hosted, question, start_game
from tests.contract.rules import lines_of, points_of, ranking
from tests.contract.watching import Inbox, Metric, settled_metrics, subscribe, wait_for_metric

PLAYERS = 20
# The last two never answer: nothing but the order of joining tells them apart.
SILENT = 2
TEN_QUESTIONS = {
    "title": "Ten for the contract",
    "questions": [
        question("one", "a", time_limit=1),
        question("two", "c", points=750),
        question("three", "b"),
        question("four", "bd", points=1_001, time_limit=1),
        question("five", "d", time_limit=1),
        question("six", "a", options=2, points=7, time_limit=1),
        question("seven", "abc", points=333),
        question("eight", "c", time_limit=1),
        question("nine", "f", options=6, points=999),
        question("ten", "b", points=1, time_limit=1),
    ],
}
FOUR_FLAT = {
    "title": "Four for the same points",
    "scoring": "flat",
    "questions": [question(text, "b") for text in ("one", "two", "three", "four")],
}


@dataclass(frozen=True, slots=True)
class Afternoon:
    """Two games played at once, the winners' messages, and the metrics before them."""

    hosted: Game
    auto: Game
    winners: Inbox
    before: dict[str, Metric]
    after: dict[str, Metric]

    @property
    def games(self) -> tuple[Game, Game]:
        """Both games."""
        return self.hosted, self.auto


async def play(doors: Doors) -> tuple[Game, Game]:
    """Play both games."""
    hosted, auto = await asyncio.gather(
        start_game(doors, TEN_QUESTIONS, PLAYERS),
        start_game(doors, FOUR_FLAT, 6, auto=True, lobby_seconds=4, reveal_seconds=1),
    )
    async with hosted.room, auto.room:
        await asyncio.gather(play_hosted(hosted, SILENT), play_auto(auto))
    return hosted, auto


@pytest.fixture(scope="module")
def afternoon(doors: Doors) -> Afternoon:
    """A game of 20 players and 10 questions led by a host, and one that leads itself."""
    doors.quiet()
    before = settled_metrics(doors)
    winners = subscribe(doors)
    hosted, auto = asyncio.run(play(doors))
    wait_for_metric(doors, "ParticipationRate", before["ParticipationRate"].count + 14)
    wait_for_metric(doors, "CompletionRate", before["CompletionRate"].count + 2)
    return Afternoon(hosted, auto, winners, before, settled_metrics(doors))


def test_points_follow_the_formula_of_the_servers_own_times(afternoon: Afternoon) -> None:
    """Every player's points and running score are what the formula gives, exactly."""
    for game in afternoon.games:
        scoring = str(game.document.get("scoring", "speed"))
        for player in game.players:
            score = 0
            for asked in game.asked:
                given = game.given.get((player.seat.participant_id, asked.question_id))
                expected = points_of(asked, given, scoring)
                score += expected
                you = closed_for(player, asked.question_id)["you"]
                assert you["points"] == expected, (asked, given, you)
                assert you["score"] == score
                assert you["answer"] == (sorted(given.answer) if given else None)
                right = given is not None and frozenset(given.answer) == asked.right
                assert you["correct"] is right


def closed_for(player: Player, question_id: str) -> dict[str, Any]:
    """What a player was told when a question closed."""
    (closed,) = [
        frame.body
        for frame in player.line.frames
        if frame.action == "question_closed" and frame["question_id"] == question_id
    ]
    return closed


def test_ranks_after_every_question_break_ties_as_promised(afternoon: Afternoon) -> None:
    """P2: score, then less time of correct answers, then the earlier join, at each question."""
    for game in afternoon.games:
        scoring = str(game.document.get("scoring", "speed"))
        for number, asked in enumerate(game.asked, start=1):
            expected = ranking(game.joined, game.asked[:number], game.given, scoring)
            told = {
                player.seat.participant_id: closed_for(player, asked.question_id)["you"]["rank"]
                for player in game.players
            }
            assert told == {who: rank for rank, who, _ in expected}
            boards = [
                lines_of(frame["entries"])
                for frame in game.players[0].line.frames
                if frame.action == "leaderboard"
            ]
            assert boards[number - 1] == expected[: len(boards[number - 1])]
            assert len(boards[number - 1]) >= min(10, len(expected))


def test_players_without_an_answer_rank_in_the_order_of_joining(afternoon: Afternoon) -> None:
    """P2: two players with no points and no time stand as they came in."""
    last = ranking(afternoon.hosted.joined, afternoon.hosted.asked, afternoon.hosted.given, "speed")
    assert [who for _, who, _ in last[-SILENT:]] == afternoon.hosted.joined[-SILENT:]
    board = lines_of(afternoon.hosted.host.frames[-1]["podium"])
    assert board == last[: len(board)]


def test_the_end_tells_everybody_the_podium_and_their_place(afternoon: Afternoon) -> None:
    """`quiz_finished` carries the same podium to all, and each player's final score and rank."""
    for game in afternoon.games:
        final = ranking(
            game.joined, game.asked, game.given, str(game.document.get("scoring", "speed"))
        )
        places = {who: (rank, score) for rank, who, score in final}
        for player in game.players:
            (end,) = [frame for frame in player.line.frames if frame.action == "quiz_finished"]
            podium = lines_of(end["podium"])
            assert len(podium) == 3
            assert podium == final[:3]
            you = end["you"]
            assert (you["rank"], you["score"]) == places[player.seat.participant_id]


async def test_board_results_and_audit_agree(doors: Doors, afternoon: Afternoon) -> None:
    """The same standings over HTTP and in the commands `leaderboard`, `results` and `audit`."""
    for game in afternoon.games:
        session_id = game.room.session_id
        scoring = str(game.document.get("scoring", "speed"))
        final = ranking(game.joined, game.asked, game.given, scoring)
        board = await doors.http.board(session_id, top=100)
        assert lines_of(board["entries"]) == final
        assert board["total"] == len(final)
        assert board["session_id"] == session_id
        assert board["source"] in ("redis", "dynamodb")
        assert isinstance(board["as_of"], int)
        shown, results, audit = await asyncio.gather(
            doors.command("leaderboard", session_id, "--top", "100"),
            doors.command("session", "results", session_id),
            doors.command("audit", session_id),
        )
        assert (shown.exit_code, results.exit_code, audit.exit_code) == (0, 0, 0)
        assert lines_of(shown.document["entries"]) == final
        assert {"session_id", "as_of", "source", "total"} <= shown.document.keys()
        assert lines_of(results.document["participants"]) == final
        assert audit.document["agrees"] is True
        assert audit.document["session_id"] == session_id
        assert audit.document["answers"] == len(game.given)
        assert audit.document["participants"] == len(final)


async def test_results_hold_every_acknowledged_answer_once(
    doors: Doors, afternoon: Afternoon
) -> None:
    """P1: what was acknowledged stands in the results with its time and points, and no more."""
    for game in afternoon.games:
        scoring = str(game.document.get("scoring", "speed"))
        results = (await doors.command("session", "results", game.room.session_id)).document
        assert results["session_id"] == game.room.session_id
        assert results["state"] == "finished"
        asked = {question.question_id: question for question in game.asked}
        assert [row["question_id"] for row in results["questions"]] == list(asked)
        for row in results["questions"]:
            assert row["opens_at"] == asked[row["question_id"]].opens_at
            assert row["opens_at"] < row["closes_at"]
            assert frozenset(row["correct"]) == asked[row["question_id"]].right
        found = {}
        for person in results["participants"]:
            for answer in person["answers"]:
                key = person["participant_id"], answer["question_id"]
                assert key not in found
                found[key] = answer
        assert found.keys() == game.given.keys()
        for (_, question_id), answer in found.items():
            given = game.given[_, question_id]
            assert answer["received_at"] == given.received_at
            assert answer["answer"] == sorted(given.answer)
            assert answer["points"] == points_of(asked[question_id], given, scoring)
            assert answer["correct"] is (frozenset(given.answer) == asked[question_id].right)


def test_counts_are_those_of_the_acknowledged_answers(afternoon: Afternoon) -> None:
    """`question_closed` counts each option as often as it was chosen, and names every option."""
    for game in afternoon.games:
        for asked, document in zip(game.asked, game.document["questions"], strict=True):
            counts = dict.fromkeys("abcdefgh"[: len(document["options"])], 0)
            for (_, question_id), given in game.given.items():
                if question_id == asked.question_id:
                    for option in given.answer:
                        counts[option] += 1
            closed = closed_for(game.players[0], asked.question_id)
            assert closed["counts"] == counts
            assert frozenset(closed["correct"]) == asked.right


def test_flaw_same_answer_twice_counts_twice(afternoon: Afternoon) -> None:
    """P1: a repeat gets the first acknowledgement again, to the letter, and no second points."""
    assert afternoon.hosted.repeats
    for first, again in afternoon.hosted.repeats:
        assert again == first


def test_nobody_was_refused_but_for_coming_late(afternoon: Afternoon) -> None:
    """An answer sent while its question was open is taken; a slow machine may make it late."""
    for game in afternoon.games:
        codes = [body.get("code") or body["error"]["code"] for body in game.refused]
        assert set(codes) <= {"question_closed", "wrong_question"}
        assert game.given


def test_flaw_only_the_first_question_is_ever_sent(afternoon: Afternoon) -> None:
    """Everybody gets every question, its close and its board, in this order, and then the end."""
    for game in afternoon.games:
        rounds = ["new_question", "question_closed", "leaderboard"] * len(game.asked)
        for line in [player.line for player in game.players]:
            seen = [frame.action for frame in line.events() if frame.action != "lobby"]
            assert seen == [*rounds, "quiz_finished"]
            indexes = [f["question"]["index"] for f in line.frames if f.action == "new_question"]
            assert indexes == list(range(len(game.asked)))


def test_frames_a_player_and_question_are_at_most_three(afternoon: Afternoon) -> None:
    """However many play, one question costs a player three events and the own answers'."""
    for game in afternoon.games:
        for player in game.players:
            events = [frame for frame in player.line.events() if frame.action != "lobby"]
            assert len(events) <= 3 * len(game.asked) + 1
            answers = [
                frame
                for frame in player.line.frames
                if frame.action in ("answer_accepted", "error")
            ]
            # At most two messages a question were sent, and each was answered once.
            assert len(answers) <= 2 * len(game.asked)
            assert {frame.action for frame in player.line.frames} <= {
                "quiz_joined", "lobby", "new_question", "answer_accepted", "error",
                "question_closed", "leaderboard", "quiz_finished",
            }  # fmt: skip


def test_events_are_numbered_and_name_their_session(afternoon: Afternoon) -> None:
    """`seq` grows with every event of a session on each socket."""
    for game in afternoon.games:
        for player in game.players:
            events = player.line.events()
            assert {event["session_id"] for event in events} == {game.room.session_id}
            assert all(one["seq"] < next_["seq"] for one, next_ in pairwise(events))


def test_flaw_winners_are_never_published(doors: Doors, afternoon: Afternoon) -> None:
    """P8: one message a session on the winners' topic, with the podium, and no second one."""
    for game in afternoon.games:
        scoring = str(game.document.get("scoring", "speed"))
        final = ranking(game.joined, game.asked, game.given, scoring)
        (message,) = afternoon.winners.of(game.room.session_id)
        assert lines_of(message["winners"]) == final[:3]
    again = doors.cli("session", "end", afternoon.hosted.room.session_id)
    assert again.document["error"]["code"] == "session_finished"
    assert len(afternoon.winners.of(afternoon.hosted.room.session_id)) == 1


def test_flaw_metrics_are_never_emitted(afternoon: Afternoon) -> None:
    """S10: participation a question and completion a session are in CloudWatch, in percent."""
    shares: list[float] = []
    completions: list[float] = []
    for game in afternoon.games:
        for asked in game.asked:
            answers = sum(1 for _, question_id in game.given if question_id == asked.question_id)
            shares.append(100 * answers / len(game.players))
        complete = sum(
            all((who, asked.question_id) in game.given for asked in game.asked)
            for who in game.joined
        )
        completions.append(100 * complete / len(game.players))
    for name, values in (("ParticipationRate", shares), ("CompletionRate", completions)):
        before, after = afternoon.before[name], afternoon.after[name]
        assert after.count - before.count == len(values)
        assert after.total - before.total == pytest.approx(sum(values))
