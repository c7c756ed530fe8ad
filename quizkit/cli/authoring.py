"""A quiz typed at the terminal: asked for question by question, in a file from the first on.

After every question the YAML file is written anew, whole, so that neither a failing upload
nor Ctrl-C loses what was typed; a question that was cut short stands in it as a comment. The
same title goes on with the file, as long as nothing in it was changed by hand.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from quizkit.cli.dialogue import Ask, Dialogue, Tell
from quizkit.core.quiz_model import MAX_QUESTIONS, MAX_TITLE
from quizkit.sdk.errors import InvalidInput, Misuse

if TYPE_CHECKING:
    from quizkit.cli.context import Cli

HEAD: Final = "# Typed with: quizkit quiz create. What else may stand here: docs/formats.md."
_UNFINISHED: Final = "# Not finished:"


def typed_quiz(cli: Cli) -> Path:
    """Ask at the terminal for a quiz; gives its file, which is in the current folder.

    Raises:
        InvalidInput: it ended before there was a question, or within one.
        Misuse: the file cannot be written.
        KeyboardInterrupt: Ctrl-C; what was typed is in the file.
    """

    def ask(what: str) -> str:
        sys.stderr.write(f"{what}: ")
        sys.stderr.flush()
        line = sys.stdin.buffer.readline()
        if not line:
            raise EOFError
        return line.decode(sys.stdin.encoding or "utf-8", "replace").rstrip("\r\n")

    author = Author(ask, cli.out.note, Path.cwd())
    try:
        return author.write_quiz()
    finally:
        if author.path is not None:
            kept = author.path.name
            cli.out.note(
                f"\nwhat you typed is in {kept}; store it with: quizkit quiz create {kept}",
                f"go on with it: quizkit quiz create, and the title “{author.title}”",
            )


class Author:
    """Asks for a quiz and keeps it in a file.

    Args:
        ask: asks for a line.
        tell: says something to whoever types.
        folder: where the file is to be.

    Attributes:
        path: the file, once there is one.
    """

    def __init__(self, ask: Ask, tell: Tell, folder: Path) -> None:
        self._tell, self._folder = tell, folder
        self._dialogue = Dialogue(ask, tell, self._keep, folder)
        self._document: dict[str, Any] = {}
        self._unfinished: list[str] = []
        self.path: Path | None = None

    @property
    def title(self) -> str:
        """The quiz's title."""
        return str(self._document.get("title", ""))

    def write_quiz(self) -> Path:
        """Ask for everything; gives the file.

        Raises:
            InvalidInput: it ended before there was a question, or within one.
            Misuse: the file cannot be written.
            KeyboardInterrupt: Ctrl-C; `path` has what was typed until then.
        """
        try:
            self._everything()
        except EOFError:
            pass
        finally:
            self._save()
        if not self._document.get("questions"):
            raise InvalidInput("There is no question yet, so there is no quiz to store.")
        assert self.path is not None
        if self._unfinished:
            kept = self.path.name
            raise InvalidInput(
                f"The last question is not finished, so the quiz in {kept} is not stored.",
                hint=f"store it as it is with: quizkit quiz create {kept}",
            )
        return self.path

    def _everything(self) -> None:
        title = self._dialogue.text("title of the quiz", MAX_TITLE)
        self._open(title)
        self._save()
        self._tell("An empty line ends a list: options, and in the end the questions.")
        questions = self._document["questions"]
        while len(questions) < MAX_QUESTIONS:
            question = self._dialogue.question(len(questions) + 1)
            if question is None:
                return
            questions.append(question)
            self._unfinished.clear()
            self._save()

    def _open(self, title: str) -> None:
        """Take a new file, or go on with the one that this title has already."""
        first = self._folder / f"{stem(title)}.yaml"
        found = resumable(first)
        if found is not None and found["title"] == title:
            count = len(found["questions"])
            had = f"{first.name} is there with {count} question{'s' * (count != 1)}: go on with it"
            if self._dialogue.agrees(had, usual=True):
                self._document, self.path = found, first
                for line in unfinished_in(first):
                    self._tell(f"  not finished: {line}")
                return
        self._document = {"title": title, "questions": []}
        self.path = free_path(title, self._folder)
        if self.path != first:
            self._tell(f"{first.name} stays as it is; this quiz goes into {self.path.name}.")

    def _keep(self, line: str) -> None:
        self._unfinished.append(line)

    def _save(self) -> None:
        """Write the file anew, whole or not at all."""
        if self.path is None:
            return
        text = written(self._document)
        if self._unfinished:
            lines = ["", _UNFINISHED, *(f"#   {line}" for line in self._unfinished)]
            text += "\n".join(lines) + "\n"
        beside = self.path.with_name(f".{self.path.name}.tmp")
        try:
            beside.write_text(text, encoding="utf-8")
            beside.replace(self.path)
        except OSError as exc:
            raise Misuse(f"{self.path} cannot be written: {exc.strerror}.") from exc


def written(document: dict[str, Any]) -> str:
    """A typed quiz as it stands in its file."""
    from quizkit.sdk.formats.native import yaml_text

    return f"{HEAD}\n{yaml_text(document)}"


def resumable(path: Path) -> dict[str, Any] | None:
    """The quiz of a file that was typed and not touched since; else None.

    Writing it anew must lose nothing: where somebody has added a comment or changed the lay-out,
    the file is theirs.
    """
    from quizkit.sdk.formats.load import open_source, read

    if not path.is_file():
        return None
    try:
        source = open_source(path)
        document = read(source, format="yaml").document
    except InvalidInput:
        return None
    if not isinstance(document, dict) or not isinstance(document.get("questions"), list):
        return None
    whole, _, _ = source.text.partition(f"\n{_UNFINISHED}\n")
    return document if "title" in document and whole == written(document) else None


def unfinished_in(path: Path) -> list[str]:
    """The lines of a question that was cut short when the file was typed."""
    _, _, rest = path.read_text("utf-8").partition(f"\n{_UNFINISHED}\n")
    return [line.removeprefix("#   ") for line in rest.splitlines()]


def stem(title: str) -> str:
    """What a file of this title is called, without its ending."""
    words = re.findall(r"[^\W_]+", title.casefold())
    return "-".join(words)[:60].strip("-") or "quiz"


def free_path(title: str, folder: Path) -> Path:
    """A file named for a title, where none is yet."""
    number = 1
    while True:
        path = folder / (f"{stem(title)}.yaml" if number == 1 else f"{stem(title)}-{number}.yaml")
        if not path.exists():
            return path
        number += 1
