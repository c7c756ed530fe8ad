"""The functions as the bench calls them: a whole small game, at the gateway's places."""

from __future__ import annotations

import json

import pytest

from bench.counts import quiet
from bench.stage import Stage
from quizkit.core.session import State
from tests.fakes.cloud import cloud, redis_server


def test_a_game_through_all_functions(stage: Stage) -> None:
    """Joining, answering, the result and the end; counted on the way."""
    with quiet(), stage.counting() as counts:
        session = stage.session(stage.quiz(1, 30))
        ada, bob = stage.enter(session, 2)
        stage.command(session, "start")
        stage.wait_until_open(session)
        right, wrong = stage.answer(ada, "q1", "b"), stage.answer(bob, "q1", "c")
        stage.command(session, "close")
        settled = stage.settle(session)
        ended = stage.command(session, "end")
        stage.leave(ada)
    assert right["action"] == wrong["action"] == "answer_accepted"
    assert (settled.state, ended.state) == (State.REVEALED, State.FINISHED)
    podium = json.loads(counts.bodies[bob.connection_id][-1])["podium"]
    assert [line["participant_id"] for line in podium] == [
        player.joined["participant_id"] for player in (ada, bob)
    ]
    assert podium[0]["score"] > podium[1]["score"] == 0
    assert counts.invocations["authorizer"] == 2
    assert counts.invocations["broadcast"] == 3
    assert set(counts.bodies) == {ada.connection_id, bob.connection_id}


def test_what_functions_refuse_is_an_error_here(stage: Stage) -> None:
    """A bench that counts refusals would count too little."""
    with quiet():
        session = stage.session(stage.quiz(1, 30))
        player = stage.join(session, "Ada")
        with pytest.raises(RuntimeError, match=r"nobody can join.*taken"):
            stage.join(session, "Ada")
        with pytest.raises(RuntimeError, match="close"):
            stage.command(session, "close")
        stage.wiring.participants.kick(session["session_id"], player.joined["participant_id"])
        stage.connect(player)
        assert stage.arrive(player)["code"] == "forbidden"


def test_a_batch_of_the_stream_reaches_the_counter(stage: Stage) -> None:
    """One invocation for all its rows."""
    with quiet():
        session = stage.session(stage.quiz(1, 30))
        players = stage.enter(session, 3)
        stage.command(session, "start")
        with stage.counting() as counts:
            stage.count(players, "q1")
    assert counts.invocations["counter"] == 1
    assert stage.wiring.sessions.tally(session["session_id"], "q1", 0)[0] == 3


def test_without_a_wire_requests_go_straight_to_the_emulator() -> None:
    """For measuring time there is nothing between."""
    plain = Stage(cloud().port, redis_server().port, counted=False)
    with quiet():
        session = plain.session(plain.quiz(1, 30))
        assert plain.load(session).state is State.LOBBY
    assert plain.wire is None
    plain.close()
