"""`quizkit quiz sync`: a stage's quizzes as a folder of files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from quizkit.cli.commands.quiz import group
from quizkit.cli.context import Cli
from quizkit.cli.exits import Exit, document_of
from quizkit.cli.quiz_files import at
from quizkit.cli.render import clean
from quizkit.sdk.errors import InvalidInput

if TYPE_CHECKING:
    from quizkit.sdk.sync import QuizFile, Step

_ACTIONS: Final = ("create", "update", "comments", "unchanged", "orphaned")
_DID: Final = {
    "create": "created",
    "update": "updated",
    "comments": "comments exchanged",
    "orphaned": "deleted",
}


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    group.command("sync")(sync)


def sync(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(help="A folder of quiz files, and all below.", metavar="DIR")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete quizzes whose file is gone.")
    ] = False,
) -> None:
    """Make the stage's quizzes those of a folder; every file is checked before the first change."""
    from quizkit.sdk.sync import carry_out, plan

    cli = Cli.of(context)
    files = _files(cli, folder)
    admin = cli.admin
    steps = plan(files, admin.list_quizzes(), host=admin.is_host)
    if dry_run:
        _finish(cli, folder, steps, dry_run=True, prune=prune)
        return
    for step in steps:
        cli.out.note(_planned(step, prune=prune), style="dim")
    done = []
    for step in carry_out(admin, steps, prune=prune):
        if step.done:
            cli.out.note(f"{_DID[step.action]}: {clean(step.name)}")
        done.append(step)
    _finish(cli, folder, done, dry_run=False, prune=prune)


def _files(cli: Cli, folder: Path) -> list[QuizFile]:
    """The folder's quizzes; where files are not valid, every problem is said first.

    What is allowed and mostly a mistake is said as `quiz validate` says it.
    """
    from quizkit.sdk.formats.advice import advice
    from quizkit.sdk.sync import read_folder

    try:
        files = read_folder(folder)
    except InvalidInput as exc:
        for problem in exc.problems:
            cli.out.say(at(problem.file or "", problem))
        raise
    for file in files:
        loaded = file.loaded
        for warning in (*loaded.warnings, *advice(loaded.document, loaded.locate)):
            cli.out.note(f"note: {at(str(file.path), warning)}", style="yellow")
    return files


def _finish(cli: Cli, folder: Path, steps: list[Step], *, dry_run: bool, prune: bool) -> None:
    """Tell what came of it, or would; exit 1 where something could not be done."""
    failed = [step for step in steps if step.error is not None]
    counts = {action: sum(step.action == action for step in steps) for action in _ACTIONS}
    document = {
        "folder": str(folder),
        "dry_run": dry_run,
        "steps": [_document(step) for step in steps],
        **counts,
        "deleted": sum(step.done and step.action == "orphaned" for step in steps),
        "failed": len(failed),
    }
    lines = [_planned(step, prune=prune) for step in steps] if dry_run else []
    lines += [f"failed: {clean(step.name)}: {clean(step.error)}" for step in failed]
    cli.out.result(document, *lines, _summary(document, prune=prune))
    if failed:
        raise typer.Exit(Exit.OTHER)


def _planned(step: Step, *, prune: bool) -> str:
    """What is to be done about a quiz."""
    what = f"{step.action:<9} {clean(step.name)}"
    if step.action == "update":
        return f"{what}  ({step.quiz_id}, version {step.version} is stored)"
    if step.action == "orphaned":
        fate = "to be deleted" if prune else "stays; --prune deletes it"
        return f"{what}  ({step.quiz_id}, {fate})"
    return what


def _summary(document: dict[str, Any], *, prune: bool) -> str:
    """The last line."""
    verb = ("to create", "to update") if document["dry_run"] else ("created", "updated")
    done = [step for step in document["steps"] if step["done"] or document["dry_run"]]
    made, changed = (
        sum(step["action"] == action for step in done) for action in ("create", "update")
    )
    parts = [f"{made} {verb[0]}", f"{changed} {verb[1]}", f"{document['unchanged']} unchanged"]
    if noted := sum(step["action"] == "comments" for step in done):
        parts.append(f"{noted} in comments alone")
    gone = document["orphaned"] if document["dry_run"] and prune else document["deleted"]
    if gone:
        parts.append(f"{gone} {'to delete' if document['dry_run'] else 'deleted'}")
    if left := document["orphaned"] - gone:
        parts.append(f"{left} orphaned")
    if document["failed"]:
        parts.append(f"{document['failed']} failed")
    return ", ".join(parts)


def _document(step: Step) -> dict[str, Any]:
    """A step for programs."""
    error = None if step.error is None else document_of(step.error)["error"]
    return {
        "action": step.action,
        "name": step.name,
        "title": step.title,
        "quiz_id": step.quiz_id,
        "version": step.version,
        "done": step.done,
        "error": error,
    }
