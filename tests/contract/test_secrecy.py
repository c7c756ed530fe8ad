"""P3: nothing that a player can reach before a question closes tells which answer is right."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.contract.client import Connection, Frame, Player
from tests.contract.doors import Doors, Room
from tests.contract.game import opening, question
from tests.contract.together import together
from tests.media_samples import png

SENTINEL = "the-key-is-kept-in-a-vault"
LONG = 600


def secret_quiz(**fields: Any) -> dict[str, Any]:
    """A quiz whose explanations, and only they, hold the sentinel."""
    return {
        "title": "Secrets",
        "questions": [
            question("one", "b", time_limit=LONG, explanation=f"{SENTINEL} 1"),
            question("two", "c", time_limit=LONG, explanation=f"{SENTINEL} 2"),
        ],
        **fields,
    }


def nothing_said(text: str) -> None:
    """Check that a text gives nothing away."""
    assert SENTINEL not in text
    assert "correct" not in text
    assert "explanation" not in text


async def opened(room: Room, *names: str) -> tuple[list[Player], Frame]:
    """Players in the room, and its first question, open."""
    players = [await room.player(name) for name in names]
    await room.command("start")
    frames = [await player.line.wait("new_question") for player in players]
    await opening(frames[0])
    return players, frames[0]


@together
async def test_no_frame_and_no_response_before_the_close_tells_the_key(doors: Doors) -> None:
    """All that players receive or can ask for while a question is open is free of its key."""
    async with await doors.room(secret_quiz()) as room:
        players, asked = await opened(room, "ann", "bob", "cem")
        ann, bob, _ = players
        said = [(await room.http.get(f"/leaderboard/{room.session_id}")).text]
        for player, answer in ((ann, ["b"]), (bob, ["a"])):
            await player.line.answer("q1", answer)
            await player.line.answer("q1", ["d"])
            await player.line.answer("q2", ["c"])
            await player.line.answer("q1", ["zz"])
            await player.line.join_quiz()
            for reply in (
                await room.http.answer(player.seat.resume_token, "q1", answer),
                await room.http.answer(player.seat.resume_token, "q1", ["d"]),
                await room.http.get(f"/leaderboard/{room.session_id}?top=100"),
            ):
                said.append(reply.text + json.dumps(dict(reply.headers)))
        late = await room.player("late")
        back = await room.sit(await room.http.resume(room.pin, ann.seat.resume_token))
        for line in [player.line for player in (*players, late, back)]:
            said += [frame.text for frame in line.frames]
        for text in said:
            nothing_said(text)
        assert asked["question"].keys() == {
            "id", "index", "count", "kind", "text", "options", "time_limit", "media_url",
        }  # fmt: skip
        assert [option.keys() for option in asked["question"]["options"]] == [{"id", "text"}] * 4
        await room.command("close")
        closed = await room.closed(bob, "q1")
        # The sentinel is where it belongs now, so its absence before meant something.
        assert closed["explanation"] == f"{SENTINEL} 1"
        assert closed["correct"] == ["b"]


@together
async def test_the_next_questions_key_stays_secret_in_results(doors: Doors) -> None:
    """What hosts may read while a question is open holds the keys of closed questions only."""
    async with await doors.room(secret_quiz()) as room:
        (player,), _ = await opened(room, "ann")
        await room.command("close")
        await room.closed(player, "q1")
        await player.line.wait("leaderboard")
        await room.command("next")
        await opening(await player.line.wait("new_question", since=len(player.line.frames) - 1))
        await player.line.answer("q2", ["c"])
        results = await room.results()
        assert [row["question_id"] for row in results["questions"]] == ["q1"]
        assert f"{SENTINEL} 2" not in json.dumps(results)
        snapshot = await player.line.join_quiz()
        assert f"{SENTINEL} 2" not in json.dumps(snapshot)
        assert snapshot["question"]["id"] == "q2"


@together
async def test_flaw_a_wrong_answers_response_differs(doors: Doors) -> None:
    """Acknowledgements of right and wrong answers are equal to the byte but for their times."""
    async with await doors.room(secret_quiz()) as room:
        players, _ = await opened(room, "ann", "bob", "cem", "dan")
        frames = await asyncio.gather(
            *(
                player.line.answer("q1", answer)
                for player, answer in zip(players[:2], (["b"], ["a"]), strict=True)
            )
        )
        replies = [
            await room.http.answer(player.seat.resume_token, "q1", answer)
            for player, answer in zip(players[2:], (["b"], ["c"]), strict=True)
        ]
        texts = {
            re.sub(r'("received_at": ?)\d{13}', r"\g<1>T", text)
            for text in [*(frame.text for frame in frames), *(reply.text for reply in replies)]
        }
        assert len(texts) == 1
        assert {reply.status for reply in replies} == {200}
        times = {"date", "apigw-requestid"}
        one, other = (
            {key: value for key, value in reply.headers.items() if key.lower() not in times}
            for reply in replies
        )
        assert one == other


@together
async def test_the_board_does_not_move_before_the_close(doors: Doors) -> None:
    """While a question is open the board stands still, whoever has answered what."""
    async with await doors.room(secret_quiz()) as room:
        (ann, bob), _ = await opened(room, "ann", "bob")
        before = (await room.board())["entries"]
        await bob.line.answer("q1", ["b"])
        await ann.line.answer("q1", ["a"])
        assert (await room.board())["entries"] == before
        assert (await bob.line.join_quiz())["score"] == 0
        assert not [frame for frame in bob.line.frames if frame.action == "leaderboard"]
        await room.command("close")
        await bob.line.wait("leaderboard")
        assert (await room.board())["entries"][0]["participant_id"] == bob.seat.participant_id


@together
async def test_immediate_feedback_gives_the_verdict_and_moves_the_board(doors: Doors) -> None:
    """Self-paced: the acknowledgement carries the verdict, and the board has it at once."""
    async with await doors.room(secret_quiz(feedback="immediate", scoring="flat")) as room:
        (ann, bob), _ = await opened(room, "ann", "bob")
        wrong = await ann.line.answer("q1", ["a"])
        assert (wrong.action, wrong["correct"], wrong["points"]) == ("answer_accepted", False, 0)
        right = await bob.line.answer("q1", ["b"])
        assert (right.action, right["correct"], right["points"]) == ("answer_accepted", True, 1_000)
        board = await room.board()
        assert [(entry["participant_id"], entry["score"]) for entry in board["entries"]] == [
            (bob.seat.participant_id, 1_000),
            (ann.seat.participant_id, 0),
        ]
        assert SENTINEL not in wrong.text + right.text
        again = await bob.line.answer("q1", ["b"])
        assert again.body == right.body
        assert (await room.board())["entries"] == board["entries"]
        await room.command("close")
        for player, score in ((ann, 0), (bob, 1_000)):
            assert (await room.closed(player, "q1"))["you"]["score"] == score
        assert (await room.audit())["agrees"] is True


@together
async def test_flaw_the_second_try_wins(doors: Doors) -> None:
    """Who was told that an answer is wrong cannot take it back, over neither door."""
    async with await doors.room(secret_quiz(feedback="immediate", scoring="flat")) as room:
        (ann,), _ = await opened(room, "ann")
        await ann.line.answer("q1", ["a"])
        second = await ann.line.answer("q1", ["b"])
        assert (second.action, second["code"]) == ("error", "already_answered")
        reply = await room.http.answer(ann.seat.resume_token, "q1", ["b"])
        assert (reply.status, reply.code) == (409, "already_answered")
        await room.command("close")
        you = (await room.closed(ann, "q1"))["you"]
        assert (you["answer"], you["correct"], you["score"]) == (["a"], False, 0)


@together
async def test_media_names_do_not_tell(doors: Doors) -> None:
    """A picture named for the answer reaches players under a name that says nothing."""
    with TemporaryDirectory() as directory:
        await pictured(doors, Path(directory))


async def pictured(doors: Doors, tmp_path: Path) -> None:
    """Play a quiz whose file names a picture beside it."""
    picture = png(body=b"canberra as seen from above")
    (tmp_path / "canberra.png").write_bytes(picture)
    (tmp_path / "quiz.yaml").write_text(
        "title: Pictures\n"
        "questions:\n"
        "  - text: Which city is this?\n"
        "    options: [Sydney, {text: Canberra, correct: true}]\n"
        "    media: canberra.png\n"
    )
    made = await doors.command("quiz", "create", str(tmp_path / "quiz.yaml"))
    assert made.exit_code == 0, made
    session = await doors.ask("session.start", quiz_id=made.document["quiz_id"])
    async with Room(doors, made.document["quiz_id"], session["session_id"], session["pin"]) as room:
        player = await room.player("ann")
        await room.command("start")
        asked = await player.line.wait("new_question")
        url = asked["question"]["media_url"]
        assert "canberra" not in url.lower()
        got = await fetch(doors, url)
        assert got == picture


async def fetch(doors: Doors, url: str) -> bytes:
    """What a player's browser finds at a URL."""
    reply = await asyncio.to_thread(doors.http.raw, url)
    assert reply.status == 200, reply.data
    return reply.data


@together
async def test_a_host_sees_no_more_than_players_before_the_close(doors: Doors) -> None:
    """The host's screen is often on the wall: its frames hold no key either."""
    async with await doors.room(secret_quiz()) as room:
        host: Connection = await room.host()
        await room.player("ann")
        asked = await host.host("start", "new_question")
        await opening(asked)
        await host.join_quiz()
        for frame in host.frames:
            nothing_said(frame.text)
