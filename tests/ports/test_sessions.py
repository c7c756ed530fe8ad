"""`ports.Sessions`: one suite over the fake and DynamoDB."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from quizkit.core.kinds import Rules
from quizkit.core.scoring import ClosedQuestion, Standing
from quizkit.core.session import NAMED_REMOVALS, Session, State, Window
from quizkit.lambdas.adapters.dynamo import ConditionFailed
from quizkit.lambdas.adapters.sessions import DynamoSessions
from quizkit.lambdas.ports import Line, Sessions, StaleVersion
from tests.fakes.cloud import cloud

NOW = 1_800_000_000_000
SESSION = Session("s1", "quiz", "Capitals", "123456", 3, created_at=NOW, changed_at=NOW, shards=3)
WINDOW = Window("q1", "choice", 3, 1_000, 20, NOW, NOW + 20_000)


def number(place: int) -> Session:
    """Another session, created later by so many milliseconds."""
    return replace(SESSION, session_id=f"s{place}", pin=f"{place:06d}", created_at=NOW + place)


def test_a_session_comes_back_as_it_was(sessions: Sessions) -> None:
    """Every field, whatever it holds."""
    full = replace(
        SESSION,
        scoring="flat",
        feedback="immediate",
        auto=True,
        lobby_seconds=0,
        reveal_seconds=9,
        close_early=True,
        state=State.OPEN,
        version=7,
        index=2,
        settled=2,
        window=replace(WINDOW, correct=("a", "c")),
        ending=True,
        locked=True,
        finished_at=NOW + 5,
        owner="ada-1",
    )
    assert sessions.create(full)
    assert sessions.load("s1") == full
    assert sessions.create(number(2))
    assert sessions.load("s2") == number(2)
    assert sessions.load("none") is None


def test_removals_are_counted_beside_the_moves(sessions: Sessions) -> None:
    """A move by somebody who has not seen them does not set them back, nor is it refused."""
    assert sessions.create(SESSION)
    sessions.removed("s1", "02bob")
    moved = replace(SESSION, version=2, locked=True)
    sessions.save(moved, was=1, events=0, effects=False)
    assert sessions.load("s1") == replace(moved, removals=1, removed=("02bob",))
    sessions.removed("s1", "01ada")
    both = replace(moved, removals=2, removed=("01ada", "02bob"))
    assert sessions.load("s1") == both
    sessions.removed("s1", "01ada")
    assert sessions.load("s1") == replace(both, removals=3)


def test_so_many_who_were_removed_are_named_and_no_more(sessions: Sessions) -> None:
    """The others are counted still, so that readers know that names are missing."""
    assert sessions.create(SESSION)
    people = [f"00{place:03d}" for place in range(NAMED_REMOVALS + 2)]
    for who in people:
        sessions.removed("s1", who)
    loaded = sessions.load("s1")
    assert loaded is not None
    assert (loaded.removals, loaded.removed) == (len(people), tuple(people[:NAMED_REMOVALS]))


def test_of_a_session_that_is_gone_nobody_is_removed() -> None:
    """No row comes to be by a removal that is late."""
    sessions = DynamoSessions(cloud().store())
    with pytest.raises(ConditionFailed):
        sessions.removed("gone", "00ada")
    assert sessions.load("gone") is None


def test_a_session_from_before_there_were_owners() -> None:
    """A stored item without one is read as the admins'."""
    store = cloud().store()
    sessions = DynamoSessions(store)
    sessions.create(replace(SESSION, owner="ada-1"))
    store.update("s1", "state", "REMOVE #owner", names={"#owner": "owner"})
    assert sessions.load("s1") == SESSION
    assert SESSION.owner == "admin"


def test_ids_and_pins_are_given_once(sessions: Sessions) -> None:
    """A taken id or PIN refuses the whole session and leaves no trace of it."""
    assert sessions.create(SESSION)
    assert not sessions.create(replace(SESSION, pin="654321"))
    assert not sessions.create(replace(SESSION, session_id="s2"))
    assert sessions.load("s2") is None
    assert sessions.find_pin("654321", NOW) is None
    assert [item["session_id"] for item in sessions.listing(live=True, cursor=None)[0]] == ["s1"]


def test_pins(sessions: Sessions) -> None:
    """A PIN finds its session until it is given back or has expired."""
    sessions.create(SESSION)
    assert sessions.find_pin("123456", NOW) == "s1"
    assert sessions.find_pin("000000", NOW) is None
    month = 30 * 24 * 3_600_000
    assert sessions.find_pin("123456", NOW + month - 1_000) == "s1"
    assert sessions.find_pin("123456", NOW + month + 1_000) is None


def test_saving_is_a_compare_and_set(sessions: Sessions) -> None:
    """Only on the version that was loaded; the loser changes nothing."""
    sessions.create(SESSION)
    after = replace(SESSION, version=2, locked=True)
    assert sessions.save(after, was=1, events=0, effects=False) == after
    with pytest.raises(StaleVersion):
        sessions.save(replace(SESSION, version=2), was=1, events=1, effects=True)
    with pytest.raises(StaleVersion):
        sessions.save(number(9), was=1, events=0, effects=False)
    assert sessions.load("s1") == after
    assert sessions.load("s9") is None
    assert sessions.pending("s1") == 0


def test_of_many_savers_one_wins(sessions: Sessions) -> None:
    """Twenty at once on the same version: one is saved."""
    sessions.create(SESSION)

    def save(place: int) -> bool:
        try:
            sessions.save(replace(SESSION, version=2, index=place), was=1, events=1, effects=True)
        except StaleVersion:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(save, range(20)))
    assert outcomes.count(True) == 1
    stored = sessions.load("s1")
    assert stored is not None
    assert stored.index == outcomes.index(True)


def test_numbers_of_events(sessions: Sessions) -> None:
    """A move gets consecutive numbers; events without a move are numbered in between."""
    sessions.create(SESSION)
    opened = sessions.save(
        replace(SESSION, version=2, state=State.OPEN, window=WINDOW), was=1, events=1, effects=True
    )
    assert opened.first_seq == 1
    assert [sessions.next_seq("s1"), sessions.next_seq("s1")] == [2, 3]
    shown = sessions.save(
        replace(opened, version=3, state=State.REVEALED), was=2, events=2, effects=True
    )
    assert shown.first_seq == 4
    locked = sessions.save(replace(shown, version=4), was=3, events=0, effects=False)
    assert locked.first_seq == 4
    assert sessions.next_seq("s1") == 6
    assert sessions.load("s1") == locked


def test_unfinished_effects(sessions: Sessions) -> None:
    """A version is pending until it is reported done; a later one is not touched by that."""
    sessions.create(SESSION)
    assert sessions.pending("s1") == 0
    assert sessions.pending("none") == 0
    sessions.save(replace(SESSION, version=2), was=1, events=1, effects=True)
    assert sessions.pending("s1") == 2
    sessions.save(replace(SESSION, version=3, locked=True), was=2, events=0, effects=False)
    assert sessions.pending("s1") == 2
    sessions.save(replace(SESSION, version=4), was=3, events=1, effects=True)
    sessions.done("s1", 2)
    assert sessions.pending("s1") == 4
    sessions.done("s1", 4)
    sessions.done("s1", 4)
    assert sessions.pending("s1") == 0


def test_retiring(sessions: Sessions) -> None:
    """The PIN is free again and the session no longer live; twice is once."""
    sessions.create(SESSION)
    sessions.retire(SESSION)
    assert sessions.find_pin("123456", NOW) is None
    assert sessions.listing(live=True, cursor=None) == ([], None)
    assert len(sessions.listing(live=False, cursor=None)[0]) == 1
    heir = replace(number(2), pin="123456")
    assert sessions.create(heir)
    sessions.retire(SESSION)
    assert sessions.find_pin("123456", NOW) == "s2"


def test_lists_are_paged(sessions: Sessions) -> None:
    """Newest first, each session once, whatever the number of pages."""
    for place in range(60):
        sessions.create(number(place))
    sessions.retire(number(59))
    for live, expected in ((False, range(59, -1, -1)), (True, range(58, -1, -1))):
        found: list[str] = []
        cursor: str | None = None
        pages = 0
        while True:
            items, cursor = sessions.listing(live=live, cursor=cursor)
            found += [item["session_id"] for item in items]
            pages += 1
            if cursor is None:
                break
        assert found == [f"s{place}" for place in expected]
        assert pages == 2
    (item, *_), _ = sessions.listing(live=True, cursor=None)
    assert (item["state"], item["quiz_id"], item["title"]) == ("lobby", "quiz", "Capitals")


def test_claims(sessions: Sessions) -> None:
    """A duty is held by one, free again when given back or after its time, never once done."""
    assert sessions.claim("s1", "winners", NOW, 1_000)
    assert not sessions.claim("s1", "winners", NOW + 999, 1_000)
    assert sessions.claim("s1", "other", NOW, 1_000)
    assert sessions.claim("s2", "winners", NOW, 1_000)
    assert sessions.claim("s1", "winners", NOW + 1_001, 1_000)
    sessions.settle_claim("s1", "winners", done=False)
    assert sessions.claim("s1", "winners", NOW + 1_002, 1_000)
    assert not sessions.is_settled("s1", "winners")
    assert not sessions.is_settled("s1", "never")
    sessions.settle_claim("s1", "winners", done=True)
    assert sessions.is_settled("s1", "winners")
    assert not sessions.claim("s1", "winners", NOW + 10**9, 1_000)


def test_of_many_claimants_one_wins(sessions: Sessions) -> None:
    """Twenty at once: one."""
    with ThreadPoolExecutor(20) as pool:
        outcomes = pool.map(lambda _: sessions.claim("s1", "winners", NOW, 10**6), range(20))
    assert list(outcomes).count(True) == 1


def test_settled_questions(sessions: Sessions) -> None:
    """In their order, as they were; adding one again replaces it."""
    sessions.create(SESSION)
    assert sessions.questions("s1") == []
    second = ClosedQuestion("q2", 1, NOW, NOW + 5, 20, 500, ("a", "c"), 3)
    first = ClosedQuestion("q1", 0, NOW, NOW + 5, 20, 1_000, ("b",), 4)
    extra = {"explanation": None, "counts": {"a": 1, "b": 0}}
    sessions.add_question("s1", second, {})
    sessions.add_question("s1", first, {"explanation": "old"})
    sessions.add_question("s1", first, extra)
    assert sessions.questions("s1") == [(first, extra), (second, {})]
    assert sessions.questions("none") == []


def test_pages_of_standings(sessions: Sessions) -> None:
    """A page is replaced whole, and says as of how many questions it is."""
    sessions.create(SESSION)
    assert sessions.lines(SESSION, 0) == (0, [])
    line = Line(Standing(1, "00a", 'A "b" é', 5, 6, NOW, 1), ("a", "c"), True, 5)
    none = Line(Standing(2, "00b", "B", 0, 0, NOW, 0))
    settled = replace(SESSION, settled=1)
    sessions.put_lines(settled, {0: [line, none], 2: []})
    assert sessions.lines(SESSION, 0) == (1, [line, none])
    assert sessions.lines(SESSION, 2) == (1, [])
    assert sessions.lines(SESSION, 1) == (0, [])
    sessions.put_lines(replace(SESSION, settled=2), {0: [none]})
    assert sessions.lines(SESSION, 0) == (2, [none])


def test_a_large_page(sessions: Sessions) -> None:
    """A shard of a thousand players fits."""
    sessions.create(SESSION)
    lines = [
        Line(Standing(n, f"00{n:016x}", "N" * 24, 10**8, 10**7, NOW, 500), ("a", "b"), True, 10**6)
        for n in range(1_000)
    ]
    sessions.put_lines(replace(SESSION, settled=1), {0: lines})
    assert sessions.lines(SESSION, 0) == (1, lines)


def test_the_ending(sessions: Sessions) -> None:
    """None before the end; replaced when finishing is repeated."""
    sessions.create(SESSION)
    assert sessions.ending("s1") == (None, None)
    entry = {"rank": 1, "participant_id": "00a", "nickname": "A", "score": 5}
    sessions.put_ending("s1", [{**entry, "score": 4}], None)
    sessions.put_ending("s1", [entry], "salt")
    assert sessions.ending("s1") == ([entry], "salt")
    assert sessions.ending("none") == (None, None)


def test_tallies(sessions: Sessions) -> None:
    """Answers add up; how many were asked may be known before, after or never."""
    sessions.create(SESSION)
    assert sessions.tally("s1", "q1", 3) == (3, None)
    sessions.expect("s1", "q1", 9)
    assert sessions.tally("s1", "q1", 2) == (5, 9)
    sessions.expect("s1", "q2", 4)
    assert sessions.tally("s1", "q2", 1) == (1, 4)


def test_the_lobby_is_poked_once_an_interval(sessions: Sessions) -> None:
    """The first who comes sends the news; the others of the interval do not."""
    sessions.create(SESSION)
    assert sessions.poke_lobby("s1", NOW, 1_000) == (True, NOW + 1_000)
    assert sessions.poke_lobby("s1", NOW + 999, 1_000) == (False, NOW + 1_000)
    assert sessions.poke_lobby("s1", NOW + 1_000, 500) == (True, NOW + 1_500)
    assert sessions.poke_lobby("s1", NOW + 1_000, 9_000, "all") == (True, NOW + 10_000)
    assert sessions.poke_lobby("s1", NOW + 1_500, 500) == (True, NOW + 2_000)
    assert sessions.poke_lobby("s1", NOW + 9_999, 1, "all") == (False, NOW + 10_000)


def test_the_key_of_an_open_question_with_its_rules(sessions: Sessions) -> None:
    """In a self-paced session, whose acknowledgements tell the verdict."""
    rules = Rules("balanced", 50, "0.5", True, ("0", "9.5"), "loose")
    window = replace(WINDOW, kind="number", correct=("2.5",), rules=rules)
    session = replace(SESSION, window=window, streak_bonus=50, shuffle_seed="seed")
    sessions.create(session)
    assert sessions.load("s1") == session


def test_settled_questions_of_kinds(sessions: Sessions) -> None:
    """With the rules by which every later fold judges."""
    sessions.create(SESSION)
    rules = Rules(tolerance="0.1", nearest=True, range=("-1", "1e-07"), penalty=7)
    number = ClosedQuestion("q1", 0, NOW, NOW + 5, 20, 500, ("0",), 0, "number", rules)
    order = ClosedQuestion("q2", 1, NOW, NOW + 5, 20, 500, ("c", "a", "b"), 3, "order")
    sessions.add_question("s1", number, {})
    sessions.add_question("s1", order, {})
    assert [question for question, _ in sessions.questions("s1")] == [number, order]


def test_pages_of_kinds(sessions: Sessions) -> None:
    """Streaks, scores below nothing, and answers in the form of their kind."""
    sessions.create(SESSION)
    line = Line(Standing(1, "00a", "A", -50, 6, NOW, 1, 3), ("Zürich 🙂",), False, -50, "text")
    none = Line(Standing(2, "00b", "B", -99, 0, NOW, 0), kind="text")
    sessions.put_lines(replace(SESSION, settled=1), {0: [line, none]})
    assert sessions.lines(SESSION, 0) == (1, [line, none])


def test_a_large_page_of_typed_answers(sessions: Sessions) -> None:
    """Where all type as much as they may, a page keeps the beginnings; standings stay whole."""
    sessions.create(SESSION)
    lines = [
        Line(
            Standing(n, f"00{n:016x}", "N" * 24, 10**8, 10**7, NOW, 500, 9),
            ("🙂" * 200,),
            kind="text",
        )
        for n in range(1_500)
    ]
    lines[7] = replace(lines[7], answer=None)
    sessions.put_lines(replace(SESSION, settled=1), {0: lines})
    settled, found = sessions.lines(SESSION, 0)
    assert settled == 1
    assert [line.standing for line in found] == [line.standing for line in lines]
    assert found[7].answer is None
    if isinstance(sessions, DynamoSessions):
        assert found[0].answer == ("🙂" * 12 + "…",)
