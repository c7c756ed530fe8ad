"""Playing: what is typed becomes answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sized
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from quizkit.cli.render import Output
from quizkit.cli.screens.player import PlayerScreen
from quizkit.cli.screens.playing import Playing
from quizkit.cli.screens.show import Show
from quizkit.sdk.errors import CredentialsError, Refused
from quizkit.sdk.live_events import Choice
from tests.cli import samples
from tests.cli.screens.fakes import FakeSession, Person, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Seat:
    """A player at a session, typing lines or keys."""

    def __init__(self, *, keys: bool, out: Output | None = None) -> None:
        self.session = FakeSession()
        self.person = Person(keys=keys)
        self.screen = PlayerScreen()
        self.playing = Playing(
            self.session, self.screen, Show(out or Output(), self.screen), self.person.input
        )

    @asynccontextmanager
    async def play(self, **question: Any) -> AsyncIterator[None]:
        """Play while the first question is open; the session finishes with the block."""
        running = asyncio.create_task(self.playing.run())
        self.session.put(samples.JOINED, samples.opened(**question))
        await until(lambda: self.screen.state == "open")
        yield
        self.session.put(samples.FINISHED, None)
        await asyncio.wait_for(running, 10)


@pytest.fixture
def lines() -> Iterator[Seat]:
    """A player without a terminal."""
    seat = Seat(keys=False)
    yield seat
    seat.person.close()


@pytest.fixture
def keys() -> Iterator[Seat]:
    """A player with a terminal."""
    seat = Seat(keys=True)
    yield seat
    seat.person.close()


async def test_a_letter_answers(keys: Seat, capsys: pytest.CaptureFixture[str]) -> None:
    """The first letter of an option is the answer; what follows does nothing."""
    async with keys.play():
        keys.person.type("x\nBa")
        await until(lambda: keys.session.done)
    assert keys.session.done == [("q1", ["b"])]
    assert "b: your answer is in" in capsys.readouterr().err


async def test_several_are_marked_and_sent(keys: Seat) -> None:
    """Letters mark and unmark, Enter sends."""
    async with keys.play(kind="multiple"):
        keys.person.type("\nabca\n")
        await until(lambda: keys.session.done)
    assert keys.session.done == [("q1", ["b", "c"])]


async def test_lines_answer_one_question_each(lines: Seat) -> None:
    """Answers typed beforehand wait for their questions."""
    lines.person.type("b\nA, c\n")
    async with lines.play():
        await until(lambda: len(lines.session.done) == 1)
        lines.session.put(samples.CLOSED, samples.opened(id="q2", kind="multiple"))
        await until(lambda: len(lines.session.done) == 2)
    assert lines.session.done == [("q1", ["b"]), ("q2", ["a", "c"])]


async def test_a_line_that_is_no_answer_is_told(
    lines: Seat, capsys: pytest.CaptureFixture[str]
) -> None:
    """A word is not sent; the letters that are answers are named."""
    async with lines.play():
        lines.person.type("Canberra\nb\n")
        await until(lambda: lines.session.done)
    assert lines.session.done == [("q1", ["b"])]
    assert "answer with one letter: a or b or c" in capsys.readouterr().err


async def test_an_order_is_typed(keys: Seat, capsys: pytest.CaptureFixture[str]) -> None:
    """Letters take places in order, Backspace takes one back; all have to have one."""
    async with keys.play(kind="order"):
        keys.person.type("ba\nb\x7fca\n")
        await until(lambda: keys.session.done)
    assert keys.session.done == [("q1", ["b", "c", "a"])]
    said = capsys.readouterr().err
    assert "c is missing; give every letter once, in order: a, b, c" in said
    assert "b has its place already" in said


SHUFFLED = (Choice("c", "Perth"), Choice("a", "Sydney"), Choice("b", "Canberra"))


async def test_shuffled_options_are_typed_as_shown(
    keys: Seat, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keys are the places' letters, for one option, for several and for an order."""
    async with keys.play(options=SHUFFLED):
        done = keys.session.done
        keys.person.type("a")
        await until(lambda: len(done) == 1)
        keys.session.put(samples.CLOSED, samples.opened(id="q2", kind="multiple", options=SHUFFLED))
        await until(lambda: keys.screen.question and keys.screen.question.id == "q2")
        keys.person.type("abcb\n")
        await until(lambda: len(done) == 2)
        keys.session.put(samples.CLOSED, samples.opened(id="q3", kind="order", options=SHUFFLED))
        await until(lambda: keys.screen.question and keys.screen.question.id == "q3")
        keys.person.type("bb\x7fcab\n")
        await until(lambda: len(done) == 3)
    assert done == [("q1", ["c"]), ("q2", ["b", "c"]), ("q3", ["b", "c", "a"])]
    said = capsys.readouterr().err
    for told in ("a: your", "a, c: your", "b has its place already", "c, a, b: your"):
        assert told in said


async def test_programs_type_ids(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json, whose events name ids, lines do so too."""
    seat = Seat(keys=False, out=Output(as_json=True))
    seat.person.type("b\n")
    async with seat.play(options=SHUFFLED):
        await until(lambda: seat.session.done)
    seat.person.close()
    assert seat.session.done == [("q1", ["b"])]
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    asked = next(each for each in printed if each["event"] == "new_question")
    assert [option["id"] for option in asked["question"]["options"]] == ["c", "a", "b"]


async def test_a_number_is_typed(keys: Seat, capsys: pytest.CaptureFixture[str]) -> None:
    """Digits are sent with Enter as a number; what is none is told, and can be mended."""
    async with keys.play(kind="number", options=()):
        keys.person.type("18x\n\x7f22\n")
        await until(lambda: keys.session.done)
    assert keys.session.done == [("q1", 1822)]
    said = capsys.readouterr().err
    assert "answer with a number" in said
    assert "1822: your answer is in" in said


async def test_a_text_is_typed(keys: Seat, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is typed is sent with Enter as one text, never as letters."""
    async with keys.play(kind="text", options=()):
        keys.person.type("\nCanbex\x7frra é\n")
        await until(lambda: keys.session.done)
    assert keys.session.done == [("q1", "Canberra é")]
    assert "type an answer first" in capsys.readouterr().err


async def test_a_poll_is_answered_with_a_letter(keys: Seat) -> None:
    """As a choice is: at once."""
    async with keys.play(kind="poll"):
        keys.person.type("c")
        await until(lambda: keys.session.done)
    assert keys.session.done == [("q1", ["c"])]


async def test_a_slide_takes_nothing(keys: Seat) -> None:
    """Keys are answered with words, and nothing is sent."""
    async with keys.play(kind="slide", options=()):
        keys.person.type("a")
        await until(lambda: "nothing to answer" in keys.screen.notice)
    assert keys.session.done == []


async def test_lines_answer_every_kind(lines: Seat) -> None:
    """Lines typed beforehand go to the questions that take an answer; slides use none up."""
    lines.person.type("bca\n\n-3.5\nacb\nCanberra, ACT\nb\n")
    asked = [
        samples.opened(id="q2", kind="slide", options=()),
        samples.opened(id="q3", kind="number", options=()),
        samples.opened(id="q4", kind="multiple"),
        samples.opened(id="q5", kind="text", options=()),
        samples.opened(id="q6", kind="poll"),
    ]
    async with lines.play(kind="order"):
        done = lines.session.done
        await until(lambda: done)
        for question in asked:
            lines.session.put(samples.CLOSED, question)
            if question.question.takes_answers:
                before = len(done)
                await until(partial(_longer, done, before))
            else:
                lines.session.put(samples.CLOSED)
    assert lines.session.done == [
        ("q1", ["b", "c", "a"]),
        ("q3", -3.5),
        ("q4", ["a", "b", "c"]),
        ("q5", "Canberra, ACT"),
        ("q6", ["b"]),
    ]


async def test_an_early_answer_is_sent_again(keys: Seat) -> None:
    """Where the platform's clock is behind ours, the answer waits for it."""
    keys.session.refusals += [Refused("too early", code="question_not_open")] * 2
    async with keys.play():
        keys.person.type("a")
        await until(lambda: keys.session.done)
    assert keys.session.done == [("q1", ["a"])]


@pytest.mark.parametrize(
    ("code", "told", "again"),
    [
        ("already_answered", "the first answer counts", False),
        ("question_closed", "too late", False),
        ("invalid_answer", "no such option", True),
    ],
)
async def test_refusals_are_told(
    keys: Seat, capsys: pytest.CaptureFixture[str], code: str, told: str, again: bool
) -> None:
    """A refused answer says why; only one that was no answer may be given again."""
    keys.session.refusals.append(Refused("no such option", code=code))
    async with keys.play():
        keys.person.type("a")
        await until(lambda: told in keys.screen.notice)
        assert keys.screen.sent is not again
    assert told in capsys.readouterr().err


async def test_without_input_it_goes_on_to_the_end(lines: Seat) -> None:
    """Somebody who types nothing still sees the whole session."""
    lines.person.leave()
    async with lines.play():
        pass
    assert lines.session.done == []


async def test_being_put_out_raises(lines: Seat) -> None:
    """What ends the session ends playing with the same error."""
    lines.session.put(samples.JOINED, CredentialsError("the host has removed you"))
    with pytest.raises(CredentialsError, match="removed"):
        await asyncio.wait_for(lines.playing.run(), 10)


def _longer(things: Sized, than: int) -> bool:
    return len(things) > than
