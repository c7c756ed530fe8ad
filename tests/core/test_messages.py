"""quizkit.core.messages: reading clients' texts and building frames."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.core import messages
from quizkit.core.errors import Rejected
from quizkit.core.kinds import Rules, rules_view, shuffled
from quizkit.core.scoring import ClosedQuestion, Standing
from quizkit.core.session import Session, State, Window

SESSION = Session("s1", "quiz", "Capitals", "123456", 3, 1_000, state=State.OPEN, index=1)


def test_an_object_is_read() -> None:
    """A JSON object comes back as a dict, unknown fields and all."""
    assert messages.decode('{"action":"ping","more":[1]}') == {"action": "ping", "more": [1]}


@pytest.mark.parametrize(
    "text",
    [
        None,
        b"{}",
        7,
        "",
        "null",
        "[]",
        '"text"',
        "7",
        "{",
        "{}}",
        '{"a":NaN}',
        '{"a":Infinity}',
        '{"a":-Infinity}',
        '{"a":' + "9" * 5_000 + "}",
        "[" * 4_000 + "]" * 4_000,
        '{"a":' * 17 + "1" + "}" * 17,
        '{"s":"' + "]" * 3_000 + '","a":' + "[" * 2_000 + "]" * 2_000 + "}",
        '{"s":"\\"' + "]" * 3_000 + '","a":' + "[" * 2_000 + "]" * 2_000 + "}",
        '{"a":"' + "[" * 3_000,
    ],
)
def test_what_is_no_object_is_refused(text: object) -> None:
    """Anything but a JSON object gets `bad_request`; nesting cannot exhaust the stack."""
    with pytest.raises(Rejected) as caught:
        messages.decode(text)
    assert caught.value.code == "bad_request"


@pytest.mark.parametrize(
    "text",
    [
        '{"action":"ping","action":"ping"}',
        '{"a":{"b":1,"c":2,"b":1}}',
        '{"a":1,"\\u0061":2}',
        '{"a":9007199254740992}',
        '{"a":-9007199254740992}',
        '{"a":[1,{"b":99999999999999999999}]}',
        '{"a":9007199254740992.0}',
        '{"a":1e400}',
        '{"a":-1E16}',
        '{"a":"\\ud800"}',
        '{"a":"\\uDFFF"}',
        '{"a":"\\ude00\\ud83d"}',
        '{"a":["x",{"b":"\\ud83d and \\ude00"}]}',
        '{"\\ud800":1}',
        '{"a":"\ud800"}',
        '{"a":"é\udfff"}',
    ],
    ids=ascii,
)
def test_what_is_not_i_json_is_refused(text: str) -> None:
    """A field given twice, a number that not every reader keeps, half a character: no message."""
    with pytest.raises(Rejected) as caught:
        messages.decode(text)
    assert caught.value.code == "bad_request"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('{"a":9007199254740991}', 2**53 - 1),
        ('{"a":-9007199254740991}', -(2**53) + 1),
        ('{"a":9007199254740991.0}', 2.0**53 - 1),
        ('{"a":1e-400}', 0.0),
        ('{"a":-0}', 0),
        ('{"a":"\\ud83d\\ude00"}', "\U0001f600"),
        ('{"a":"\U0001f600"}', "\U0001f600"),
        ('{"a":"\\\\ud800"}', "\\ud800"),
        ('{"a":[{"b":1},{"b":2}]}', [{"b": 1}, {"b": 2}]),
    ],
    ids=ascii,
)
def test_what_is_just_i_json_is_read(text: str, read: object) -> None:
    """The limits are where they are said to be: whole pairs and the largest numbers are taken."""
    assert messages.decode(text) == {"a": read}


@given(st.text(st.characters(), max_size=20) | st.integers() | st.floats())
def test_what_is_read_can_be_sent(value: object) -> None:
    """Whatever a client writes, once it is read it can be written as UTF-8 again, unchanged."""
    text = json.dumps({"a": value})
    try:
        read = messages.decode(text)
    except Rejected:
        return
    assert json.loads(json.dumps(read, ensure_ascii=False).encode()) == {"a": value}


def test_brackets_in_a_string_are_text() -> None:
    """An answer full of brackets is no deep nesting."""
    text = "[" * 100
    assert messages.decode(json.dumps({"answer": text})) == {"answer": text}


def test_sixteen_levels_are_taken() -> None:
    """The limit is where it says."""
    assert messages.decode('{"a":' * 16 + "1" + "}" * 16)


@pytest.mark.parametrize("filler", ["x" * 40_000, "x" * messages.MAX_MESSAGE_BYTES, "é" * 4_096])
def test_long_messages_are_refused_unread(filler: str) -> None:
    """The limit counts bytes, not characters."""
    with pytest.raises(Rejected) as caught:
        messages.decode(json.dumps({"a": filler}, ensure_ascii=False))
    assert caught.value.code == "message_too_large"


def test_other_limits() -> None:
    """A reader that takes longer texts says so."""
    text = json.dumps({"a": "x" * messages.MAX_MESSAGE_BYTES})
    assert messages.decode(text, len(text))["a"]
    with pytest.raises(Rejected, match=f"at most {len(text) - 1} bytes"):
        messages.decode(text, len(text) - 1)


def test_a_message_of_the_longest_size_is_read() -> None:
    """8 KB are taken to the byte."""
    text = '{"a":"' + "x" * (messages.MAX_MESSAGE_BYTES - 8) + '"}'
    assert len(messages.decode(text)["a"]) == messages.MAX_MESSAGE_BYTES - 8


@given(st.text(max_size=200) | st.binary(max_size=50) | st.none())
def test_decode_raises_rejected_only(text: object) -> None:
    """Whatever arrives, the reader gives a dict or refuses."""
    try:
        read: object = messages.decode(text)
    except Rejected as refusal:
        read = {"refused": refusal.code}
    assert isinstance(read, dict)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(st.text(st.characters()), JSON, max_size=4))
def test_frames_are_valid_json_in_utf8(message: dict[str, Any]) -> None:
    """Every frame can be sent, and says what it was built from; surrogates survive escaped."""
    text = messages.encode(message)
    assert json.loads(text.encode()) == message


def test_lone_surrogates_are_sent_escaped() -> None:
    """What a program stored or named, though it is no Unicode text, cannot break an answer."""
    assert messages.encode({"path": "\ud800"}).encode() == b'{"path":"\\ud800"}'


def test_frames_are_compact() -> None:
    """No spaces, no escapes where none are needed."""
    assert messages.encode({"a": "é", "b": [1, None]}) == '{"a":"é","b":[1,null]}'


@pytest.mark.parametrize(
    ("ref", "kept"),
    [
        ("r1", "r1"),
        ("", ""),
        ("x" * messages.MAX_REF, "x" * messages.MAX_REF),
        ("x" * (messages.MAX_REF + 1), None),
        (7, 7),
        (-(2**53) + 1, -(2**53) + 1),
        (2**53, None),
        (True, None),
        (1.5, None),
        (None, None),
        (["r"], None),
        ({}, None),
    ],
)
def test_refs_are_echoed_where_usable(ref: object, kept: object) -> None:
    """Short texts and whole numbers that every JSON reader keeps come back; others do not."""
    assert messages.reference({"ref": ref}) == kept
    assert messages.reference({}) is None


def test_error_frame() -> None:
    """An error carries code, message and ref."""
    frame = messages.error(Rejected("unknown_action", "no such action"), "r7")
    assert frame == {
        "action": "error",
        "code": "unknown_action",
        "message": "no such action",
        "ref": "r7",
    }


def test_acknowledgements_hold_no_verdict_unless_given() -> None:
    """Right and wrong answers get the same frame in a live game."""
    frame = messages.accepted("q1", "r", 5_000, {})
    assert frame == {
        "action": "answer_accepted",
        "question_id": "q1",
        "ref": "r",
        "received_at": 5_000,
    }
    own = messages.accepted("q1", "r", 5_000, {"correct": True, "points": 10})
    assert (own["correct"], own["points"]) == (True, 10)


def test_new_question_shows_the_public_part_only() -> None:
    """The event has exactly the contract's fields; what else a stored row holds stays out."""
    public = {
        "question_id": "q2",
        "kind": "choice",
        "text": "Which?",
        "options": ["one", "two"],
        "time_limit": 20,
        "points": 1_000,
        "correct": ["b"],
        "explanation": "secret",
        "media": "x.png",
    }
    window = Window("q2", "choice", 2, 1_000, 20, 5_000, 25_000, correct=("b",))
    view = messages.question_view(public, SESSION, "https://m/x.png")
    event = messages.new_question(SESSION, window, view)
    assert event == {
        "action": "new_question",
        "session_id": "s1",
        "seq": 1,
        "question": {
            "id": "q2",
            "index": 1,
            "count": 3,
            "kind": "choice",
            "text": "Which?",
            "options": [{"id": "a", "text": "one"}, {"id": "b", "text": "two"}],
            "time_limit": 20,
            "media_url": "https://m/x.png",
        },
        "opens_at": 5_000,
        "closes_at": 25_000,
    }


def test_board_and_podium() -> None:
    """Lines hold rank, participant, nickname and score; a podium has three of them."""
    standings = [
        Standing(rank, f"p{rank}", f"N{rank}", 100 - rank, 5, 1, 1) for rank in range(1, 6)
    ]
    entries = messages.board_entries(standings)
    assert entries[0] == {"rank": 1, "participant_id": "p1", "nickname": "N1", "score": 99}
    assert len(entries) == 5
    assert messages.podium(standings) == entries[:3]
    assert messages.podium([]) == []


PUBLIC = {
    "question_id": "q1",
    "kind": "choice",
    "text": "Which?",
    "options": ["one", "two", "three", "four"],
    "points": 1_000,
    "time_limit": 20,
    "media": None,
    "alt": "A tower",
    "grading": "balanced",
    "penalty": 50,
    "range": ["0", "2.5"],
}


def test_what_questions_may_have() -> None:
    """A description of the media, a penalty, grading by parts and a range; left out elsewhere."""
    view = messages.question_view(PUBLIC, SESSION, None)
    found = {name: view[name] for name in ("alt", "grading", "penalty", "range")}
    assert found == {"alt": "A tower", "grading": "balanced", "penalty": 50, "range": [0, 2.5]}
    usual = {**PUBLIC, "alt": None, "grading": "all", "penalty": 0, "range": None}
    assert not {"alt", "grading", "penalty", "range"} & set(
        messages.question_view(usual, SESSION, None)
    )


def test_shuffled_options_keep_their_ids() -> None:
    """A session with a seed has an order of its own; true and false stay where they are."""
    session = replace(SESSION, shuffle_seed="s1")
    options = messages.question_view(PUBLIC, session, None)["options"]
    assert [option["id"] for option in options] == shuffled("abcd", "s1", "q1") != list("abcd")
    assert (
        sorted(options, key=lambda option: option["id"])
        == (messages.question_view(PUBLIC, SESSION, None)["options"])
    )
    again = messages.question_view(PUBLIC, replace(session, version=9), None)
    assert again["options"] == options
    boolean = messages.question_view({**PUBLIC, "kind": "boolean"}, session, None)
    assert [option["id"] for option in boolean["options"]] == list("abcd")


def test_a_key_after_its_question() -> None:
    """In the form of its kind; with the rules, where they are not the usual ones."""
    rules = Rules(tolerance="2")
    question = ClosedQuestion("q1", 0, 0, 1, 20, 1_000, ("1822",), 0, "number", rules)
    assert messages.key_view(question) == {
        "question_id": "q1",
        "correct": 1822,
        "rules": rules_view(rules),
    }
    choice = replace(question, kind="choice", correct=("b",), rules=Rules())
    assert messages.key_view(choice) == {"question_id": "q1", "correct": ["b"]}
