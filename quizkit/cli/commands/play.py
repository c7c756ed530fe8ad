"""`quizkit play`: join a session, as oneself or as many bots."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from quizkit.cli import seats
from quizkit.cli.choosing import the_pin
from quizkit.cli.context import Cli
from quizkit.cli.exits import Exit
from quizkit.cli.render import clean, table
from quizkit.core.names import MAX_NICKNAME
from quizkit.sdk.errors import CredentialsError, Misuse, NotFound, QuizkitError

if TYPE_CHECKING:
    from quizkit.sdk.accounts import SignIn
    from quizkit.sdk.bot_records import BotResult, Progress
    from quizkit.sdk.live import LiveSession

#: What tells that a seat kept on this machine is of no more use.
_SEAT_IS_GONE: Final = frozenset(
    {
        "forbidden",
        "participant_not_found",
        "pin_not_found",
        "session_finished",
        "session_not_found",
        "unauthorized",
    }
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(play)


def play(
    context: typer.Context,
    pin: Annotated[
        str | None,
        typer.Argument(help="The PIN; of the live session unless named.", metavar="PIN"),
    ] = None,
    nick: Annotated[str | None, typer.Option(help="Your nickname.", metavar="NAME")] = None,
    bots: Annotated[
        int | None,
        typer.Option(help="Send so many bots instead.", min=1, max=2_000, metavar="N"),
    ] = None,
    seed: Annotated[
        int, typer.Option(help="With --bots: the same seed, the same cast.", metavar="N")
    ] = 0,
    url: Annotated[
        str | None,
        typer.Option(
            help="The platform's HttpApiUrl, for players who have no access to its stack.",
            metavar="URL",
        ),
    ] = None,
    user: Annotated[bool, typer.Option("--user", help="Play with your account.")] = False,
) -> None:
    """Join a session and play: a letter answers, else letters, a number or a text and Enter.

    Without a terminal each line of standard input answers one question, such as b, ac for
    several options or an order, 42.5 or a text. Letters are those printed; with --json,
    options have their ids instead. Typed again with the same nickname, it returns to the
    same place with the same score.
    """
    import asyncio

    cli = Cli.of(context)
    if url is not None and pin is None:
        raise Misuse("With --url the PIN has to be given too.")
    if user and (url is not None or bots is not None):
        raise Misuse("An account plays for itself on its own stage.", hint="leave --user out")
    account = cli.people.required() if user else None
    http_url = url or (account.stage.http_url if account else cli.admin.http_url)
    pin = _pin(cli, pin)
    if bots is not None:
        _send_bots(cli, http_url, pin, bots, seed)
        return
    nick = _nickname(nick, account)
    seat = _seat_name(nick, account)
    try:
        asyncio.run(_play(cli, http_url, pin, nick, account))
    except QuizkitError as exc:
        if exc.code in _SEAT_IS_GONE:
            seats.forget(http_url, pin, seat)
        raise
    finally:
        if seats.recall(http_url, pin, seat):
            cli.out.note(f"The same command brings you back as {clean(nick)}.")


def _pin(cli: Cli, pin: str | None) -> str:
    """The PIN given, else of the one live session, else asked for.

    Raises:
        CredentialsError, Misuse, NotFound: none is given, and nobody can be asked.
    """
    if pin is not None:
        return "".join(pin.split())
    try:
        return the_pin(cli)
    except (CredentialsError, Misuse, NotFound):
        if not _can_ask(cli):
            raise
    asked: str = typer.prompt("PIN", err=True)
    return "".join(asked.split())


def _nickname(nick: str | None, account: SignIn | None) -> str:
    if nick is not None:
        return nick
    if account is not None:
        return account.tokens.username[:MAX_NICKNAME]
    if not sys.stdin.isatty():
        raise Misuse("A player needs a nickname.", hint="add --nick NAME")
    asked: str = typer.prompt("nickname", err=True)
    return asked


def _can_ask(cli: Cli) -> bool:
    return sys.stdin.isatty() and not cli.out.as_json


def _seat_name(nick: str, account: SignIn | None) -> str:
    """What a seat is kept under: an account does not return to a guest's."""
    return nick if account is None else f"{nick}\0{account.tokens.username}"


async def _play(cli: Cli, http_url: str, pin: str, nick: str, account: SignIn | None) -> None:
    """Play until the session is finished."""
    from quizkit.cli.screens.input import Input
    from quizkit.cli.screens.player import PlayerScreen
    from quizkit.cli.screens.playing import Playing
    from quizkit.cli.screens.show import Show

    seat = _seat_name(nick, account)
    session = await _join(http_url, pin, nick, account)
    if session.seat is not None:
        seats.keep(http_url, pin, seat, session.seat.resume_token)
    screen = PlayerScreen()
    async with session:
        playing = Playing(session, screen, Show(cli.out, screen), Input(keys=cli.out.animated))
        await playing.run()
    seats.forget(http_url, pin, seat)
    if cli.out.animated:
        cli.out.say(*screen.farewell())


async def _join(http_url: str, pin: str, nick: str, account: SignIn | None) -> LiveSession:
    """A seat taken here before, else a new one."""
    from quizkit.sdk.live import LiveSession

    seat = _seat_name(nick, account)
    bearer = None if account is None else account.bearer
    token = seats.recall(http_url, pin, seat)
    if token is not None:
        try:
            return await LiveSession.resume(http_url, pin, token, bearer=bearer)
        except QuizkitError as exc:
            if exc.code not in _SEAT_IS_GONE:
                raise
            seats.forget(http_url, pin, seat)
    return await LiveSession.join(http_url, pin, nick, bearer=bearer)


# --- bots ------------------------------------------------------------------------------


def _send_bots(cli: Cli, http_url: str, pin: str, count: int, seed: int) -> None:
    """Let bots play to the end; exit 1 where any of them could not."""
    import asyncio

    from quizkit.sdk.bots import BotPlan, run_bots

    teller = _Teller(cli)
    results = asyncio.run(
        run_bots(http_url, pin, count, plan=BotPlan(seed=seed), on_progress=teller)
    )
    ranked = sorted(results, key=lambda bot: (bot.rank is None, bot.rank or 0))
    failed = [bot for bot in results if bot.error is not None]
    cli.out.line(
        {
            "event": "finished",
            "bots": count,
            "failed": len(failed),
            "answers": sum(1 for bot in results for given in bot.answers if given.ack),
            "results": [_result_document(bot) for bot in ranked],
        }
    )
    if not cli.out.as_json:
        rows = table("rank", "bot", "score", title="Bots", right=("rank", "score"))
        for bot in ranked:
            rows.add_row(str(bot.rank or ""), clean(bot.nickname), str(bot.score))
        cli.out.say(rows)
    if failed:
        error = failed[0].error
        cli.out.note(f"{len(failed)} of {count} bots failed, the first with: {error}", style="red")
        raise typer.Exit(Exit.OTHER)


def _result_document(bot: BotResult) -> dict[str, object]:
    return {
        "participant_id": bot.participant_id,
        "nickname": bot.nickname,
        "score": bot.score,
        "rank": bot.rank,
        "answers": sum(1 for given in bot.answers if given.ack),
        "reconnects": bot.reconnects,
        "error": bot.error.code if bot.error else None,
    }


class _Teller:
    """Tells how the bots get on: about once a second, when all are in, and at the end."""

    def __init__(self, cli: Cli) -> None:
        self._cli = cli
        self._told = 0.0
        self._all_in = False

    def __call__(self, progress: Progress) -> None:
        import time

        now = time.monotonic()
        ended = progress.finished + progress.failed == progress.bots
        all_in = progress.joined + progress.failed == progress.bots
        if now - self._told < 1 and not ended and all_in == self._all_in:
            return
        self._told, self._all_in = now, all_in
        counts = {
            "joined": progress.joined,
            "answers": progress.answers,
            "finished": progress.finished,
            "failed": progress.failed,
        }
        self._cli.out.line({"event": "progress", "bots": progress.bots, **counts})
        failed = f", {progress.failed} failed" if progress.failed else ""
        self._cli.out.note(
            f"bots: {progress.joined} of {progress.bots} joined, {progress.answers} answers, "
            f"{progress.finished} finished{failed}",
            style="dim",
        )
