"""`quizkit media`: pictures, sounds and short films for quizzes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quizkit.cli.context import Cli
from quizkit.cli.render import clean, moment, table

if TYPE_CHECKING:
    from quizkit.sdk.documents import MediaSummary
    from quizkit.sdk.media import MediaFile

group = typer.Typer(help="Media for quizzes: upload, list, remove.")

_UNITS = ("B", "KiB", "MiB")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="media")


@group.command()
def upload(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(help="Files, and folders with all below.", metavar="PATH...")
    ],
) -> None:
    """Store files under names to be used as a question's media; each content is stored once."""
    from quizkit.sdk.media import check_files, collect

    cli = Cli.of(context)
    files = check_files(collect(paths))
    admin = cli.admin
    made: list[dict[str, Any]] = []
    lines: list[str] = []
    with _progress(cli, files) as sent:
        for file in files:
            stored = admin.store_media(file, partial(sent, file))
            sent(file, file.size)
            made.append({"file": str(file.path), "size": file.size, **stored})
            was = " (stored already, nothing was sent)" if stored["stored"] else ""
            lines.append(f"{stored['key']}  {clean(file.path)}{was}")
    fresh = sum(not each["stored"] for each in made)
    cli.out.result({"media": made, "sent": fresh, "stored": len(made) - fresh}, *lines)


@contextmanager
def _progress(cli: Cli, files: list[MediaFile]) -> Iterator[Callable[[MediaFile, int], None]]:
    """A bar of all bytes, where there is a terminal to draw on; told what was sent of a file."""
    if cli.out.quiet or not cli.out.animated:
        yield lambda file, count: None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(binary_units=True),
    )
    with Progress(*columns, console=cli.out.aside, transient=True) as bar:
        task = bar.add_task("uploading", total=sum(file.size for file in files))
        counted: dict[Path, int] = {}

        def sent(file: MediaFile, count: int) -> None:
            """Move the bar; a form is a little larger than its file."""
            before = counted.get(file.path, 0)
            counted[file.path] = min(file.size, before + count)
            bar.update(task, advance=counted[file.path] - before, description=clean(file.name))

        yield sent


@group.command("list")
def list_(context: typer.Context) -> None:
    """All files, newest first, with the quizzes that name them."""
    cli = Cli.of(context)
    found = cli.admin.list_media()
    rows = table("key", "file", "type", "size", "uploaded", "used by", right=("size",))
    for item in found:
        rows.add_row(
            item["key"],
            clean(item["name"]),
            item["content_type"],
            _size(item["size"]),
            moment(item["uploaded_at"]),
            _users(item),
        )
    empty = "There are no media yet; quiz create uploads what a quiz names, or: media upload PATH"
    cli.out.result({"media": found}, rows if found else empty)


@group.command()
def rm(
    context: typer.Context,
    keys: Annotated[list[str], typer.Argument(help="Keys, as media list shows.", metavar="KEY...")],
) -> None:
    """Remove files; refused while any stored version of a quiz names them."""
    cli = Cli.of(context)
    removed: list[str] = []
    try:
        for key in dict.fromkeys(keys):
            cli.admin.delete_media(key)
            removed.append(key)
    finally:
        if removed and len(removed) < len(keys):
            cli.out.note(*(f"{key} is removed." for key in removed))
    kept = "The bucket keeps what was removed for 30 days, as old versions."
    cli.out.result({"removed": removed}, *(f"{key} is removed." for key in removed), kept)


def _users(item: MediaSummary) -> str:
    users = [clean(quiz_id) for quiz_id in item["used_by"]]
    if item["used_by_others"]:
        users.append(f"{item['used_by_others']} of others")
    return ", ".join(users)


def _size(count: float) -> str:
    """Bytes as people read them."""
    unit = 0
    while count >= 1_024 and unit < len(_UNITS) - 1:
        count, unit = count / 1_024, unit + 1
    return f"{count:.0f} {_UNITS[unit]}" if unit == 0 else f"{count:.1f} {_UNITS[unit]}"
