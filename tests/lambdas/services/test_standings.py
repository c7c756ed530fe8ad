"""quizkit.lambdas.services.standings: pages, and folds that give the same either way."""

from __future__ import annotations

from dataclasses import replace

from quizkit.core.scoring import AnswerRow, Standing
from quizkit.core.session import Command, Session, State
from quizkit.lambdas.ports import Line
from tests.fakes.game import RIGHT, Player, World


def settled(world: World, session: Session, players: list[Player]) -> Session:
    """One question, everybody right a second after the one before; then its result."""
    command = Command.START if world.load(session).state is State.LOBBY else Command.NEXT
    window = world.apply(session, command).window
    assert window is not None
    for place, player in enumerate(players, start=1):
        world.clock.now = window.opens_at + place * 1_000
        player.answer(window.question_id, *RIGHT[window.question_id])
    return world.run_to(session, State.REVEALED)


def game(world: World) -> tuple[Session, list[Player]]:
    """A session of two after its first question."""
    session = world.create()
    players = [world.join(session, name) for name in ("Ada", "Bob")]
    return settled(world, session, players), players


def test_a_closing_reads_its_own_question_only(world: World) -> None:
    """The second question is folded onto the pages of the first."""
    session, players = game(world)
    world.faults.arm(None)
    settled(world, session, players)
    assert "of_session" not in world.faults.calls
    assert world.results.audit(world.load(session))["agrees"]


def test_lost_pages_are_folded_again(world: World) -> None:
    """Pages that are missing or of another question: everything is folded from the answers."""
    session, players = game(world)
    world.sessions.put_lines(session, {0: []})
    shard = int(players[0].id[:2], 16)
    wrong = Line(Standing(1, players[0].id, "Ada", 9_999, 0, 0, 1))
    world.sessions.put_lines(replace(session, settled=7), {shard: [wrong]})
    now = settled(world, session, players)
    stored = world.standings.stored(now)
    assert stored == world.standings.recompute(now)[0]
    assert world.results.audit(now)["agrees"]


def test_settling_twice_gives_the_same(world: World) -> None:
    """A repair finds its own pages and folds everything again, with the same outcome."""
    session, _ = game(world)
    before = world.standings.stored(session)
    question, _ = world.sessions.questions(session.session_id)[-1]
    same, again, rows = world.standings.settle(session, question)
    assert same == question
    assert again == before == world.standings.stored(session)
    assert len(rows) == 2


def test_a_row_stored_late_counts_at_the_end(world: World) -> None:
    """Received in time, stored after the fold: the finish folds it in, and the audit agrees."""
    session, (ada, _) = game(world)
    question, _ = world.sessions.questions(session.session_id)[-1]
    carl = world.join(session, "Carl")
    row = AnswerRow(carl.id, "q1", ("b",), question.opens_at)
    world.answers.put(session.session_id, row, patient=True)
    assert not world.results.audit(world.load(session))["agrees"]
    world.apply(session, Command.END)
    board = world.boards.get(session.session_id, 10)
    first = board["entries"][0]
    assert (first["nickname"], first["score"]) == ("Carl", 1_000)
    assert world.results.audit(world.load(session))["agrees"]
    assert ada.events("quiz_finished")[0]["podium"][0]["nickname"] == "Carl"


def test_rows_outside_the_window_never_count(world: World) -> None:
    """Stored by whatever accident, they change neither standings nor counts."""
    session = world.create()
    ada = world.join(session, "Ada")
    window = world.apply(session, Command.START).window
    assert window is not None
    late = AnswerRow(ada.id, "q1", ("b",), window.closes_at + 1)
    world.answers.put(session.session_id, late, patient=True)
    world.run()
    assert ada.events("question_closed")[0]["counts"] == {"a": 0, "b": 0, "c": 0}
    assert ada.events("question_closed")[0]["you"]["answer"] is None
    assert world.results.results(world.load(session))["participants"][0]["score"] == 0


def test_pages_hold_the_last_answer(world: World) -> None:
    """Each line carries the verdict on the question just settled."""
    session, (ada, bob) = game(world)
    lines = {
        line.standing.participant_id: line
        for shard in range(session.shards)
        for line in world.sessions.lines(session, shard)[1]
    }
    assert set(lines) == {ada.id, bob.id}
    assert (lines[ada.id].answer, lines[ada.id].correct, lines[ada.id].points) == (
        ("b",),
        True,
        975,
    )


def test_nothing_is_stored_before_the_first_result(world: World) -> None:
    """There are no standings yet, and a session without questions finishes without pages."""
    session = world.create()
    world.join(session, "Ada")
    assert world.standings.stored(session) is None
    assert [line.score for line in world.standings.finish(session)[0]] == [0]
    assert world.standings.stored(session) is None


def test_an_answer_taken_after_a_slow_cut_counts(world: World) -> None:
    """A cut that took long to save: what was acknowledged meanwhile counts, and is in time."""
    session = world.create()
    ada = world.join(session, "Ada")
    window = world.apply(session, Command.START).window
    assert window is not None
    world.clock.now = window.opens_at + 1_000
    cut = world.apply(session, Command.CLOSE).window
    assert cut is not None
    taken = AnswerRow(ada.id, "q1", ("b",), cut.closes_at + 1)
    world.answers.put(session.session_id, taken, patient=False)
    world.run()
    question, extra = world.sessions.questions(session.session_id)[0]
    assert question.closes_at == cut.closes_at + 1
    assert extra["counts"] == {"a": 0, "b": 1, "c": 0}
    assert ada.events("question_closed")[0]["you"]["score"] == 950
    assert world.results.audit(world.load(session))["agrees"]


def test_an_answer_taken_after_a_slow_cut_and_stored_late_counts(world: World) -> None:
    """The same, stored after the question was folded: the last fold still takes it."""
    session = world.create()
    ada = world.join(session, "Ada")
    window = world.apply(session, Command.START).window
    assert window is not None
    world.clock.now = window.opens_at + 1_000
    cut = world.apply(session, Command.CLOSE).window
    assert cut is not None
    world.run()
    taken = AnswerRow(ada.id, "q1", ("b",), cut.closes_at + 1)
    world.answers.put(session.session_id, taken, patient=True)
    world.apply(session, Command.END)
    assert world.sessions.questions(session.session_id)[0][0].closes_at == cut.closes_at + 1
    assert ada.events("quiz_finished")[0]["you"]["score"] == 950
    assert world.results.audit(world.load(session))["agrees"]


def test_pages_of_two_settlings_are_in_order(world: World) -> None:
    """A settling cut short and done again leaves two sets of ranks; the order is by score."""
    session, players = game(world)
    shards = {int(player.id[:2], 16) for player in players}
    for shard in shards:
        settled_at, lines = world.sessions.lines(session, shard)
        same = [replace(line, standing=replace(line.standing, rank=1)) for line in lines]
        world.sessions.put_lines(replace(session, settled=settled_at), {shard: same})
    stored = world.standings.stored(session)
    assert stored == world.standings.recompute(session)[0]
