"""Hosting: what is typed becomes commands, and what ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from quizkit.cli.render import Output
from quizkit.cli.screens.host import HostScreen
from quizkit.cli.screens.hosting import Hosting
from quizkit.cli.screens.show import Show
from quizkit.sdk.errors import Conflict, NotFound
from tests.cli import samples
from tests.cli.screens.fakes import FakeSession, Person, until


def find(nickname: str) -> str:
    """Only Ada is here."""
    if nickname.lower() != "ada":
        raise NotFound(f"Nobody here is called “{nickname}”.")
    return "p1"


class Table:
    """A host at a session, typing lines or keys."""

    def __init__(self, *, keys: bool) -> None:
        self.session = FakeSession()
        self.person = Person(keys=keys)
        self.screen = HostScreen(title="T", pin="1", join="j", auto=False, locked=False)
        show = Show(Output(), self.screen)
        self.hosting = Hosting(self.session, self.screen, show, find, self.person.input)

    async def host(self, typed: str = "") -> bool:
        """Host until it ends, after typing something."""
        running = asyncio.create_task(self.hosting.run())
        self.person.type(typed)
        return await asyncio.wait_for(running, 10)


@pytest.fixture
def lines() -> Iterator[Table]:
    """A host without a terminal."""
    table = Table(keys=False)
    yield table
    table.person.close()


@pytest.fixture
def keys() -> Iterator[Table]:
    """A host with a terminal."""
    table = Table(keys=True)
    yield table
    table.person.close()


async def test_lines_are_commands(lines: Table) -> None:
    """Enter and words command the session; q leaves it alone."""
    assert await lines.host("\nn\nclose\nl\nu\nkick ada\nq\n") is False
    assert lines.session.done == [
        "next",
        "next",
        "close",
        "lock",
        "unlock",
        ("kick", {"participant_id": "p1"}),
    ]


async def test_keys_are_commands(keys: Table) -> None:
    """Single keys command; other keys do nothing."""
    assert await keys.host("x\nncq") is False
    assert keys.session.done == ["next", "next", "close"]


async def test_locking_turns_around(keys: Table) -> None:
    """The same key locks and unlocks."""
    assert await keys.host("llq") is False
    assert keys.session.done == ["lock", "unlock"]


async def test_kicking_asks_for_a_name(keys: Table) -> None:
    """The name is typed on the screen, can be corrected, and given up."""
    running = asyncio.create_task(keys.hosting.run())
    keys.person.type("kAdx\x7fa\nkBob")
    await until(lambda: keys.screen.prompt == "kick whom? Bob▏")
    keys.person.type("\x1b")
    await until(lambda: keys.screen.prompt is None)
    keys.person.type("q")
    assert await asyncio.wait_for(running, 10) is False
    assert keys.session.done == [("kick", {"participant_id": "p1"})]


async def test_ending_asks_first(keys: Table) -> None:
    """e alone ends nothing."""
    assert await keys.host("eneyq") is False
    assert keys.session.done == ["end"]


async def test_refusals_are_told_and_change_nothing(
    lines: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command that the platform refuses, or that nobody knows, leaves the host hosting."""
    lines.session.refusals.append(Conflict("not now"))
    assert await lines.host("n\nkick Bob\nfoo\nn\nq\n") is False
    assert lines.session.done == ["next"]
    told = capsys.readouterr().err
    assert "not now" in told
    assert "Nobody here is called “Bob”" in told
    assert "commands:" in told


async def test_the_sessions_end_ends_it(lines: Table) -> None:
    """A finished session is the normal end, whatever is typed or not."""
    lines.session.put(samples.JOINED, samples.FINISHED, None)
    assert await lines.host() is True


async def test_without_input_it_goes_on_to_the_end(
    lines: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    """The end of input is not the end of the session."""
    running = asyncio.create_task(lines.hosting.run())
    lines.person.leave()
    told = ""

    def has_told() -> bool:
        nonlocal told
        told += capsys.readouterr().err
        return "no more input" in told

    await until(has_told)
    lines.session.put(samples.FINISHED, None)
    assert await asyncio.wait_for(running, 10) is True


async def test_a_session_that_breaks_raises(lines: Table) -> None:
    """What ends the session ends hosting with the same error."""
    lines.session.put(samples.JOINED, NotFound("the session is gone"))
    with pytest.raises(NotFound, match="gone"):
        await lines.host()
