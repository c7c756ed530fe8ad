"""quizkit.lambdas.services.counting: the host's counter, and the proposal to close early."""

from __future__ import annotations

from typing import Any

from quizkit.core.session import Command
from tests.fakes.game import World


def record(session_id: str, question_id: str, who: str, kind: str = "INSERT") -> dict[str, Any]:
    """A record of the answers table's stream."""
    keys = {"pk": {"S": f"{session_id}#00"}, "sk": {"S": f"{question_id}#{who}"}}
    return {"eventName": kind, "dynamodb": {"Keys": keys}}


def test_hosts_see_the_number_of_answers(world: World) -> None:
    """A batch is one event, to hosts only, with how many were asked."""
    session = world.create()
    ada, host = world.join(session, "Ada"), world.join_host(session)
    world.join(session, "Bob")
    world.apply(session, Command.START)
    sid = session.session_id
    world.counting.count([record(sid, "q1", "00a"), record(sid, "q1", "00b")])
    (event,) = host.events("answer_count")
    assert (event["question_id"], event["answers"], event["participants"]) == ("q1", 2, 2)
    assert ada.events("answer_count") == []
    world.counting.count([record(sid, "q1", "00c")])
    assert [e["answers"] for e in host.events("answer_count")] == [2, 3]


def test_only_new_answers_count(world: World) -> None:
    """Rows that expire or change are no answers."""
    session = world.create()
    host = world.join_host(session)
    world.apply(session, Command.START)
    sid = session.session_id
    world.counting.count([record(sid, "q1", "00a", "REMOVE"), record(sid, "q1", "00a", "MODIFY")])
    assert host.events("answer_count") == []


def test_what_is_over_is_not_shown(world: World) -> None:
    """Late records of another question, a settled one or an unknown session send nothing."""
    session = world.create()
    host = world.join_host(session)
    sid = session.session_id
    world.counting.count([record(sid, "q1", "00a")])
    world.apply(session, Command.START)
    world.counting.count([record(sid, "q2", "00a")])
    world.run()
    world.counting.count([record(sid, "q1", "00b")])
    assert host.events("answer_count") == []


def test_closing_early_is_proposed_when_all_have_answered(world: World) -> None:
    """Only in sessions that ask for it, and only then; a doubled record merely proposes."""
    session = world.create(close_early=True)
    ada, bob = world.join(session, "Ada"), world.join(session, "Bob")
    plain = world.create()
    world.join(plain, "Carl")
    started = world.apply(session, Command.START)
    world.apply(plain, Command.START)
    assert started.window is not None
    world.clock.now = started.window.opens_at
    ada.answer("q1", "b")
    sid = session.session_id
    world.counting.count([record(sid, "q1", ada.id), record(plain.session_id, "q1", "00c")])
    world.counting.count([record(sid, "q1", ada.id)])
    proposals = [body for body in world.queue.bodies() if "all_answered" in body]
    assert proposals == [{"session_id": sid, "all_answered": "q1"}]
    world.receive(proposals[0])
    assert world.load(session) == started
    bob.answer("q1", "b")
    world.receive(proposals[0])
    assert world.load(session) != started
