"""What a run has to have come to, beyond the histories of its clients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from quizkit.core.history import Attempt, Fate, Place, Truth, Violation, check
from quizkit.core.quiz import parse
from quizkit.core.scoring import Member
from quizkit.core.session import LEAD_MS, Session, State
from tests.chaos.drivers import Driver
from tests.chaos.gateway import Gateway
from tests.chaos.players import Player
from tests.chaos.records import Records
from tests.chaos.settings import Settings
from tests.chaos.weather import PORT_FAULTS
from tests.chaos.world import ChaosWorld


def judge(
    world: ChaosWorld,
    gateway: Gateway,
    settings: Settings,
    session: Session,
    people: list[Player],
    records: Records,
    driver: Driver,
) -> list[Violation]:
    """Everything that is wrong with one session, now that it is over."""
    session = world.control.load(session.session_id)
    if session.state is not State.FINISHED or world.sessions.pending(session.session_id):
        where = f"{session.state}, question {session.index}, version {session.version}"
        return [Violation("unfinished", f"{session.session_id} never ended: {where}")]
    facts = truth(world, session, gateway)
    present = {member.participant_id for member in facts.members}
    endings = [end for who, end in records.endings.items() if who in present]
    found = check(records.attempts, endings, facts)
    found += check((), (), replace(facts, board=_board(world, session), published=None))
    world.redis.away = True
    found += check((), (), replace(facts, board=_board(world, session), published=None))
    world.redis.away = False
    found += _course(world, settings, session, driver)
    found += _clients(people, records, present)
    found += _times(gateway, records)
    found += _results(records, facts)
    found += _questions(settings, facts)
    found += _sums(world, session)
    return found


def truth(world: ChaosWorld, session: Session, gateway: Gateway) -> Truth:
    """What is stored and served."""
    results = world.results.results(session)["participants"]
    return Truth(
        scoring=session.scoring,
        questions=tuple(closed for closed, _ in world.sessions.questions(session.session_id)),
        members=_members(world, session),
        rows=tuple(world.stored.of_session(session)),
        results=tuple((line["rank"], line["participant_id"], line["score"]) for line in results),
        board=_board(world, session),
        published=_published(world, session, gateway),
        streak_bonus=session.streak_bonus,
    )


def _members(world: ChaosWorld, session: Session) -> tuple[Member, ...]:
    """Everybody who counts; not those whose joining was stored while the session finished.

    They have answered nothing, and the last fold did not see them.
    """
    shards = range(session.shards)
    folded = {
        line.standing.participant_id
        for shard in shards
        for line in world.kept.lines(session, shard)[1]
    }
    folded |= {row.participant_id for row in world.stored.of_session(session)}
    members = world.standings.members(session)
    return tuple(who for who in members if not session.settled or who.participant_id in folded)


def _board(world: ChaosWorld, session: Session) -> tuple[Place, ...]:
    entries = world.boards.get(session.session_id, 1_000)["entries"]
    return tuple((line["rank"], line["participant_id"], line["score"]) for line in entries)


def _published(world: ChaosWorld, session: Session, gateway: Gateway) -> int | None:
    """How often the winners went out; None where a claim on it was never settled.

    A function killed between claiming and noting leaves it open whether they went out, and
    they are not announced again (docs/decisions/004). That excuses nobody in a run in which no
    call to a port went wrong: a topic that refuses is no reason to keep a claim.
    """
    number = sum(1 for x in world.topic.published if x["session_id"] == session.session_id)
    held = world.kept.is_held(session.session_id, "winners")
    excused = any(gateway.sky.counts[fault] for fault in PORT_FAULTS)
    return None if number == 0 and held and excused else number


def _course(
    world: ChaosWorld, settings: Settings, session: Session, driver: Driver
) -> Iterator[Violation]:
    """The session took the course that its settings ask for, and left nothing behind."""
    sid = session.session_id
    asked = [closed.index for closed, _ in world.sessions.questions(sid)]
    if asked != list(range(session.index + 1)) or session.settled != session.index + 1:
        yield Violation("course", f"{sid}: questions {asked}, index {session.index}")
    if session.index + 1 < len(settings.document["questions"]) and not driver.ended_early:
        yield Violation("course", f"{sid}: ended after question {session.index}, by nobody")
    if session.auto:
        yield from _pauses(world, session)
    if driver.stuck:
        yield Violation("course", f"{sid}: a question stayed open with its host gone")
    if not world.results.audit(session)["agrees"]:
        differences = world.results.audit(session)["differences"]
        yield Violation("audit", f"{sid}: {differences}")
    live = [item["session_id"] for item in world.sessions.listing(live=True, cursor=None)[0]]
    if sid in live or world.sessions.find_pin(session.pin, world.clock()) == sid:
        yield Violation("not_retired", f"{sid} is still listed, or keeps its PIN")


def _pauses(world: ChaosWorld, session: Session) -> Iterator[Violation]:
    """Results of an automatic session are shown for as long as its settings say."""
    shown_since = 0
    for question, extra in world.sessions.questions(session.session_id):
        if question.opens_at - LEAD_MS < shown_since + 1_000 * session.reveal_seconds:
            what = f"before {question.question_id}, from {shown_since} to {question.opens_at}"
            yield Violation("course", f"{session.session_id}: results not shown long {what}")
        shown_since = extra["settled_at"]


def _clients(people: list[Player], records: Records, present: set[str]) -> Iterator[Violation]:
    """Everybody who stayed saw the end, and nobody saw anything of another session."""
    for player in people:
        if player.id in present and not player.gone and not player.over:
            yield Violation("never_finished", f"{player.name} ({player.id}) never saw the end")
    for what in records.foreign:
        yield Violation("foreign_frame", what)
    for what in records.reused:
        yield Violation("number_reused", what)


def _times(gateway: Gateway, records: Records) -> Iterator[Violation]:
    """Every acknowledged time is one at which the gateway received that very answer."""
    for attempt in records.attempts:
        content = (attempt.participant_id, attempt.question_id, attempt.answer)
        if attempt.fate is Fate.OK and attempt.received_at not in gateway.received[content]:
            yield Violation("forged_time", f"{attempt} was never received then")


def _results(records: Records, facts: Truth) -> Iterator[Violation]:
    """No acknowledged answer misses the fold of its question, unless that was cut short.

    Where a question was closed early, a write with patience may end after its fold.
    """
    promised: dict[tuple[str, str], Attempt] = {}
    for attempt in records.attempts:
        if attempt.fate is Fate.OK:
            promised[attempt.participant_id, attempt.question_id] = attempt
    whole = {
        question.question_id
        for question in facts.questions
        if question.closes_at == question.opens_at + 1_000 * question.time_limit
    }
    for who, question_id, shown, _ in records.results:
        kept = promised.get((who, question_id))
        if kept is not None and question_id in whole and shown != kept.answer:
            yield Violation("result_misses_answer", f"{who} saw {shown}, promised was {kept}")


def _questions(settings: Settings, facts: Truth) -> Iterator[Violation]:
    """Every question was played by the rules that it was written with."""
    written = {question.id: question for question in parse(settings.document).questions}
    for question in facts.questions:
        own = written[question.question_id]
        played = (question.kind, question.points, question.time_limit, question.rules)
        if played != (own.kind, own.points, own.time_limit, own.rules):
            yield Violation("other_rules", f"{question.question_id}: {played}")


def _sums(world: ChaosWorld, session: Session) -> Iterator[Violation]:
    """The points of a player's answers, as results list them, come to the score."""
    for line in world.results.results(session)["participants"]:
        points = [answer["points"] for answer in line["answers"]]
        if sum(points) != line["score"]:
            yield Violation("wrong_points", f"{line['nickname']}: {points}, {line['score']}")
