"""`ports.Participants`: one suite over the fake and DynamoDB."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from quizkit.core.errors import Rejected
from quizkit.core.session import Session
from quizkit.lambdas.ports import Participant, Participants

NOW = 1_800_000_000_000
SESSION = Session("s1", "quiz", "T", "123456", 3, created_at=NOW, shards=3)
ADA = Participant("s1", "00ada", "Ada", NOW, secret="hash", user_id="u")
BOB = Participant("s1", "02bob", "Bob", NOW)
HOST = Participant("s1", "host1", "host", NOW, role="host")


def bound(participants: Participants, who: Participant) -> str | None:
    """The socket that somebody is bound to."""
    stored = participants.get(who.session_id, who.participant_id)
    assert stored is not None
    return stored.connection_id


def test_participants_come_back_as_they_were(participants: Participants) -> None:
    """By id, by shard and all of them; each session is apart."""
    assert participants.add(ADA)
    assert participants.add(BOB)
    assert participants.add(HOST)
    assert participants.add(replace(ADA, session_id="s2"))
    assert participants.get("s1", "00ada") == ADA
    assert participants.get("s1", "host1") == HOST
    assert participants.get("s1", "01ada") is None
    assert participants.get("none", "00ada") is None
    assert participants.shard("s1", 0) == [ADA]
    assert participants.shard("s1", 1) == []
    assert participants.hosts("s1") == [HOST]
    assert participants.hosts("s2") == []
    assert participants.everybody(SESSION) == [ADA, BOB]


def test_nicknames_are_taken_once(participants: Participants) -> None:
    """In one session, whatever the case; the loser leaves no trace. Hosts have no name."""
    assert participants.add(ADA)
    assert not participants.add(replace(BOB, nickname="ADA"))
    assert participants.get("s1", "02bob") is None
    assert participants.add(replace(BOB, session_id="s2", nickname="ADA"))
    assert participants.add(HOST)
    assert participants.add(replace(HOST, participant_id="host2"))


def test_of_many_with_one_name_one_wins(participants: Participants) -> None:
    """Ten at once under one name: one joins."""

    def add(number: int) -> bool:
        return participants.add(replace(ADA, participant_id=f"00{number:02d}"))

    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(add, range(10)))
    assert outcomes.count(True) == 1
    assert len(participants.shard("s1", 0)) == 1


def test_binding_sockets(participants: Participants) -> None:
    """The newest socket is bound; the end of an older one changes nothing."""
    participants.add(ADA)
    assert participants.connect("s1", "00ada", "c1", NOW) is None
    assert participants.connect("s1", "00ada", "c1", NOW) == "c1"
    assert participants.connect("s1", "00ada", "c2", NOW) == "c1"
    participants.disconnect("s1", "00ada", "c1")
    assert bound(participants, ADA) == "c2"
    participants.disconnect("s1", "00ada", "c2")
    assert bound(participants, ADA) is None
    participants.disconnect("s1", "00ada", "c2")
    participants.disconnect("s1", "01nobody", "c2")
    assert participants.get("s1", "01nobody") is None
    assert participants.connect("s1", "00ada", "c3", NOW) is None


def test_hosts_have_sockets_too(participants: Participants) -> None:
    """In a partition of their own."""
    participants.add(HOST)
    participants.connect("s1", "host1", "c1", NOW)
    assert [host.connection_id for host in participants.hosts("s1")] == ["c1"]
    participants.disconnect("s1", "host1", "c1")
    assert [host.connection_id for host in participants.hosts("s1")] == [None]


def test_nobody_else_connects(participants: Participants) -> None:
    """Whoever is not stored, or was removed, is refused and not made up."""
    participants.add(ADA)
    participants.kick("s1", "00ada")
    for who in ("00ada", "01nobody", "host9"):
        with pytest.raises(Rejected) as caught:
            participants.connect("s1", who, "c", NOW)
        assert caught.value.code == "forbidden"
    assert participants.get("s1", "01nobody") is None


def test_pruning(participants: Participants) -> None:
    """Sockets that are gone are unbound, unless bound since or a moment ago."""
    for who in (ADA, BOB, HOST):
        participants.add(who)
        participants.connect("s1", who.participant_id, f"c-{who.participant_id}", NOW)
    gone = [*participants.everybody(SESSION), *participants.hosts("s1"), ADA]
    participants.prune(gone, NOW)
    assert bound(participants, ADA) == "c-00ada"
    participants.connect("s1", "02bob", "newer", NOW)
    participants.prune(gone, NOW + 1)
    assert bound(participants, ADA) is None
    assert bound(participants, HOST) is None
    assert bound(participants, BOB) == "newer"
    participants.prune([], NOW)


def test_kicking(participants: Participants) -> None:
    """Gives whoever was removed, with the socket to close; nobody where there is none."""
    participants.add(ADA)
    participants.connect("s1", "00ada", "c1", NOW)
    kicked = participants.kick("s1", "00ada")
    assert kicked == replace(ADA, connection_id="c1", kicked=True)
    assert participants.get("s1", "00ada") == kicked
    assert participants.kick("s1", "00ada") == kicked
    assert participants.kick("s1", "01nobody") is None
    assert participants.get("s1", "01nobody") is None
    assert not participants.add(replace(BOB, nickname="Ada"))


def test_kicking_bans_the_account(participants: Participants) -> None:
    """In this session only, and again if it is asked again; a guest has no account to ban."""
    participants.add(ADA)
    participants.add(BOB)
    participants.add(replace(ADA, session_id="s2"))
    assert not participants.banned("s1", "u")
    for _ in range(2):
        kicked = participants.kick("s1", "00ada")
        assert kicked is not None
        assert kicked.kicked
    assert participants.banned("s1", "u")
    assert not participants.banned("s2", "u")
    assert not participants.banned("s1", "v")
    participants.kick("s1", "02bob")
    assert not participants.banned("s1", "None")
    assert participants.everybody(SESSION) == [replace(ADA, kicked=True), replace(BOB, kicked=True)]
    assert not participants.add(replace(ADA, participant_id="01new", nickname="ADA"))
