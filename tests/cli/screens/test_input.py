"""Keys and lines from standard input."""

from __future__ import annotations

import asyncio
import os
import pty
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from quizkit.cli.screens.input import Input


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal: where a person types, and where a program reads."""
    ours, theirs = pty.openpty()
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


async def items(typed: Input, count: int) -> list[str | None]:
    """The next items."""
    return [await asyncio.wait_for(typed.get(), 10) for _ in range(count)]


async def test_keys_come_one_by_one(terminal: tuple[int, int]) -> None:
    """Letters need no Enter; cursor keys are no letters; characters of several bytes are one."""
    ours, theirs = terminal
    async with Input(keys=True, descriptor=theirs) as typed:
        os.write(ours, b"a\x1b[Ab")
        os.write(ours, "é\r".encode())
        assert await items(typed, 4) == ["a", "b", "é", "\n"]


async def test_the_terminal_is_given_back(terminal: tuple[int, int]) -> None:
    """Whatever ends the block, the terminal is as it was, and unread keys are gone."""
    _, theirs = terminal
    before = termios.tcgetattr(theirs)

    async def fail() -> None:
        async with Input(keys=True, descriptor=theirs):
            assert termios.tcgetattr(theirs) != before
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert termios.tcgetattr(theirs) == before


async def test_lines_come_whole(tmp_path: Path) -> None:
    """A file gives its lines, the last one without an end too, and then None for good."""
    file = tmp_path / "answers"
    file.write_bytes("a\r\nb,c\n\nd é".encode())
    descriptor = os.open(file, os.O_RDONLY)
    try:
        async with Input(keys=False, descriptor=descriptor) as typed:
            assert await items(typed, 6) == ["a", "b,c", "", "d é", None, None]
    finally:
        os.close(descriptor)


async def test_a_line_may_arrive_in_parts() -> None:
    """A pipe gives a line once it is complete."""
    read, write = os.pipe()
    try:
        async with Input(keys=False, descriptor=read) as typed:
            os.write(write, b"ne")
            await asyncio.sleep(0.05)
            os.write(write, b"xt\n")
            assert await items(typed, 1) == ["next"]
    finally:
        os.close(read)
        os.close(write)
