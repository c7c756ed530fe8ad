"""The pure client protocol: what to send, what a frame means, nothing twice."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.sdk.errors import Conflict, Misuse, NotFound, Refused
from quizkit.sdk.live_events import (
    Answer,
    AnswerCount,
    Event,
    Joined,
    Lobby,
    NewQuestion,
    RawEvent,
    Reconnected,
    ServerError,
)
from quizkit.sdk.live_protocol import Ack, LiveProtocol, Output, Settled

SESSION = {"session_id": "s1", "state": "lobby", "participant_id": "p1"}
QUESTION = {
    "id": "q1",
    "index": 0,
    "count": 2,
    "kind": "choice",
    "text": "?",
    "options": [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}],
    "time_limit": 20,
}


def protocol() -> LiveProtocol:
    """A protocol whose refs are r0, r1, …."""
    numbers = count()
    return LiveProtocol(lambda: f"r{next(numbers)}")


def joined() -> LiveProtocol:
    """A protocol on a joined socket; its next ref is r1."""
    made = protocol()
    made.opened()
    say(made, action="quiz_joined", session=SESSION)
    return made


def say(client: LiveProtocol, **frame: Any) -> tuple[Output, ...]:
    """Let the server send a frame."""
    return client.received(json.dumps(frame))


def ask(client: LiveProtocol, seq: int) -> tuple[Output, ...]:
    """Let the server send a question."""
    return say(
        client,
        action="new_question",
        session_id="s1",
        seq=seq,
        question=QUESTION,
        opens_at=1,
        closes_at=2,
    )


def test_the_first_frame_joins() -> None:
    """A fresh socket sends join_quiz; its answer is Joined, a later one Reconnected."""
    client = protocol()
    (frame,) = client.opened()
    assert json.loads(frame)["action"] == "join_quiz"
    (first,) = say(client, action="quiz_joined", session=SESSION)
    client.lost()
    client.opened()
    (second,) = say(client, action="quiz_joined", session=SESSION)
    assert isinstance(first, Joined)
    assert isinstance(second, Reconnected)
    assert client.snapshot is second.snapshot


def test_waiting_answers_are_repeated_on_a_new_socket() -> None:
    """After a loss, every answer without acknowledgement goes out again, byte for byte."""
    client = joined()
    ref, frame = client.answer("q1", ["a"])
    client.lost()
    join, repeated = client.opened()
    assert json.loads(join)["action"] == "join_quiz"
    assert repeated == frame
    assert json.loads(frame) == {
        "action": "submit_answer",
        "question_id": "q1",
        "answer": ["a"],
        "ref": ref,
    }


@pytest.mark.parametrize("answer", [["c", "a", "b"], 1_822, 7.5, 0, "Canberra", 'ä"\n'])
def test_answers_of_every_kind(answer: Answer) -> None:
    """A list, a number and a text go out as they are."""
    client = joined()
    _, frame = client.answer("q1", answer)
    sent = json.loads(frame)["answer"]
    assert sent == answer
    assert type(sent) is type(answer)


@pytest.mark.parametrize("answer", [float("nan"), float("inf")])
def test_numbers_that_json_has_not(answer: float) -> None:
    """They are refused at once: a platform could not even say whose answer it refuses."""
    client = joined()
    with pytest.raises(Misuse, match="no number"):
        client.answer("q1", answer)
    assert client.waiting == ()


def test_an_acknowledgement_settles_once() -> None:
    """The first acknowledgement settles the answer; its repeat is nothing at all."""
    client = joined()
    ref, _ = client.answer("q1", ["a"])
    frame = {"action": "answer_accepted", "question_id": "q1", "ref": ref, "received_at": 7}
    assert say(client, **frame, correct=True) == (
        Settled(ref, Ack("q1", ref, 7, {"correct": True})),
    )
    assert say(client, **frame) == ()
    assert client.waiting == ()
    assert len(client.opened()) == 1


def test_a_strange_acknowledgement() -> None:
    """One for nobody is an event; one without a time settles as refused."""
    client = joined()
    ref, _ = client.answer("q1", ["a"])
    (unknown,) = say(client, action="answer_accepted", question_id="q1", ref="?", received_at=1)
    (settled,) = say(client, action="answer_accepted", question_id="q1", ref=ref)
    assert isinstance(unknown, RawEvent)
    assert isinstance(settled, Settled)
    assert isinstance(settled.result, Refused)


def test_errors_find_their_request() -> None:
    """An error with a known ref settles it; a passing trouble leaves it waiting."""
    client = joined()
    ref, _ = client.answer("q1", ["a"])
    for code in ("unavailable", "internal", "too_many_requests"):
        assert say(client, action="error", code=code, message="m", ref=ref) == ()
        assert client.waiting == (ref,)
    (settled,) = say(client, action="error", code="question_closed", message="m", ref=ref)
    assert isinstance(settled, Settled)
    assert isinstance(settled.result, Refused)
    assert say(client, action="error", code="question_closed", message="m", ref=ref) == ()


@pytest.mark.parametrize("named", [True, False])
def test_an_error_while_joining_is_the_joins(named: bool) -> None:
    """Before quiz_joined an error that names the join, or nothing, refuses the join."""
    client = protocol()
    ref = json.loads(client.opened()[0])["ref"]
    frame = {"action": "error", "code": "session_not_found", "message": "m"}
    (settled,) = say(client, **frame, ref=ref if named else None)
    assert isinstance(settled, Settled)
    assert settled.ref == ""
    assert isinstance(settled.result, NotFound)


def test_other_errors_are_events() -> None:
    """An error that belongs to no request is a ServerError."""
    assert say(joined(), action="error", code="internal", message="m") == (
        ServerError("internal", "m"),
    )


def test_a_commands_error_has_its_ref() -> None:
    """A host's command is sent once and settled by the error with its ref."""
    client = joined()
    ref, frame = client.command("kick", participant_id="p9")
    assert json.loads(frame)["participant_id"] == "p9"
    (settled,) = say(client, action="error", code="not_allowed_now", message="m", ref=ref)
    assert isinstance(settled, Settled)
    assert isinstance(settled.result, Conflict)
    client.lost()
    assert len(client.opened()) == 1


def test_a_reply_with_ref_settles_and_an_event_with_ref_does_both() -> None:
    """Whatever bears our ref settles the request; a numbered event is passed on besides."""
    client = joined()
    (reply,) = say(client, action="locked", ref="r1")
    assert reply == Settled("r1", {"action": "locked", "ref": "r1"})
    both = say(client, action="lobby", session_id="s1", seq=1, participants=1, ref="r2")
    assert [type(output) for output in both] == [Settled, Lobby]


def test_order_of_the_games_events() -> None:
    """Repeats and latecomers are dropped; lobby and answer counts have their own order."""
    client = joined()
    assert ask(client, 5)
    assert ask(client, 5) == ()
    assert ask(client, 4) == ()
    lobby = {"action": "lobby", "session_id": "s1", "participants": 3, "newest": ["Ada"]}
    (late,) = say(client, **lobby, seq=3)
    assert isinstance(late, Lobby)
    assert say(client, **lobby, seq=3) == ()
    tally = {"action": "answer_count", "question_id": "q1", "answers": 1, "participants": 3}
    (counted,) = say(client, **tally, session_id="s1", seq=9)
    assert isinstance(counted, AnswerCount)
    assert ask(client, 6)
    client.lost()
    client.opened()
    assert ask(client, 6) == ()


def test_the_end() -> None:
    """quiz_finished, or the snapshot of a finished session with its podium, is the end."""
    client = joined()
    before = client.over
    say(client, action="quiz_finished", session_id="s1", seq=1, podium=[], you=None)
    assert (before, client.over) == (False, True)
    for podium, over in ((None, False), ([], True)):
        other = protocol()
        other.opened()
        say(other, action="quiz_joined", session={**SESSION, "state": "finished", "podium": podium})
        assert other.over is over


def test_pongs_are_nothing() -> None:
    """The answer to a ping is no event."""
    assert say(joined(), action="pong") == ()


def test_a_withdrawn_answer_is_forgotten() -> None:
    """Nobody waits any more: nothing is repeated, and a late acknowledgement is nothing."""
    client = joined()
    ref, _ = client.answer("q1", ["a"])
    client.withdraw(ref)
    assert len(client.opened()) == 1
    assert say(client, action="answer_accepted", question_id="q1", ref=ref, received_at=1) == ()


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "not json", "3", '{"action": 7}', '{"message": "Internal server error"}'],
)
def test_what_is_no_message_is_a_raw_event(text: str) -> None:
    """Frames of no known shape come out as RawEvent, and the client lives on."""
    (event,) = joined().received(text)
    assert isinstance(event, RawEvent)


@given(
    st.dictionaries(
        st.sampled_from(
            ["action", "seq", "ref", "session", "question", "podium", "you", "entries", "code"]
        ),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=5) | st.sampled_from(["quiz_joined"]),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(st.sampled_from(["session_id", "state", "id"]), inner, max_size=2)
            ),
            max_leaves=4,
        ),
    ),
    st.sampled_from(
        ["quiz_joined", "error", "answer_accepted", "new_question", "lobby", "quiz_finished"]
    ),
)
def test_no_frame_breaks_it(fields: dict[str, Any], action: str) -> None:
    """Whatever JSON objects a server sends, receiving never raises."""
    client = joined()
    client.answer("q1", ["a"])
    for _ in range(2):
        client.received(json.dumps({**fields, "action": action}))


@given(st.lists(st.integers(1, 30)))
def test_numbers_of_events_only_grow(numbers: list[int]) -> None:
    """However frames are repeated and reordered, the numbers passed on grow strictly."""
    client = joined()
    outputs = [output for number in numbers for output in ask(client, number)]
    passed = [output.seq for output in outputs if isinstance(output, Event)]
    assert passed == sorted(set(passed))
    assert all(isinstance(output, NewQuestion) for output in outputs)
