"""`quizkit quiz`: authoring."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quizkit.cli.context import Cli
from quizkit.cli.exits import Exit
from quizkit.cli.render import clean, moment, table
from quizkit.sdk.errors import InvalidInput

if TYPE_CHECKING:
    from quizkit.sdk.formats import LoadedQuiz

group = typer.Typer(help="Quizzes: create, check, list, export, delete.")

Files = Annotated[
    list[str], typer.Argument(help="Quiz files; - for standard input.", metavar="FILE...")
]
QuizId = Annotated[str, typer.Argument(help="The quiz's id.", metavar="QUIZ")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="quiz")


@group.command()
def create(context: typer.Context, files: Files) -> None:
    """Store quizzes; every file is checked before the first one is stored."""
    cli = Cli.of(context)
    loaded = [(name, _load(name)) for name in files]
    for _, quiz in loaded:
        for warning in quiz.warnings:
            cli.out.note(f"note: {quiz.name}: {clean(warning)}", style="yellow")
    made: list[dict[str, Any]] = []
    shown: list[str] = []
    for name, quiz in loaded:
        folder = None if name == "-" else Path(name).absolute().parent
        document = cli.admin.create_quiz(quiz, folder)
        made.append(dict(document))
        shown.append(
            f"{document['quiz_id']}: “{clean(document['title'])}”, "
            f"{document['questions']} questions"
        )
    cli.out.result(made[0] if len(made) == 1 else {"quizzes": made}, *shown)
    cli.out.note(f"play it with: {cli.command('host ' + made[0]['quiz_id'])}", style="dim")


@group.command()
def validate(context: typer.Context, files: Files) -> None:
    """Check quiz files without storing them; every problem with its line and column."""
    cli = Cli.of(context)
    checked = [_check(name) for name in files]
    valid = all(each["valid"] for each in checked)
    if len(checked) == 1:
        document = checked[0]
    else:
        problems = [
            {"file": each["file"], **problem} for each in checked for problem in each["problems"]
        ]
        document = {"valid": valid, "problems": problems, "files": checked}
    cli.out.result(document, *[line for each in checked for line in _check_lines(each)])
    if not valid:
        raise typer.Exit(Exit.INVALID)


@group.command("list")
def list_(context: typer.Context) -> None:
    """All quizzes, newest first."""
    cli = Cli.of(context)
    quizzes = cli.admin.list_quizzes()
    rows = table("quiz", "title", "questions", "created", right=("questions",))
    for quiz in quizzes:
        rows.add_row(
            quiz["quiz_id"],
            clean(quiz["title"]),
            str(quiz["questions"]),
            moment(quiz["created_at"]),
        )
    empty = "There are no quizzes yet; make one with: quizkit quiz create FILE"
    cli.out.result({"quizzes": quizzes}, rows if quizzes else empty)


@group.command()
def show(context: typer.Context, quiz: QuizId) -> None:
    """A quiz with its questions and right answers."""
    cli = Cli.of(context)
    found = cli.admin.get_quiz(quiz)
    lines = [f"{clean(found['title'])} ({found['quiz_id']}, {found['questions']} questions)"]
    for number, question in enumerate(found["document"]["questions"], 1):
        lines += ["", f"{number}. {clean(question['text'])}"]
        for letter, option in zip("abcdefghijklmnopqrstuvwxyz", question["options"], strict=False):
            right = isinstance(option, dict) and option.get("correct", False)
            text = option["text"] if isinstance(option, dict) else option
            lines.append(f"   {'*' if right else ' '} {letter}) {clean(text)}")
    cli.out.result(found, *lines)


@group.command()
def export(context: typer.Context, quiz: QuizId) -> None:
    """Print a quiz as YAML, ready for quiz create."""
    cli = Cli.of(context)
    found = cli.admin.get_quiz(quiz)
    cli.out.result(found["document"], _yaml(found["document"]).rstrip("\n"))


@group.command()
def delete(context: typer.Context, quiz: QuizId) -> None:
    """Delete a quiz; refused while a session of it is live."""
    cli = Cli.of(context)
    cli.admin.delete_quiz(quiz)
    cli.out.result({"quiz_id": quiz, "deleted": True}, f"{quiz} is deleted.")


def _load(name: str) -> LoadedQuiz:
    from quizkit.sdk.formats import load

    if name == "-":
        return load(sys.stdin.buffer.read(), "standard input")
    return load(name)


def _check(name: str) -> dict[str, Any]:
    """One file's verdict, as the document of `quiz validate`."""
    try:
        loaded = _load(name)
    except InvalidInput as exc:
        problems = [
            {"line": problem.line, "column": problem.column, "message": problem.message}
            for problem in exc.problems
        ]
        return {"file": name, "valid": False, "problems": problems}
    return {
        "file": name,
        "valid": True,
        "problems": [],
        "title": loaded.quiz.title,
        "questions": len(loaded.quiz.questions),
        "format": loaded.format,
        "warnings": list(loaded.warnings),
    }


def _check_lines(verdict: dict[str, Any]) -> list[str]:
    name = verdict["file"]
    if verdict["valid"]:
        count = verdict["questions"]
        return [f"{name}: valid: “{clean(verdict['title'])}”, {count} questions"]
    return [
        f"{name}:{problem['line']}:{problem['column']} {clean(problem['message'])}"
        for problem in verdict["problems"]
    ]


def _yaml(document: dict[str, Any]) -> str:
    from io import StringIO

    from ruamel.yaml import YAML

    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.allow_unicode = True
    writer.width = 100
    text = StringIO()
    writer.dump(document, text)
    return text.getvalue()
