"""`quizkit quiz`: authoring."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quizkit.cli.asking import can_ask
from quizkit.cli.context import Cli
from quizkit.cli.exits import Exit
from quizkit.cli.quiz_files import at, check_media, load_all, media_folder, open_file
from quizkit.cli.render import clean, counted, moment, table
from quizkit.sdk.errors import InvalidInput, Misuse, Problem

if TYPE_CHECKING:
    from quizkit.sdk.documents import QuizCreated
    from quizkit.sdk.formats import LoadedQuiz, Written
    from quizkit.sdk.formats.source import Source

group = typer.Typer(help="Quizzes: create, check, list, compare, export, delete.")

Files = Annotated[
    list[str], typer.Argument(help="Quiz files; - for standard input.", metavar="FILE...")
]
MaybeFiles = Annotated[
    list[str] | None,
    typer.Argument(
        help="Quiz files; - for standard input; none to type a quiz here.", metavar="[FILE...]"
    ),
]
FormatName = Annotated[
    str | None,
    typer.Option("--format", help="Their format; found from the content.", metavar="NAME"),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        help="Columns of a table, as in question=Frage,option=A,option=B,correct=Richtig.",
        metavar="FIELD=COLUMN,...",
    ),
]
Version = Annotated[
    int | None,
    typer.Option("--version", min=1, help="This version; the newest by default.", metavar="N"),
]
QuizId = Annotated[str, typer.Argument(help="The quiz's id.", metavar="QUIZ")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="quiz")


@group.command()
def create(
    context: typer.Context,
    files: MaybeFiles = None,
    form: FormatName = None,
    columns: Columns = None,
    quiz_id: Annotated[
        str | None,
        typer.Option("--quiz", help="Change this quiz: store a new version.", metavar="QUIZ"),
    ] = None,
) -> None:
    """Store quizzes; every file is checked before the first one is stored."""
    cli = Cli.of(context)
    names = files or [str(_typed(cli))]
    if quiz_id is not None and len(names) > 1:
        raise Misuse("A quiz is changed by one file.", hint="name one file with --quiz")
    loaded = load_all(cli.out, names, form, columns)
    for _, quiz in loaded:
        for warning in quiz.warnings:
            cli.out.note(f"note: {at(quiz.name, warning)}", style="yellow")
    made: list[dict[str, Any]] = []
    shown: list[str] = []
    for name, quiz in loaded:
        document = _store(cli, name, quiz, quiz_id)
        for message in document.get("warnings", ()):
            cli.out.note(f"note: {clean(quiz.name)}: {clean(message)}", style="yellow")
        made.append(dict(document))
        shown.append(_stored_line(document))
    cli.out.result(made[0] if len(made) == 1 else {"quizzes": made}, *shown)
    cli.out.note(f"play it with: {cli.command('host ' + made[0]['quiz_id'])}", style="dim")


def _store(cli: Cli, name: str, quiz: LoadedQuiz, quiz_id: str | None) -> QuizCreated:
    """Store one quiz with its media, as a new one or as a version of one that is there."""
    with media_folder(name, quiz) as folder:
        if quiz_id is not None:
            return cli.admin.update_quiz(quiz_id, quiz, folder)
        return cli.admin.create_quiz(quiz, folder)


def _stored_line(document: Mapping[str, Any]) -> str:
    """What people read about a quiz that was stored."""
    what = f"“{clean(document['title'])}”, {counted(document['questions'], 'question')}"
    if "changed" not in document:
        return f"{document['quiz_id']}: {what}"
    version = document["version"]
    if not document["changed"]:
        return f"{document['quiz_id']}: nothing has changed, version {version} is the newest"
    return f"{document['quiz_id']}: {what}, version {version}"


def _typed(cli: Cli) -> Path:
    """A quiz that is typed now, in a file of its own."""
    from quizkit.cli.authoring import typed_quiz

    if not can_ask(cli):
        raise Misuse("No quiz file is named.", hint="run: quizkit quiz create FILE")
    return typed_quiz(cli)


@group.command()
def validate(
    context: typer.Context,
    files: Files,
    form: FormatName = None,
    columns: Columns = None,
) -> None:
    """Check quiz files without storing them; every problem with its line and column."""
    cli = Cli.of(context)
    checked: list[dict[str, Any]] = []
    shown: list[str] = []
    for name in files:
        source = open_file(name, columns)
        verdict = _check(name, source, form)
        checked.append(verdict)
        shown += _check_lines(cli, verdict, source)
    valid = all(each["valid"] for each in checked)
    if len(checked) == 1:
        document = checked[0]
    else:
        problems = [
            {"file": each["file"], **problem} for each in checked for problem in each["problems"]
        ]
        document = {"valid": valid, "problems": problems, "files": checked}
    cli.out.result(document, *shown)
    if not valid:
        raise typer.Exit(Exit.INVALID)


@group.command("schema")
def schema_(context: typer.Context) -> None:
    """Print the JSON Schema of the native format, for editors."""
    from quizkit.sdk.formats import schema

    document = schema()
    Cli.of(context).out.result(document, json.dumps(document, indent=2))


@group.command("list")
def list_(context: typer.Context) -> None:
    """All quizzes, newest first."""
    cli = Cli.of(context)
    quizzes = cli.admin.list_quizzes()
    rows = table("quiz", "title", "questions", "version", "created", right=("questions", "version"))
    for quiz in quizzes:
        rows.add_row(
            quiz["quiz_id"],
            clean(quiz["title"]),
            str(quiz["questions"]),
            str(quiz["version"]),
            moment(quiz["created_at"]),
        )
    empty = "There are no quizzes yet; make one with: quizkit quiz create FILE"
    cli.out.result({"quizzes": quizzes}, rows if quizzes else empty)


@group.command()
def show(context: typer.Context, quiz: QuizId, version: Version = None) -> None:
    """A quiz with its questions and right answers."""
    from quizkit.cli.views.quiz import quiz_lines

    cli = Cli.of(context)
    found = cli.admin.get_quiz(quiz, version)
    which, newest = f"version {found['version']}", found["versions"][-1]["version"]
    if newest != found["version"]:
        which += f", the newest is {newest}"
    count = counted(found["questions"], "question")
    lines = [f"{clean(found['title'])} ({found['quiz_id']}, {which}, {count})"]
    cli.out.result(found, *lines, *quiz_lines(found["document"]))


@group.command()
def export(
    context: typer.Context,
    quiz: QuizId,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="yaml, json, markdown, gift, kahoot or csv; yaml unless the file's name says it.",
            metavar="NAME",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write to this file.", metavar="FILE")
    ] = None,
    version: Version = None,
) -> None:
    """Print a quiz as a file, ready for quiz create and for other tools."""
    from quizkit.sdk.formats import write

    cli = Cli.of(context)
    named = form or _format_of(out)
    chosen = _writable(named or "yaml")
    found = cli.admin.get_quiz(quiz, version, source=True)
    written = write(found["document"], chosen, source=found.get("source"))
    for warning in written.warnings:
        cli.out.note(f"note: {clean(warning.message)}", style="yellow")
    if out is not None:
        _save(out, written.content)
        document = {"quiz_id": quiz, "format": chosen, "file": str(out), **_told(written)}
        cli.out.result(document, f"{quiz} is in {out}.")
    elif cli.out.as_json and named in (None, "yaml", "json"):
        cli.out.result(found["document"])
    elif cli.out.as_json and written.is_text:
        text = written.content.decode("utf-8-sig")
        cli.out.result({"quiz_id": quiz, "format": chosen, "text": text, **_told(written)})
    else:
        _print(cli, written)


@group.command()
def delete(context: typer.Context, quiz: QuizId) -> None:
    """Delete a quiz with all versions; refused while a session of it is live."""
    cli = Cli.of(context)
    cli.admin.delete_quiz(quiz)
    cli.out.result({"quiz_id": quiz, "deleted": True}, f"{quiz} is deleted.")


def _check(name: str, source: Source, form: str | None) -> dict[str, Any]:
    """One file's verdict, as the document of `quiz validate`."""
    from quizkit.sdk.formats import load
    from quizkit.sdk.formats.advice import advice

    try:
        loaded = load(source, format=form)
        if name != "-":
            check_media(name, loaded)
    except InvalidInput as exc:
        return {"file": name, "valid": False, "problems": _listed(exc.problems), "warnings": []}
    return {
        "file": name,
        "valid": True,
        "problems": [],
        "title": loaded.quiz.title,
        "questions": len(loaded.quiz.questions),
        "format": loaded.format,
        "warnings": _listed((*loaded.warnings, *advice(loaded.document, loaded.locate))),
    }


def _listed(problems: tuple[Problem, ...]) -> list[dict[str, Any]]:
    return [
        {"line": each.line, "column": each.column, "message": each.message} for each in problems
    ]


def _check_lines(cli: Cli, verdict: dict[str, Any], source: Source) -> list[str]:
    """What people read about one file: each problem, and on a terminal its line with a caret."""
    name, lines = verdict["file"], []
    for kind, word in (("problems", ""), ("warnings", "warning: ")):
        for each in verdict[kind]:
            problem = Problem(word + each["message"], each["line"], each["column"])
            lines.append(at(name, problem))
            if cli.out.people.is_terminal:
                lines += _pointed(source, problem, cli.out.people.width)
    if verdict["valid"]:
        count = counted(verdict["questions"], "question")
        lines.append(f"{name}: valid: “{clean(verdict['title'])}”, {count}")
    return lines


def _pointed(source: Source, problem: Problem, width: int) -> list[str]:
    """The line of a problem and a caret under its place, where the file has lines."""
    from quizkit.sdk.formats.excerpt import excerpt

    found = excerpt(source.lines, problem, width - 2)
    return [] if found is None else [f"  {clean(line)}" for line in found]


def _format_of(out: Path | None) -> str | None:
    """The format that a file's name asks for; None where it does not say."""
    from quizkit.sdk.formats import FORMATS

    ending = "" if out is None else out.suffix.lower()
    endings = {each.ending: each.name for each in FORMATS.values() if each.writing}
    return (endings | {".yml": "yaml", ".markdown": "markdown"}).get(ending)


def _writable(form: str) -> str:
    """The name of a format that quizzes are written in, before anything is asked for.

    Raises:
        Misuse: there is no such format, or it is only read.
    """
    from quizkit.sdk.formats import FORMATS

    known = [each.name for each in FORMATS.values() if each.writing]
    if form.strip().lower() not in known:
        raise Misuse(f"Quizzes are not written as {form!r}.", hint=f"take: {', '.join(known)}")
    return form.strip().lower()


def _told(written: Written) -> dict[str, Any]:
    return {"warnings": [each.message for each in written.warnings]}


def _save(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as exc:
        raise Misuse(f"{path} cannot be written: {exc.strerror}.") from exc


def _print(cli: Cli, written: Written) -> None:
    """A file on standard output: as it is, except that a terminal gets nothing but text."""
    if sys.stdout.isatty() or cli.out.as_json:
        if not written.is_text:
            raise Misuse(f"{written.format} is no text.", hint="name a file with --out")
        sys.stdout.write(clean(written.content.decode("utf-8-sig")))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(written.content)
    sys.stdout.buffer.flush()
