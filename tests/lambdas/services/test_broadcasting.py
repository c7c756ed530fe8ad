"""quizkit.lambdas.services.broadcasting: who gets which frames."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from quizkit.core.errors import Rejected
from quizkit.core.session import Command
from quizkit.lambdas.services.broadcasting import FRESH_MS
from tests.fakes.game import World


def request(world: World, session_id: str, **more: Any) -> dict[str, Any]:
    """An order to send two events to everybody."""
    return {
        "session_id": session_id,
        "events": [{"action": "one", "text": "é"}, {"action": "two"}],
        "personal": None,
        "shards": list(range(world.shards)),
        "hosts": True,
        "at": None,
        **more,
    }


def test_everybody_gets_the_events_in_order(world: World) -> None:
    """Players and hosts; the answer counts the players."""
    session = world.create()
    people = [world.join(session, "Ada"), world.join(session, "Bob"), world.join_host(session)]
    assert world.broadcasting.send(request(world, session.session_id)) == {"players": 2, "gone": 0}
    for who in people:
        assert who.frames == [{"action": "one", "text": "é"}, {"action": "two"}]


def test_hosts_and_shards_are_chosen(world: World) -> None:
    """A counter's event goes to hosts alone; a worker serves its own shards."""
    session = world.create()
    players = [world.join(session, f"N{n}") for n in range(10)]
    host = world.join_host(session)
    world.broadcasting.send(request(world, session.session_id, shards=[]))
    assert len(host.frames) == 2
    assert all(player.frames == [] for player in players)
    world.broadcasting.send(request(world, session.session_id, hosts=False))
    assert len(host.frames) == 2
    assert all(len(player.frames) == 2 for player in players)


def test_you_is_personal(world: World) -> None:
    """Each player's own line stands in the event marked personal, and in no other."""
    session = world.create()
    ada, bob = world.join(session, "Ada"), world.join(session, "Bob")
    started = world.apply(session, Command.START)
    assert started.window is not None
    ada.answer("q1", "b", at=started.window.opens_at)
    world.run()
    late = world.join(session, "Late")
    for who in (ada, bob, late):
        who.frames.clear()
    world.broadcasting.send(request(world, session.session_id, personal=1))
    assert all("you" not in who.frames[0] for who in (ada, bob, late))
    assert ada.frames[1]["you"] == {
        "answer": ["b"],
        "correct": True,
        "points": 1_000,
        "score": 1_000,
        "rank": 1,
    }
    assert (bob.frames[1]["you"]["answer"], bob.frames[1]["you"]["rank"]) == (None, 2)
    assert late.frames[1]["you"]["rank"] is None


def test_sockets_that_are_gone_are_unbound(world: World) -> None:
    """After sending; one bound a moment ago is left, its handshake may not be over."""
    session = world.create()
    ada, bob = world.join(session, "Ada"), world.join(session, "Bob")
    host = world.join_host(session)
    world.clock.advance(FRESH_MS + 1_000)
    fresh = world.join(session, "Fresh")
    for who in (ada, host, fresh):
        world.sockets.drop(who.connection)
    assert world.broadcasting.send(request(world, session.session_id)) == {"players": 1, "gone": 3}
    assert len(bob.frames) == 2
    bound = {who.nickname: who.connection_id for who in world.participants.everybody(session)}
    assert bound == {"Ada": None, "Bob": bob.connection, "Fresh": fresh.connection}
    assert world.participants.hosts(session.session_id)[0].connection_id is None
    assert world.broadcasting.send(request(world, session.session_id)) == {"players": 1, "gone": 1}


def test_a_socket_that_came_back_is_not_unbound(world: World) -> None:
    """Bound anew while the old one's end was being noticed: the new one stays."""
    session = world.create()
    ada = world.join(session, "Ada")
    world.clock.advance(FRESH_MS + 1_000)
    world.sockets.drop(ada.connection)
    stale = world.participants.everybody(session)
    again = world.resume(ada)
    world.participants.prune(stale, world.clock() + 1)
    assert world.participants.everybody(session)[0].connection_id == again.connection


def test_kicked_players_get_nothing(world: World) -> None:
    """Not even where the closing of their socket did not get through."""
    session = world.create()
    ada, bob = world.join(session, "Ada"), world.join(session, "Bob")
    world.participants.kick(session.session_id, ada.id)
    assert world.broadcasting.send(request(world, session.session_id))["players"] == 1
    assert (len(ada.frames), len(bob.frames)) == (0, 2)


def test_a_frame_is_serialised_once(world: World) -> None:
    """All sockets share the bytes of an event that is the same for all."""
    session = world.create()
    for number in range(5):
        world.join(session, f"N{number}")
    seen: list[bytes] = []
    post = world.sockets.post

    def watching(frames: Sequence[tuple[str, Sequence[bytes]]]) -> list[str]:
        seen.extend(bodies[0] for _, bodies in frames)
        return post(frames)

    world.sockets.post = watching  # type: ignore[method-assign]
    world.broadcasting.send(request(world, session.session_id))
    assert len(seen) == 5
    assert set(seen) == {b'{"action":"one","text":"\xc3\xa9"}'}
    assert json.loads(seen[0]) == {"action": "one", "text": "é"}


def test_the_delay_is_measured(world: World) -> None:
    """From the change that caused the broadcast to its end; not where nobody listens."""
    session = world.create()
    at = world.clock()
    world.clock.advance(40)
    world.broadcasting.send(request(world, session.session_id, at=at))
    assert world.metrics.of("BroadcastDelay") == []
    world.join(session, "Ada")
    world.broadcasting.send(request(world, session.session_id, at=at))
    world.broadcasting.send(request(world, session.session_id, at=at + 60_000))
    world.broadcasting.send(request(world, session.session_id))
    assert world.metrics.of("BroadcastDelay") == [41, 0]


def test_an_unknown_session(world: World) -> None:
    """An order for no session is an error of whoever gave it."""
    with pytest.raises(Rejected) as caught:
        world.broadcasting.send(request(world, "none"))
    assert caught.value.code == "session_not_found"
