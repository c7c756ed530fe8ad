"""quizkit.lambdas.services.joining: entering by PIN, returning by token, tickets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from quizkit.core.errors import QuizError
from quizkit.core.session import LEASE_MS, Command
from quizkit.lambdas.ids import digest, shard_of
from quizkit.lambdas.services.joining import TICKET_MS, authenticate
from tests.fakes.game import World


def refusal(world: World, **body: Any) -> str:
    """The code with which joining is refused."""
    with pytest.raises(QuizError) as caught:
        world.joining.join(body)
    return caught.value.code


def test_joining(world: World) -> None:
    """PIN and nickname give an identity, a way back and a ticket; only hashes are stored."""
    session = world.create()
    joined = world.joining.join({"pin": session.pin, "nickname": " Ada ", "participant_id": "00me"})
    assert set(joined) == {
        "session_id",
        "participant_id",
        "nickname",
        "resume_token",
        "ticket",
        "websocket_url",
    }
    assert (joined["session_id"], joined["nickname"]) == (session.session_id, "Ada")
    assert joined["participant_id"] != "00me"
    assert 0 <= shard_of(joined["participant_id"]) < session.shards
    stored = world.participants.get(session.session_id, joined["participant_id"])
    assert stored is not None
    secret = joined["resume_token"].split(".")[2]
    assert stored.secret == digest(secret)
    assert secret not in str(stored)
    assert (stored.user_id, stored.role, stored.joined_at) == (None, "player", world.clock())


def test_members_are_known_by_their_account(world: World) -> None:
    """The user pool's subject stands with the participant."""
    session = world.create()
    joined = world.joining.join({"pin": session.pin, "nickname": "Ada"}, "user-7")
    stored = world.participants.get(session.session_id, joined["participant_id"])
    assert stored is not None
    assert stored.user_id == "user-7"


def test_a_ticket_is_good_once_and_for_a_minute(world: World) -> None:
    """It gives the identity to the first who redeems it in time."""
    session = world.create()
    joined = world.joining.join({"pin": session.pin, "nickname": "Ada"})
    ticket = world.tickets.redeem(joined["ticket"], world.clock() + TICKET_MS)
    assert ticket is not None
    assert (ticket.participant_id, ticket.role) == (joined["participant_id"], "player")
    assert world.tickets.redeem(joined["ticket"], world.clock()) is None
    late = world.joining.join({"pin": session.pin, "nickname": "Bob"})
    assert world.tickets.redeem(late["ticket"], world.clock() + TICKET_MS + 1) is None


def test_nicknames_are_taken_once_a_session(world: World) -> None:
    """Case and width do not make another name; another session is another room."""
    session, other = world.create(), world.create()
    world.join(session, "Ada")
    assert refusal(world, pin=session.pin, nickname="ADA") == "nickname_taken"
    assert refusal(world, pin=session.pin, nickname="Ａｄａ") == "nickname_taken"
    assert world.join(other, "Ada").id


@pytest.mark.parametrize("nickname", [None, "", "x" * 300, "a\u202eb", "\u200b"])
def test_bad_nicknames(world: World, nickname: object) -> None:
    """They are refused before anything is stored."""
    session = world.create()
    assert refusal(world, pin=session.pin, nickname=nickname) == "invalid_nickname"
    assert world.participants.everybody(session) == []


@pytest.mark.parametrize("pin", [None, "", "12345", "abcdef", 123456, ["1"]])
def test_bad_pins(world: World, pin: object) -> None:
    """What cannot be a PIN is no session's."""
    assert refusal(world, pin=pin, nickname="Ada") == "pin_not_found"


def test_an_unknown_pin(world: World) -> None:
    """So is one that no session has."""
    session = world.create()
    wrong = f"{(int(session.pin) + 1) % 10**6:06d}"
    assert refusal(world, pin=wrong, nickname="Ada") == "pin_not_found"


def test_late_and_locked(world: World) -> None:
    """One may join a running game, not a locked one, and none that is over."""
    session = world.create()
    world.apply(session, Command.START)
    assert world.join(session, "Late").id
    world.apply(session, Command.LOCK)
    assert refusal(world, pin=session.pin, nickname="Eve") == "session_locked"
    world.apply(session, Command.UNLOCK)
    assert world.join(session, "Eve").id
    world.apply(session, Command.END)
    world.run()
    assert refusal(world, pin=session.pin, nickname="Bob") == "pin_not_found"


def test_a_finished_session_that_still_has_its_pin(world: World) -> None:
    """Between finishing and giving the PIN back, joining says so."""
    session = world.create()
    codes = []
    publish = world.topic.publish

    def watching(document: Any) -> None:
        codes.append(refusal(world, pin=session.pin, nickname="Ada"))
        publish(document)

    world.topic.publish = watching  # type: ignore[method-assign]
    world.apply(session, Command.END)
    assert codes == ["session_finished"]


def test_returning(world: World) -> None:
    """The resume token keeps name and score, also after the end; the old socket is closed."""
    session = world.create()
    ada = world.join(session, "Ada")
    started = world.apply(session, Command.START)
    assert started.window is not None
    ada.answer("q1", "b", at=started.window.opens_at)
    world.run()
    again = world.resume(ada)
    assert (again.id, again.token) == (ada.id, ada.token)
    assert ada.connection in world.sockets.closed
    assert again.snapshot["score"] == 1_000
    assert again.snapshot["nickname"] == "Ada"
    world.apply(session, Command.END)
    world.run()
    assert world.resume(ada).snapshot["state"] == "finished"


def test_wrong_resume_tokens(world: World) -> None:
    """Every kind of wrong token gets the same answer; a token is no PIN's business."""
    session = world.create()
    ada = world.join(session, "Ada")
    bob = world.join(session, "Bob")
    host = world.join_host(session)
    sid, who, secret = ada.token.split(".")
    wrong: list[object] = [
        None,
        7,
        "",
        "..",
        "a.b",
        "a.b.c.d",
        f"{sid}.{who}.",
        f"{sid}.{who}.{secret}x",
        f"{sid}.{bob.id}.{secret}",
        f"{sid}.zz.{secret}",
        f"{sid}.{host.id}.",
        f".{who}.{secret}",
        f"none.{who}.{secret}",
        f"{sid}.{who}.é",
        [ada.token],
    ]
    for token in wrong:
        assert refusal(world, pin=session.pin, nickname="x", resume_token=token) == "unauthorized"
    assert authenticate(world.participants, ada.token).participant_id == ada.id


def test_who_was_removed_stays_out(world: World) -> None:
    """Neither the token nor the account brings them back, under no name; the name stays taken."""
    session, other = world.create(), world.create()
    joined = world.joining.join({"pin": session.pin, "nickname": "Eve"}, "user-7")
    world.control.kick(session.session_id, joined["participant_id"])
    assert refusal(world, resume_token=joined["resume_token"]) == "forbidden"
    for nickname in ("Eve", "Another"):
        with pytest.raises(QuizError) as caught:
            world.joining.join({"pin": session.pin, "nickname": nickname}, "user-7")
        assert caught.value.code == "forbidden"
    assert refusal(world, pin=session.pin, nickname="eve") == "nickname_taken"
    assert world.joining.join({"pin": other.pin, "nickname": "Eve"}, "user-7")
    assert world.joining.join({"pin": session.pin, "nickname": "Ada"}, "user-8")


def test_no_other_seat_of_the_account_brings_them_back(world: World) -> None:
    """Who took two seats and was removed from one does not return to the other."""
    session = world.create()
    first, second = (
        world.joining.join({"pin": session.pin, "nickname": name}, "user-7") for name in ("E", "F")
    )
    assert world.joining.join({"resume_token": second["resume_token"]})["nickname"] == "F"
    world.control.kick(session.session_id, first["participant_id"])
    assert refusal(world, resume_token=second["resume_token"]) == "forbidden"


def test_a_removed_guest_is_kept_out_by_the_lock(world: World) -> None:
    """A guest is nobody: another name gets in, unless the lobby is locked."""
    session = world.create()
    eve = world.join(session, "Eve")
    world.control.kick(session.session_id, eve.id)
    assert refusal(world, resume_token=eve.token) == "forbidden"
    again = world.join(session, "Eve 2")
    world.control.kick(session.session_id, again.id)
    world.apply(session, Command.LOCK)
    assert refusal(world, pin=session.pin, nickname="Eve 3") == "session_locked"


def test_a_join_costs_so_many_calls(world: World) -> None:
    """The PIN is looked up once a lease; the session is read, the participant added."""
    session = world.create()
    world.faults.calls.clear()
    for number in range(5):
        world.joining.join({"pin": session.pin, "nickname": f"N{number}"})
    assert world.faults.calls == ["find_pin", *["load", "add"] * 5]
    world.clock.advance(LEASE_MS)
    world.faults.calls.clear()
    world.joining.join({"pin": session.pin, "nickname": "Late"})
    assert world.faults.calls == ["find_pin", "load", "add"]


def test_a_pin_that_has_become_another_sessions(world: World) -> None:
    """Given back and drawn again within the lease: whoever comes joins the session it means."""
    old = world.create()
    assert world.joining.join({"pin": old.pin, "nickname": "Ada"})["session_id"] == old.session_id
    world.apply(old, Command.END)
    new = replace(old, session_id="another")
    assert world.sessions.create(new)
    assert world.joining.join({"pin": old.pin, "nickname": "Ada"})["session_id"] == "another"
    assert world.joining.join({"pin": old.pin, "nickname": "Bob"})["session_id"] == "another"


def test_few_pins_are_remembered(world: World) -> None:
    """An environment that lets people into many sessions forgets the older ones."""
    sessions = [world.create() for _ in range(70)]
    for session in sessions:
        world.joining.join({"pin": session.pin, "nickname": "Ada"})
    assert len(world.joining._pins) < 70
    for session in sessions:
        assert world.joining.join({"pin": session.pin, "nickname": "Bob"})
