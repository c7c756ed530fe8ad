"""quizkit.core.doors: who may go through which door."""

from __future__ import annotations

from pathlib import Path

import pytest

from quizkit.core.doors import (
    COMMANDS,
    DOORS,
    EVENT_ACTIONS,
    Door,
    Role,
    Verdict,
    Visit,
    command,
    operation,
    require,
    seat,
    towards,
)
from quizkit.core.errors import Rejected
from quizkit.core.owners import ADMIN, ADMINS, Caller
from quizkit.core.session import Command

ADA, BOB = Caller("ada-1"), Caller("bob-1")
PLAYERS = (Role.GUEST, Role.PLAYER)


@pytest.mark.parametrize("door", DOORS.values(), ids=lambda door: door.name)
def test_every_row_has_a_verdict_for_every_role(door: Door) -> None:
    """No role without an answer, and no letter that means nothing."""
    assert len(door.verdicts) == len(Role)
    assert [door.verdict(role) for role in Role] == [Verdict(letter) for letter in door.verdicts]
    assert door.refusal


@pytest.mark.parametrize("door", DOORS.values(), ids=lambda door: door.name)
def test_a_door_lets_in_whom_its_row_does(door: Door) -> None:
    """Refused by the code of the reason; who has not said who they are is unauthorized."""
    for role in Role:
        if door.verdict(role) is Verdict.REFUSED:
            with pytest.raises(Rejected) as refusal:
                require(door, role)
            assert refusal.value.code == ("unauthorized" if role is Role.ANONYMOUS else "forbidden")
        else:
            require(door, role)


def test_every_command_but_the_timers_is_a_hosts() -> None:
    """A command that sessions know and no row names would be nobody's decision."""
    assert set(COMMANDS) == {str(known) for known in Command} - {Command.SETTLE} | {"kick"}
    assert set(EVENT_ACTIONS) <= set(COMMANDS)


def test_what_no_row_names_is_guarded_by_the_door_of_unknown_things() -> None:
    """Neither an unknown command or operation, nor what is no name, opens a door of its own."""
    assert command("end").name == "host end"
    for unknown in ("settle", None, 7, "{command}", ["end"]):
        assert command(unknown).name == "host {command}"
    assert operation("quiz.get").name == "POST /host/quiz.get"
    assert operation("quiz.get", ADA).name == "POST /host/quiz.get"
    assert operation("quiz.get", ADMIN).name == "invoke quiz.get"
    assert operation("nonsense").name == "POST /host/{operation}"
    assert operation("nonsense", ADMIN).name == "invoke {operation}"
    assert not Visit(operation("nonsense", ADA), ADA).admits("bob-1")


def test_signing_in_makes_no_difference_on_a_socket() -> None:
    """So what a ticket tells, host or player, is enough to decide."""
    assert seat("host") is Role.HOST
    assert seat("player") is seat("anything else") is Role.GUEST
    for door in DOORS.values():
        if door.name.startswith(("socket", "host ")) or door.name == "POST /answer":
            assert len({door.verdict(role) for role in PLAYERS}) == 1


def test_answers_are_taken_alike_both_ways() -> None:
    """The service that takes them decides for both."""
    assert DOORS["POST /answer"].verdicts == DOORS["socket submit_answer"].verdicts


def test_no_player_and_no_stranger_leads() -> None:
    """Whatever else the table says: commands and operations are for hosts and admins."""
    for door in DOORS.values():
        if door.name.startswith(
            ("host ", "POST /host/", "invoke ", "function ", "event ", "queue")
        ):
            for role in (Role.ANONYMOUS, *PLAYERS, Role.OTHER_PLAYER):
                assert door.verdict(role) is Verdict.REFUSED, door.name


@pytest.mark.parametrize(
    ("caller", "owner", "role"),
    [
        (ADMIN, ADMINS, Role.ADMIN),
        (ADMIN, "ada-1", Role.ADMIN),
        (ADA, "ada-1", Role.HOST),
        (ADA, ADMINS, Role.OTHER_HOST),
        (ADA, "bob-1", Role.OTHER_HOST),
        (Caller(""), "ada-1", Role.OTHER_HOST),
    ],
)
def test_what_somebody_is_to_an_owner(caller: Caller, owner: str, role: Role) -> None:
    """The owner is its host; every other host is another one."""
    assert towards(caller, owner) is role


@pytest.mark.parametrize(
    ("caller", "owner", "acts", "uses"),
    [
        (ADMIN, ADMINS, True, True),
        (ADMIN, "ada-1", True, True),
        (ADA, "ada-1", True, True),
        (ADA, ADMINS, False, True),
        (ADA, "bob-1", False, False),
        (BOB, "ada-1", False, False),
        (Caller(""), "ada-1", False, False),
    ],
)
def test_who_may_act_on_whose(caller: Caller, owner: str, acts: bool, uses: bool) -> None:
    """Admins on everything, hosts on their own; the admins' quizzes are every host's to use."""
    for names, allowed in (
        (("quiz.delete", "session.command", "session.list", "schedule.delete"), acts),
        (("quiz.get", "quiz.list", "session.start", "schedule.create"), uses),
    ):
        for name in names:
            visit = Visit(operation(name, caller), caller)
            assert visit.admits(owner) is allowed, name
            if allowed:
                visit.require(owner, "quiz")
            else:
                with pytest.raises(Rejected, match="this quiz is another host's") as refusal:
                    visit.require(owner, "quiz")
                assert refusal.value.code == "forbidden"


def test_a_visitor_is_who_calls() -> None:
    """What they make is theirs."""
    for caller in (ADA, ADMIN):
        visit = Visit(operation("quiz.create", caller), caller)
        assert (visit.owner, visit.user_id) == (caller.owner, caller.user_id)


def as_markdown() -> str:
    """The table as docs/security.md shows it."""
    words = {Verdict.ALLOWED: "yes", Verdict.OWN: "own", Verdict.REFUSED: "no"}
    heads = ["door", *(role.replace("_", " ") for role in Role)]
    rows = [heads, ["---"] * len(heads)]
    rows += [
        [f"`{door.name}`", *(words[door.verdict(role)] for role in Role)] for door in DOORS.values()
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def test_the_docs_show_the_table() -> None:
    """What people read is what is enforced."""
    text = (Path(__file__).parents[2] / "docs" / "security.md").read_text()
    assert as_markdown() in text, f"put this into docs/security.md:\n{as_markdown()}"
