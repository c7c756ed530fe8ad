"""Screens where they can be seen; moving ones are tested on a terminal in test_terminals."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable

import pytest
from rich.console import RenderableType

from quizkit.cli.render import Output
from quizkit.cli.screens.show import Show
from quizkit.sdk.live_events import LiveEvent
from tests.cli import samples


class Plain:
    """A screen that tells each event's name."""

    notice = ""

    def apply(self, event: LiveEvent) -> None:
        """Nothing to keep."""

    def render(self) -> RenderableType:
        """Nothing to see."""
        return ""

    def lines(self, event: LiveEvent) -> Iterable[str]:
        """The name."""
        return [type(event).__name__]


async def events() -> AsyncIterator[LiveEvent]:
    """Two of them."""
    yield samples.JOINED
    yield samples.LOBBY


async def test_lines_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """People get lines on stdout and notices on stderr."""
    screen = Plain()
    async with Show(Output(), screen) as show:
        await show.follow(events())
        show.notice("hm", event="hm")
    assert capsys.readouterr() == ("Joined\nLobby\n", "hm\n")
    assert screen.notice == "hm"


async def test_objects_with_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Programs get one object an event, and notices that have one."""
    async with Show(Output(as_json=True, quiet=True), Plain()) as show:
        await show.follow(events())
        show.notice("hm", event="hm", n=1)
        show.notice("only for people")
    stdout, stderr = capsys.readouterr()
    documents = [json.loads(line) for line in stdout.splitlines()]
    assert [document["event"] for document in documents] == ["joined", "lobby", "hm"]
    assert stderr == ""


async def test_a_command_with_one_document_streams_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Where the command prints a document of its own, events are not in its way."""
    async with Show(Output(as_json=True), Plain(), streamed=False) as show:
        await show.follow(events())
    assert capsys.readouterr().out == ""
