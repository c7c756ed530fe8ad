"""Stored players and answers are as if somebody had joined and answered."""

from __future__ import annotations

import pytest

from bench.counts import quiet
from bench.seeding import Seeding
from bench.stage import Stage


def test_players_and_answers_are_what_the_functions_find(stage: Stage) -> None:
    """In the functions' own stores, with sockets, in all shards."""
    with quiet():
        session = stage.load(stage.session(stage.quiz(1, 30)))
    seeding = Seeding(stage)
    people = seeding.players(session, 60, hosts=2)
    seeding.answers(session, people, "q1", session.created_at)
    seeding.close()
    stored = stage.wiring.participants.everybody(session)
    assert {who.participant_id for who in stored} == {who.participant_id for who in people}
    assert len({who.participant_id[:2] for who in stored}) == session.shards
    assert all(who.connection_id for who in stored)
    assert len(stage.wiring.participants.hosts(session.session_id)) == 2
    rows = stage.wiring.answers.of_question(session, "q1")
    assert {row.participant_id for row in rows} == {who.participant_id for who in people}
    assert {row.answer for row in rows} == {("b",), ("c",)}


def test_nicknames_are_taken(stage: Stage) -> None:
    """Whoever joins beside them meets their names."""
    with quiet():
        made = stage.session(stage.quiz(1, 30))
        seeding = Seeding(stage)
        seeding.players(stage.load(made), 3, connected=False)
        seeding.close()
        with pytest.raises(RuntimeError, match="nickname_taken"):
            stage.join(made, "Player 00001")
    assert not any(
        who.connection_id for who in stage.wiring.participants.everybody(stage.load(made))
    )
