"""`quizkit session`: running sessions without a terminal attached."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from quizkit.cli.choosing import SessionName, the_session, the_session_id
from quizkit.cli.context import Cli
from quizkit.cli.render import clean, moment, table
from quizkit.sdk.errors import Misuse, NotFound

if TYPE_CHECKING:
    from rich.table import Table

    from quizkit.sdk.documents import ResultsDocument

group = typer.Typer(help="Sessions: start, move on, end, list, results.")

MAX_SECONDS = 3_600

QuizId = Annotated[str, typer.Argument(help="The quiz's id.", metavar="QUIZ")]
LobbySeconds = Annotated[
    int | None,
    typer.Option(
        help="How long the lobby lasts before the first question.",
        min=0,
        max=MAX_SECONDS,
        metavar="N",
    ),
]
RevealSeconds = Annotated[
    int | None,
    typer.Option(
        help="How long results are shown before the next question, with --auto.",
        min=0,
        max=MAX_SECONDS,
        metavar="N",
    ),
]
CloseEarly = Annotated[
    bool, typer.Option("--close-early", help="Close a question once everybody has answered.")
]
MaxPlayers = Annotated[
    int | None,
    typer.Option(help="How many may join; 5,000 unless said.", min=1, max=100_000, metavar="N"),
]
Auto = Annotated[bool, typer.Option("--auto", help="Let it run by itself.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="session")


@group.command()
def start(
    context: typer.Context,
    quiz: QuizId,
    auto: Auto = False,
    lobby_seconds: LobbySeconds = None,
    reveal_seconds: RevealSeconds = None,
    close_early: CloseEarly = False,
    max_players: MaxPlayers = None,
) -> None:
    """Open the lobby of a new session and print its PIN."""
    cli = Cli.of(context)
    session = cli.admin.start_session(
        quiz,
        auto=auto,
        lobby_seconds=lobby_seconds,
        reveal_seconds=reveal_seconds,
        close_early=close_early,
        max_participants=max_players,
    )
    cli.out.result(session, f"PIN {session['pin']} (session {session['session_id']})")
    cli.out.note(f"join with: {cli.command('play ' + session['pin'])}", style="dim")
    if not auto:
        cli.out.note(f"first question: {cli.command('session next')}", style="dim")


@group.command()
def schedule(
    context: typer.Context,
    quiz: QuizId,
    at: Annotated[
        str | None, typer.Option(help="Once, such as 2030-01-31T18:00.", metavar="TIME")
    ] = None,
    cron: Annotated[
        str | None,
        typer.Option(help="Again and again, such as '0 18 ? * FRI *'.", metavar="FIELDS"),
    ] = None,
    rate: Annotated[
        str | None, typer.Option(help="Again and again, such as '1 day'.", metavar="PERIOD")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="IANA name for --at and --cron; UTC unless named.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The schedule's name.")] = None,
    lobby_seconds: LobbySeconds = None,
    reveal_seconds: RevealSeconds = None,
) -> None:
    """Let sessions of a quiz start by themselves, at a time or again and again."""
    cli = Cli.of(context)
    expression = _expression(at, cron, rate, timezone)
    made = cli.admin.create_schedule(
        quiz,
        expression,
        timezone=None if at else timezone,
        name=name,
        lobby_seconds=lobby_seconds,
        reveal_seconds=reveal_seconds,
    )
    shown = f"{made['schedule']}: {made['expression']} {made['timezone']}"
    pin = f"; join with PIN {made['pin']}" if "pin" in made else ""
    cli.out.result(made, shown + pin)


def _expression(at: str | None, cron: str | None, rate: str | None, timezone: str | None) -> str:
    """The schedule as EventBridge writes it; a single time in UTC, whatever it was named in.

    Raises:
        Misuse: not exactly one of the three is given, or the time cannot be read.
    """
    given = [value for value in (at, cron, rate) if value is not None]
    if len(given) != 1:
        raise Misuse("A schedule needs one of --at, --cron and --rate.")
    if cron is not None:
        return f"cron({cron})"
    if rate is not None:
        return f"rate({rate})"
    return f"at({_in_utc(str(at), timezone):%Y-%m-%dT%H:%M:%S})"


def _in_utc(at: str, timezone: str | None) -> datetime:
    """A time as people write it, in UTC.

    Raises:
        Misuse: the time or the zone cannot be read, or both name a zone.
    """
    try:
        when = datetime.fromisoformat(at)
    except ValueError as exc:
        raise Misuse(f"“{at}” is not a time.", hint="write it as 2030-01-31T18:00") from exc
    if when.tzinfo is not None and timezone is not None:
        raise Misuse("The time names its zone already.", hint="leave out --timezone")
    if when.tzinfo is None:
        try:
            when = when.replace(tzinfo=ZoneInfo(timezone) if timezone else UTC)
        except (ValueError, ZoneInfoNotFoundError) as exc:
            raise Misuse(
                f"There is no time zone “{timezone}”.", hint="write it as Europe/Berlin"
            ) from exc
    return when.astimezone(UTC)


@group.command()
def schedules(context: typer.Context) -> None:
    """All schedules of the stage."""
    cli = Cli.of(context)
    found = cli.admin.list_schedules()
    rows = table("schedule", "expression", "timezone", "quiz")
    for item in found:
        rows.add_row(
            item["schedule"], item["expression"], item.get("timezone", ""), item.get("quiz_id", "")
        )
    cli.out.result({"schedules": found}, rows if found else "There are no schedules.")


@group.command()
def unschedule(
    context: typer.Context,
    schedule: Annotated[str, typer.Argument(help="The schedule's name.", metavar="SCHEDULE")],
) -> None:
    """Delete a schedule; sessions that it started go on."""
    cli = Cli.of(context)
    cli.admin.delete_schedule(schedule)
    cli.out.result({"schedule": schedule, "deleted": True}, f"{schedule} is deleted.")


# --- moving on -------------------------------------------------------------------------


@group.command("next")
def next_(context: typer.Context, session: SessionName = None) -> None:
    """Open the next question; after the last one, finish."""
    _command(context, session, "next")


@group.command()
def close(context: typer.Context, session: SessionName = None) -> None:
    """Close the open question before its time is up."""
    _command(context, session, "close")


@group.command()
def end(context: typer.Context, session: SessionName = None) -> None:
    """Finish the session; an open question still counts."""
    _command(context, session, "end")


@group.command()
def lock(context: typer.Context, session: SessionName = None) -> None:
    """Let nobody new in."""
    _command(context, session, "lock")


@group.command()
def unlock(context: typer.Context, session: SessionName = None) -> None:
    """Let people in again."""
    _command(context, session, "unlock")


@group.command()
def kick(
    context: typer.Context,
    nickname: Annotated[str, typer.Argument(help="Whom to remove.", metavar="NICKNAME")],
    session: SessionName = None,
) -> None:
    """Remove a player from the session."""
    cli = Cli.of(context)
    session_id = the_session_id(cli, session)
    participant_id = participant_named(cli, session_id, nickname)
    gone = cli.admin.command(session_id, "kick", participant_id=participant_id)
    document = {"session_id": session_id, "participant_id": participant_id, "nickname": nickname}
    cli.out.result({**document, **gone}, f"{clean(nickname)} is removed.")


def participant_named(cli: Cli, session_id: str, nickname: str) -> str:
    """The id of the participant with this nickname, whatever its case.

    Raises:
        NotFound: nobody has it.
    """
    wanted = " ".join(nickname.split()).casefold()
    for entry in cli.board.leaderboard(session_id, 5_000)["entries"]:
        if entry["nickname"].casefold() == wanted:
            return str(entry["participant_id"])
    raise NotFound(f"Nobody here is called “{nickname}”.", code="participant_not_found")


def _command(context: typer.Context, name: str | None, command: str) -> None:
    cli = Cli.of(context)
    after = cli.admin.command(the_session_id(cli, name), command)
    cli.out.result(after, _standing(after))


def _standing(session: dict[str, Any]) -> str:
    """Where a session stands, in one line."""
    state, number, count = session["state"], session["question_index"] + 1, session["questions"]
    where = {
        "lobby": "in the lobby",
        "open": f"question {number} of {count} is open",
        "revealed": f"question {number} of {count} is over",
        "finished": "finished",
    }.get(state, state)
    locked = ", locked" if session.get("locked") and state != "finished" else ""
    return f"session {session['session_id']}: {where}{locked}"


# --- looking ---------------------------------------------------------------------------


@group.command("list")
def list_(
    context: typer.Context,
    live: Annotated[bool, typer.Option("--live", help="Only those that go on.")] = False,
) -> None:
    """Sessions, newest first."""
    cli = Cli.of(context)
    sessions = cli.admin.list_sessions(live=live)
    rows = table("session", "pin", "state", "title", "quiz", "created")
    for item in sessions:
        rows.add_row(
            item["session_id"],
            item["pin"],
            item["state"],
            clean(item["title"]),
            item["quiz_id"],
            moment(item["created_at"]),
        )
    none = "No session is live." if live else "There are no sessions yet."
    cli.out.result({"sessions": sessions}, rows if sessions else none)


@group.command()
def show(context: typer.Context, session: SessionName = None) -> None:
    """Where a session stands."""
    cli = Cli.of(context)
    found = the_session(cli, session)
    facts = {
        "quiz": f"{clean(found['title'])} ({found['quiz_id']})",
        "PIN": found["pin"],
        "players": str(found.get("participants", "")),
        "created": moment(found["created_at"]),
        "finished": moment(found["finished_at"]),
    }
    lines = [f"  {name}: {value}" for name, value in facts.items() if value]
    cli.out.result(found, _standing(dict(found)), *lines)


@group.command()
def results(context: typer.Context, session: SessionName = None) -> None:
    """Every player's answers and points."""
    cli = Cli.of(context)
    found = cli.admin.results(the_session_id(cli, session))
    cli.out.result(found, _results_table(found))


def _results_table(found: ResultsDocument) -> Table:
    """One line a player, one column a question."""
    names = [question["question_id"] for question in found["questions"]]
    title = f"{clean(found['title'])}: {found['state']}"
    rows = table("rank", "nickname", "score", *names, title=title, right=("rank", "score", *names))
    for line in found["participants"]:
        given = {answer["question_id"]: answer for answer in line["answers"]}
        rows.add_row(
            str(line["rank"]),
            clean(line["nickname"]),
            str(line["score"]),
            *(_cell(given.get(name)) for name in names),
        )
    return rows


def _cell(answer: Any) -> str:
    """One answer: the options chosen, and the points that they brought."""
    if answer is None:
        return "–"
    chosen = answer["answer"]
    text = ",".join(map(str, chosen)) if isinstance(chosen, list) else str(chosen)
    return f"{clean(text)} {'+' if answer['correct'] else ''}{answer['points']}"
