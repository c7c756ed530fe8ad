"""Reading the functions' logs: which there are, in what order, and nothing twice or never."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quizkit.sdk.errors import CredentialsError, NotFound
from quizkit.sdk.logs import LATENESS_MS, LogReader, choose, log_groups
from tests.sdk.fake_logs import FakeLogs, fake_logs

NOW = 1_800_000_000_000


@pytest.fixture
def fake() -> Iterator[FakeLogs]:
    """An endpoint whose functions `answer` and `join` have logged nothing yet."""
    with fake_logs() as fake:
        fake.groups = {
            "/aws/lambda/quizkit-dev-join": [],
            "/aws/lambda/quizkit-dev-answer": [],
        }
        yield fake


@pytest.fixture
def reader(fake: FakeLogs) -> LogReader:
    """Reads both functions' logs from NOW on."""
    return LogReader(fake.target, log_groups(fake.target), NOW)


def messages(reader: LogReader) -> list[str]:
    """What a call gives."""
    return [line.message for line in reader.read()]


def test_the_stack_says_which_functions_log_where(fake: FakeLogs) -> None:
    """Groups of functions by their short names; neither those of APIs, nor of other stages."""
    fake.groups["/aws/lambda/quizkit-development-join"] = []
    assert log_groups(fake.target) == {
        "answer": "/aws/lambda/quizkit-dev-answer",
        "join": "/aws/lambda/quizkit-dev-join",
    }


def test_a_stage_without_functions(fake: FakeLogs) -> None:
    """Not deployed at all, or half: both lead on."""
    fake.groups = {}
    with pytest.raises(NotFound, match="no functions") as caught:
        log_groups(fake.target)
    assert caught.value.code == "stack_not_found"
    fake.deployed = False
    with pytest.raises(NotFound, match="not deployed") as caught:
        log_groups(fake.target)
    assert caught.value.hint == "run: quizkit deploy"


def test_functions_are_chosen_by_name() -> None:
    """All of them where none is named; a wrong name is told the right ones."""
    groups = {"answer": "a", "join": "j"}
    assert choose(groups, ()) == groups
    assert choose(groups, ["join", "join"]) == {"join": "j"}
    with pytest.raises(NotFound, match="answr") as caught:
        choose(groups, ["join", "answr"])
    assert caught.value.code == "function_not_found"
    assert caught.value.hint == "functions are: answer, join"


def test_lines_of_all_functions_come_in_the_order_of_time(
    fake: FakeLogs, reader: LogReader
) -> None:
    """Across functions and pages; older ones than asked for do not come."""
    fake.write("answer", NOW - 1, "too old")
    for number in range(5):
        fake.write("answer", NOW + 10 * number, f"answer {number}")
        fake.write("join", NOW + 10 * number + 5, f"join {number}")
    found = list(reader.read())
    assert [line.message for line in found] == [
        f"{name} {number}" for number in range(5) for name in ("answer", "join")
    ]
    assert (found[1].function, found[1].time) == ("join", NOW + 5)
    assert any("nextToken" in asked for asked in fake.asked)


def test_new_lines_come_once_however_late(fake: FakeLogs, reader: LogReader) -> None:
    """A line that appears after younger ones comes, if it is not later than said."""
    fake.write("answer", NOW + 2 * LATENESS_MS, "first")
    assert messages(reader) == ["first"]
    assert messages(reader) == []
    fake.write("answer", NOW + LATENESS_MS, "late")
    fake.write("answer", NOW + 2 * LATENESS_MS, "first")
    fake.write("join", NOW, "the other one has logged nothing so far")
    assert messages(reader) == ["the other one has logged nothing so far", "late", "first"]
    assert messages(reader) == []


def test_what_is_long_past_is_not_read_again(fake: FakeLogs, reader: LogReader) -> None:
    """Each look begins a minute before the newest line, so that following stays cheap."""
    fake.write("join", NOW + 5 * LATENESS_MS, "x")
    assert messages(reader) == ["x"]
    fake.asked.clear()
    assert messages(reader) == []
    starts = {asked["logGroupName"].rpartition("-")[2]: asked["startTime"] for asked in fake.asked}
    assert starts == {"answer": NOW, "join": NOW + 4 * LATENESS_MS}


def test_a_time_that_is_yet_to_come_hides_nothing(fake: FakeLogs, reader: LogReader) -> None:
    """A line with a wrong time neither takes the ones after it along, nor comes again."""
    fake.write("join", NOW + 100 * LATENESS_MS, "from the future", ingested=NOW)
    assert messages(reader) == ["from the future"]
    fake.write("join", NOW + 2 * LATENESS_MS, "from now")
    assert messages(reader) == ["from now"]
    fake.write("join", NOW + 4 * LATENESS_MS, "later")
    assert messages(reader) == ["later"]
    assert messages(reader) == []


def test_what_broke_off_goes_on(fake: FakeLogs, reader: LogReader) -> None:
    """After an error in the middle, or a reader that left, the rest comes, and nothing again."""
    for number in range(6):
        fake.write("answer" if number % 2 else "join", NOW + number, str(number))
    fake.refusals = [None, None, "AccessDeniedException"]
    got: list[str] = []
    with pytest.raises(CredentialsError, match="FilterLogEvents"):
        got.extend(line.message for line in reader.read())
    assert 0 < len(got) < 6
    got.append(next(reader.read()).message)
    assert [*got, *messages(reader)] == ["0", "1", "2", "3", "4", "5"]


def test_a_log_that_is_gone(fake: FakeLogs, reader: LogReader) -> None:
    """A stage that was destroyed meanwhile is told as one that is not deployed."""
    fake.groups.pop("/aws/lambda/quizkit-dev-join")
    with pytest.raises(NotFound, match="log of join") as caught:
        list(reader.read())
    assert caught.value.code == "stack_not_found"
