"""The `quizkit` command: its options, its commands, and the one mapping of errors to exits.

Commands raise; only `main` catches. It knows three families: errors of the SDK, which carry
code, message and hint; wrong usage, which Typer raises; and everything else, which is a bug
of ours and says so. Importing this module costs Typer and nothing heavy: commands import
what they need when they run.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import Annotated, Final

import typer
import typer.main

import quizkit
from quizkit.cli.argv import hoist
from quizkit.cli.commands import (
    account,
    board,
    cost,
    demo,
    doctor,
    host,
    hosts,
    local,
    logs,
    media,
    play,
    quiz,
    quiz_diff,
    rehearse,
    session,
    stack,
    sync,
    winners,
)
from quizkit.cli.context import Cli, Flags
from quizkit.cli.exits import Exit, document_of, error_document, exit_of
from quizkit.cli.render import Output
from quizkit.sdk.errors import QuizkitError

app: Final = typer.Typer(
    name="quizkit",
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def options(
    context: typer.Context,
    target: Annotated[
        str | None, typer.Option(help="Where to work: local (the default) or aws.", metavar="NAME")
    ] = None,
    stage: Annotated[
        str | None, typer.Option(help="Which stage; dev unless named.", metavar="NAME")
    ] = None,
    profile: Annotated[str | None, typer.Option(help="AWS profile.", metavar="NAME")] = None,
    region: Annotated[str | None, typer.Option(help="AWS region.", metavar="NAME")] = None,
    acting: Annotated[
        str | None,
        typer.Option(
            "--as",
            help="Whose rights to use: admin (AWS credentials) or host (your sign-in).",
            metavar="ROLE",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON documents for programs.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say results and errors only.")] = (
        False
    ),
    verbose: Annotated[int, typer.Option("--verbose", "-v", count=True, help="Say more.")] = 0,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
    no_color: Annotated[
        bool, typer.Option("--no-color", help="No colour and no animation.")
    ] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Live quizzes on infrastructure that you own: on this machine, or on AWS.

    New here? Run: quizkit demo
    """
    cli = Cli.of(context)
    cli.out = Output(as_json=as_json, quiet=quiet, verbose=verbose, color=not no_color)
    cli.flags = Flags(target, stage, profile, region, acting)
    cli.debug = debug


for _group in (
    demo,
    local,
    stack,
    doctor,
    quiz,
    quiz_diff,
    sync,
    media,
    session,
    host,
    play,
    board,
    rehearse,
    winners,
    account,
    hosts,
    logs,
    cost,
):
    _group.register(app)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line.

    Args:
        argv: arguments without the program's name; the process's own where None.

    Returns:
        The exit code, one of `quizkit.cli.exits.Exit`.
    """
    _settle_streams()
    if argv is None:
        argv = sys.argv[1:]
        # Like Ctrl-C: whatever holds the terminal gives it back on the way out.
        signal.signal(signal.SIGTERM, _terminated)
    front, rest = hoist(argv)
    cli = Cli(Output(as_json="--json" in front), debug="--debug" in front)
    if not rest and not cli.out.as_json:
        _guarded(cli, ["--help"])
        return Exit.USAGE
    if "--version" in rest[:1]:
        cli.out.result({"version": quizkit.__version__}, f"quizkit {quizkit.__version__}")
        return Exit.DONE
    return _guarded(cli, [*front, *rest])


def _guarded(cli: Cli, arguments: list[str]) -> int:
    """Run a command; every error becomes words and an exit code here."""
    command = typer.main.get_command(app)
    try:
        code = command.main(arguments, prog_name="quizkit", standalone_mode=False, obj=cli)
    except QuizkitError as exc:
        return _failed(cli, exc, document_of(exc), exit_of(exc))
    except typer.TyperException as exc:
        usage = exc.exit_code == Exit.USAGE
        document = error_document(
            "usage" if usage else "error", exc.format_message(), _usage_hint(exc)
        )
        return _failed(cli, exc, document, Exit.USAGE if usage else Exit.OTHER)
    except (typer.Abort, KeyboardInterrupt):
        code = Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough; there is nobody left to tell.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OTHER
    except Exception as exc:  # noqa: BLE001  (the last resort: a bug is told, not spilled)
        message = f"quizkit failed unexpectedly: {type(exc).__name__}: {exc}"
        document = error_document("internal", message, "run it again with --debug and report it")
        return _failed(cli, exc, document, Exit.OTHER)
    if code == Exit.INTERRUPTED:
        cli.out.note("interrupted")
    return int(code or 0)


def _failed(cli: Cli, exc: Exception, document: dict[str, object], code: Exit) -> int:
    if cli.debug:
        traceback.print_exception(exc, file=sys.stderr)
    cli.out.failure(document)
    return code


def _usage_hint(exc: typer.TyperException) -> str | None:
    """The command whose help tells how it is used."""
    context = getattr(exc, "ctx", None)
    return f"see: {context.command_path} --help" if context is not None else None


def _settle_streams() -> None:
    """Text that a terminal cannot show becomes question marks, not an error."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _terminated(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + signum)


if __name__ == "__main__":
    sys.exit(main())
