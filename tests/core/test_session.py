"""quizkit.core.session: every state × command, and what follows from each state."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from quizkit.core.errors import Rejected
from quizkit.core.kinds import Rules
from quizkit.core.session import (
    DRAIN_MS,
    EVENTS,
    LEAD_MS,
    LEASE_MS,
    MOVES,
    NAMED_REMOVALS,
    Ask,
    Command,
    Finish,
    Move,
    Plan,
    Reveal,
    Session,
    State,
    Timer,
    Window,
    effects_of,
    opens_question,
    settles_at,
    step,
    timers_of,
)

NOW = 1_000_000
PLAN = Plan("q1", "choice", 3, 1_000, 20)
LOBBY = Session("s", "quiz", "T", "123456", 2, created_at=500_000, changed_at=500_000)
WINDOW = Window("q1", "choice", 3, 1_000, 20, opens_at=NOW - 5_000, closes_at=NOW + 15_000)
OPEN = replace(LOBBY, state=State.OPEN, index=0, window=WINDOW, version=2, changed_at=NOW - 6_000)
OVER = replace(OPEN, window=replace(WINDOW, closes_at=NOW - DRAIN_MS))
REVEALED = replace(OPEN, state=State.REVEALED, settled=1, version=3)
FINISHED = replace(REVEALED, state=State.FINISHED, finished_at=NOW - 1, version=4)
STATES = {State.LOBBY: LOBBY, State.OPEN: OVER, State.REVEALED: REVEALED, State.FINISHED: FINISHED}


def move(command: Command, *, now: int = NOW, **more: int) -> Move:
    """A move that would have all it needs."""
    return Move(command, now, plan=PLAN, correct=("b",), **more)


def refusal(session: Session, the_move: Move) -> Rejected:
    """The refusal of a move that must not be made."""
    with pytest.raises(Rejected) as caught:
        step(session, the_move)
    return caught.value


#: Where every legal move leads.
LEADS_TO = {
    (State.LOBBY, Command.START): State.OPEN,
    (State.LOBBY, Command.NEXT): State.OPEN,
    (State.LOBBY, Command.END): State.FINISHED,
    (State.LOBBY, Command.LOCK): State.LOBBY,
    (State.LOBBY, Command.UNLOCK): State.LOBBY,
    (State.OPEN, Command.CLOSE): State.OPEN,
    (State.OPEN, Command.END): State.OPEN,
    (State.OPEN, Command.SETTLE): State.REVEALED,
    (State.OPEN, Command.LOCK): State.OPEN,
    (State.OPEN, Command.UNLOCK): State.OPEN,
    (State.REVEALED, Command.NEXT): State.OPEN,
    (State.REVEALED, Command.END): State.FINISHED,
    (State.REVEALED, Command.LOCK): State.REVEALED,
    (State.REVEALED, Command.UNLOCK): State.REVEALED,
}


@pytest.mark.parametrize(("state", "command"), list(product(State, Command)))
def test_every_state_and_command(state: State, command: Command) -> None:
    """The table is the whole truth: what it lists is made, the rest raises and changes nothing."""
    session = STATES[state]
    before = replace(session)
    if (state, command) in LEADS_TO:
        after, _ = step(session, move(command))
        assert after.state is LEADS_TO[state, command]
    else:
        code = "session_finished" if state is State.FINISHED else "not_allowed_now"
        assert refusal(session, move(command)).code == code
    assert session == before
    assert set(LEADS_TO) == set(MOVES)


@pytest.mark.parametrize(("state", "command"), sorted(LEADS_TO))
def test_a_move_leaves_what_its_state_asks_for(state: State, command: Command) -> None:
    """A change of state bears exactly the effects of the new state, at the next version."""
    after, effects = step(STATES[state], move(command))
    if after.state is not state:
        assert effects == effects_of(after)
        assert after.changed_at == NOW
    if after == STATES[state]:
        assert effects == ()
    else:
        assert after.version == STATES[state].version + 1


def test_refusals_say_why() -> None:
    """The reason names the state's own obstacle."""
    assert "close it first" in refusal(OPEN, move(Command.NEXT)).message
    assert "started already" in refusal(OPEN, move(Command.START)).message
    assert "no question is open" in refusal(LOBBY, move(Command.CLOSE)).message
    assert "is in lobby" in refusal(LOBBY, move(Command.SETTLE)).message


def test_opening_a_question() -> None:
    """It opens after the lead, closes after its limit, and the key stays out of a live game."""
    after, effects = step(LOBBY, move(Command.START))
    assert after.window == Window(
        "q1", "choice", 3, 1_000, 20, NOW + LEAD_MS, NOW + LEAD_MS + 20_000, correct=None
    )
    assert (after.index, after.version, after.settled) == (0, 2, 0)
    settle = Timer(Command.SETTLE, 0, NOW + LEAD_MS + 20_000 + DRAIN_MS)
    assert effects == (settle, Ask())


def test_immediate_feedback_keeps_the_key_in_the_window() -> None:
    """Only there the acknowledgement is the verdict."""
    after, _ = step(replace(LOBBY, feedback="immediate"), move(Command.START))
    assert after.window is not None
    assert after.window.correct == ("b",)


def test_opening_needs_a_plan() -> None:
    """A caller that forgot the plan is a bug, not a refusal."""
    with pytest.raises(ValueError, match="plan"):
        step(LOBBY, Move(Command.START, NOW))


def test_an_open_session_without_window_is_a_bug() -> None:
    """Stored nonsense is not acted upon."""
    with pytest.raises(ValueError, match="window"):
        step(replace(OPEN, window=None), move(Command.SETTLE))


@pytest.mark.parametrize(
    ("now", "closes_at"),
    [
        (NOW, NOW + LEASE_MS),
        (WINDOW.opens_at - 500, WINDOW.opens_at + LEASE_MS),
        (WINDOW.closes_at - LEASE_MS - 1, WINDOW.closes_at - 1),
    ],
)
def test_closing_lets_the_lease_run_out(now: int, closes_at: int) -> None:
    """`closes_at` moves to the end of the lease, and the settling with it; the state stays."""
    after, effects = step(OPEN, move(Command.CLOSE, now=now))
    assert after == replace(OPEN, version=3, window=replace(WINDOW, closes_at=closes_at))
    assert effects == (Timer(Command.SETTLE, 0, closes_at + DRAIN_MS),)


@pytest.mark.parametrize("now", [WINDOW.closes_at - LEASE_MS, WINDOW.closes_at, NOW + 60_000])
def test_closing_what_closes_sooner_changes_nothing(now: int) -> None:
    """A question is never made longer; the session comes back as it was."""
    after, effects = step(OPEN, move(Command.CLOSE, now=now))
    assert after is OPEN
    assert effects == ()


def test_ending_an_open_question() -> None:
    """It closes at the end of the lease, is settled and shown, and then the session finishes."""
    ending, effects = step(OPEN, move(Command.END))
    assert ending.ending
    assert ending.state is State.OPEN
    assert effects == (Timer(Command.SETTLE, 0, NOW + LEASE_MS + DRAIN_MS),)
    later = NOW + LEASE_MS + DRAIN_MS
    shown, effects = step(ending, move(Command.SETTLE, now=later))
    assert effects == (Reveal(), Timer(Command.NEXT, 0, later))
    assert not opens_question(shown, Command.NEXT)
    finished, effects = step(shown, move(Command.NEXT, now=later))
    assert (finished.state, finished.finished_at) == (State.FINISHED, later)
    assert effects == (Finish(),)


def test_ending_when_the_question_closes_anyway() -> None:
    """No second timer; a second `end` changes nothing."""
    ending, effects = step(OVER, move(Command.END))
    assert ending.ending
    assert effects == ()
    assert step(ending, move(Command.END)) == (ending, ())


def test_settling_waits_for_the_drain() -> None:
    """Not a millisecond before every answer received in time is stored."""
    at = settles_at(WINDOW)
    assert at == WINDOW.closes_at + DRAIN_MS
    assert refusal(OPEN, move(Command.SETTLE, now=at - 1)).code == "not_allowed_now"
    after, _ = step(OPEN, move(Command.SETTLE, now=at))
    assert (after.state, after.settled, after.window) == (State.REVEALED, 1, WINDOW)


def test_next_after_the_last_question_finishes() -> None:
    """There is no question to open, so none is needed."""
    last = replace(REVEALED, index=1, settled=2)
    assert not last.more
    assert not opens_question(last, Command.NEXT)
    after, effects = step(last, Move(Command.NEXT, NOW))
    assert (after.state, effects) == (State.FINISHED, (Finish(),))


def test_which_commands_open_a_question() -> None:
    """Only these need a plan; the services read questions for them alone."""
    opening = {(state, c) for state in State for c in Command if opens_question(STATES[state], c)}
    assert opening == {
        (State.LOBBY, Command.START),
        (State.LOBBY, Command.NEXT),
        (State.REVEALED, Command.NEXT),
    }


@pytest.mark.parametrize("command", list(Command))
def test_a_stale_index_or_version_is_refused(command: Command) -> None:
    """A timer of another question, a command for another version: conflict, whatever it asks."""
    for session in STATES.values():
        for stale in ({"index": session.index - 1}, {"version": session.version - 1}):
            assert refusal(session, move(command, **stale)).code == "conflict"


def test_a_fitting_index_and_version_are_taken() -> None:
    """What was meant for this very state is made."""
    after, _ = step(OVER, move(Command.SETTLE, index=0, version=2))
    assert after.state is State.REVEALED


def test_locking() -> None:
    """The lobby's door moves in every state but the last; doing it again changes nothing."""
    locked, effects = step(OPEN, move(Command.LOCK))
    assert (locked.locked, locked.changed_at, effects) == (True, OPEN.changed_at, ())
    assert step(locked, move(Command.LOCK)) == (locked, ())
    unlocked, _ = step(locked, move(Command.UNLOCK))
    assert unlocked == replace(OPEN, version=4)


def test_timers_of_each_state() -> None:
    """A lobby with a time, an open question, an automatic or ending session go on by themselves."""
    assert timers_of(LOBBY) == ()
    waiting = replace(LOBBY, lobby_seconds=20)
    assert timers_of(waiting) == (Timer(Command.START, -1, 520_000),)
    assert timers_of(OPEN) == (Timer(Command.SETTLE, 0, settles_at(WINDOW)),)
    assert timers_of(REVEALED) == ()
    automatic = replace(REVEALED, auto=True, reveal_seconds=7)
    assert timers_of(automatic) == (Timer(Command.NEXT, 0, REVEALED.changed_at + 7_000),)
    ending = replace(automatic, ending=True)
    assert timers_of(ending) == (Timer(Command.NEXT, 0, REVEALED.changed_at),)
    assert timers_of(FINISHED) == ()


def test_each_edition_of_the_standings_has_a_number() -> None:
    """Settling, finishing and removals make another edition; opening a question does not."""
    assert (LOBBY.edition, OPEN.edition) == (0, 0)
    assert (REVEALED.edition, replace(OPEN, index=1, settled=1).edition) == (1, 1)
    assert FINISHED.edition == 2
    assert [replace(FINISHED, removals=n).edition for n in range(3)] == [2, 3, 4]


@pytest.mark.parametrize(
    ("removals", "removed", "told"),
    [
        (0, (), (False, False)),
        (1, ("ada",), (True, False)),
        (3, ("ada",), (True, False)),  # removed again and again
        (NAMED_REMOVALS - 1, ("ada", *"b" * (NAMED_REMOVALS - 2)), (True, False)),
        (NAMED_REMOVALS, ("ada", *"b" * (NAMED_REMOVALS - 1)), (True, None)),
        (2, (), (None, None)),  # counted before there were names
    ],
)
def test_who_was_removed(
    removals: int, removed: tuple[str, ...], told: tuple[bool | None, bool | None]
) -> None:
    """Names tell, as long as there is room for all of them."""
    session = replace(LOBBY, removals=removals, removed=removed)
    assert (session.has_removed("ada"), session.has_removed("cat")) == told


def test_answers_that_count_at_once_have_editions_of_their_own() -> None:
    """The board of an open question is never that of the result before or after it."""
    end = replace(FINISHED, index=1)
    walk = [LOBBY, OPEN, REVEALED, replace(OPEN, index=1, settled=1), end]
    at_once = [replace(session, feedback="immediate") for session in walk]
    assert [session.self_paced for session in (LOBBY, at_once[0])] == [False, True]
    editions = [session.edition for session in at_once]
    assert editions == sorted(set(editions))


def test_effects_follow_from_the_state_alone() -> None:
    """Whoever finds a session unfinished derives the same effects, as often as wanted."""
    assert effects_of(LOBBY) == ()
    assert effects_of(OPEN) == (*timers_of(OPEN), Ask())
    assert effects_of(replace(REVEALED, auto=True))[0] == Reveal()
    assert effects_of(FINISHED) == (Finish(),)
    assert set(EVENTS) == set(State)


def test_a_whole_automatic_game() -> None:
    """The timers that each state leaves carry a session from lobby to finish."""
    session = replace(LOBBY, auto=True, lobby_seconds=0)
    walked = [session.state]
    timers = timers_of(session)
    while timers:
        (timer,) = timers
        session, effects = step(
            session, Move(timer.command, timer.at, plan=PLAN, index=timer.index)
        )
        timers = tuple(effect for effect in effects if isinstance(effect, Timer))
        walked.append(session.state)
    shown = [State.OPEN, State.REVEALED]
    assert walked == [State.LOBBY, *shown, *shown, State.FINISHED]
    assert session.settled == 2


def test_slides_are_counted_apart() -> None:
    """What takes no answers is settled like a question, and is none for who answered all."""
    window = Window("q1", "slide", 0, 0, 5, opens_at=0, closes_at=5_000)
    session = Session("s", "quiz", "T", "123456", 2, 0, state=State.OPEN, index=0, window=window)
    after, _ = step(session, Move(Command.SETTLE, 5_000 + DRAIN_MS))
    assert (after.settled, after.slides) == (1, 1)
    asked = replace(session, window=replace(window, kind="poll"))
    after, _ = step(asked, Move(Command.SETTLE, 5_000 + DRAIN_MS))
    assert (after.settled, after.slides) == (1, 0)


def test_rules_reach_the_window_of_self_paced_sessions_only() -> None:
    """P3: like the key, which they are a part of."""
    rules = Rules(tolerance="5")
    plan = Plan("q1", "number", 0, 1_000, 20, rules)
    for feedback, expected in (("immediate", (("7",), rules)), ("on_close", (None, Rules()))):
        session = Session("s", "quiz", "T", "123456", 2, 0, feedback=feedback)
        after, _ = step(session, Move(Command.START, 0, plan, ("7",)))
        assert after.window is not None
        assert (after.window.correct, after.window.rules) == expected
