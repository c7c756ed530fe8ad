"""Administration: quizzes, sessions, schedules and media of one stage.

`Admin` reaches the stage's operations with AWS credentials, as an admin, or with the tokens
of a host who is signed in (`admin_doors`). What the platform answers is returned as it is,
typed in `documents`; what it refuses is raised as an error of `quizkit.sdk.errors`.
Operations that change something are never repeated by themselves: a lost answer to
`start_session` must not become two sessions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from quizkit.core.scoring import order
from quizkit.sdk import media
from quizkit.sdk.admin_doors import AdminDoor, InvokeDoor, SignedInDoor, not_deployed
from quizkit.sdk.documents import (
    AuditDocument,
    HostTicket,
    LeaderboardDocument,
    MediaSummary,
    QuizCreated,
    QuizDocument,
    QuizSummary,
    QuizUpdated,
    ResultsDocument,
    ScheduleDocument,
    SessionDocument,
    SessionSummary,
    StoredMedia,
    UploadForm,
)
from quizkit.sdk.errors import Conflict, NotFound
from quizkit.sdk.formats.load import LoadedQuiz
from quizkit.sdk.player import Bearer, PlayerApi
from quizkit.sdk.sources import kept_source, unpacked_source

if TYPE_CHECKING:
    from quizkit.sdk.target import Target

T = TypeVar("T")
Stored = TypeVar("Stored", QuizCreated, QuizUpdated)

_PIN: Final = re.compile(r"\d{3}\s?\d{3}")
_REPEATABLE: Final = frozenset(
    {
        "quiz.list",
        "quiz.get",
        "session.list",
        "session.get",
        "session.results",
        "session.audit",
        "schedule.list",
        "media.list",
        "media.keep",
    }
)


class Admin:
    """A stage's administrator, or one of its hosts.

    Args:
        target: where the stage is.
        outputs: of its stack; `AdminFunctionName` and `HttpApiUrl` are used.
        bearer: gives the ID tokens of a host, such as `accounts.SignIn.bearer`; with it no
            AWS credentials are used, and of the outputs `HttpApiUrl` alone.

    Every method raises `Unreachable` and `CredentialsError` as any call of a target does, and
    `NotFound` where what it names, or the stage itself, does not exist.
    """

    def __init__(
        self, target: Target, outputs: Mapping[str, str], *, bearer: Bearer | None = None
    ) -> None:
        self._stage = target.stage
        self._outputs = outputs
        self._door: AdminDoor
        if bearer is None:
            function = outputs.get("AdminFunctionName", f"quizkit-{target.stage}-admin")
            self._door = InvokeDoor(target, function)
        else:
            self._door = SignedInDoor(self.http_url, bearer)

    # --- quizzes ---------------------------------------------------------------------

    def create_quiz(
        self, loaded: LoadedQuiz, folder: Path | None = None, name: str | None = None
    ) -> QuizCreated:
        """Store a quiz, after uploading the media files that it names.

        Args:
            loaded: from `formats.load`; the text of a native file is kept with its comments.
            folder: of the quiz file, for the paths of media; None where there is none.
            name: that no other quiz of the same owner may have, such as a file's path.

        Raises:
            InvalidInput: a media file is missing or not taken, or the quiz is not valid.
            Conflict: the name is taken.
        """
        document = self._with_media(loaded, folder)
        source, warnings = kept_source(loaded, document)
        made = self._call(QuizCreated, "quiz.create", document=document, source=source, name=name)
        return _told(made, warnings)

    def update_quiz(
        self,
        quiz_id: str,
        loaded: LoadedQuiz,
        folder: Path | None = None,
        expected_version: int | None = None,
    ) -> QuizUpdated:
        """Store a new version of a quiz, unless it says what the newest one says.

        Sessions that were begun keep the version that they began with.

        Args:
            loaded, folder: as in `create_quiz`.
            expected_version: has to be the newest one still; None: whatever it is.

        Raises:
            InvalidInput: a media file is missing or not taken, or the quiz is not valid.
            NotFound: there is no such quiz.
            Conflict: the newest version is another one than expected.
        """
        document = self._with_media(loaded, folder)
        source, warnings = kept_source(loaded, document)
        made = self._call(
            QuizUpdated,
            "quiz.update",
            quiz_id=quiz_id,
            document=document,
            source=source,
            expected_version=expected_version,
        )
        return _told(made, warnings)

    def _with_media(self, loaded: LoadedQuiz, folder: Path | None) -> dict[str, Any]:
        """The native document, naming its media by their keys; they are uploaded here."""
        files = media.find_media(loaded, folder)
        document = media.with_keys(loaded.document, files)
        for file in {file.key: file for file in files.values()}.values():
            self.store_media(file)
        return document

    def list_quizzes(self) -> list[QuizSummary]:
        """All quizzes, newest first."""
        return self._pages(QuizSummary, "quiz.list", "quizzes")

    def get_quiz(
        self, quiz_id: str, version: int | None = None, *, source: bool = False
    ) -> QuizDocument:
        """A quiz with its native document, right answers included.

        Args:
            version: one of its versions; the newest one where it is None.
            source: ask for the text that it was read from as well, if that was kept.

        Raises:
            NotFound: there is no such quiz, or no such version of it.
        """
        found = self._call(
            QuizDocument, "quiz.get", quiz_id=quiz_id, version=version, source=source or None
        )
        if source:
            found["source"] = unpacked_source(found.get("source"))
        return found

    def delete_quiz(self, quiz_id: str) -> None:
        """Delete a quiz with all versions; `Conflict` while a session of it is live."""
        try:
            self.call("quiz.delete", quiz_id=quiz_id)
        except Conflict as exc:
            if exc.code != "quiz_in_use":
                raise
            hint = "end them first: quizkit session end SESSION"
            raise Conflict(exc.message, hint=hint, code=exc.code) from exc

    # --- sessions --------------------------------------------------------------------

    def start_session(
        self,
        quiz_id: str,
        *,
        auto: bool = False,
        lobby_seconds: int | None = None,
        reveal_seconds: int | None = None,
        close_early: bool = False,
        max_participants: int | None = None,
    ) -> SessionDocument:
        """Open the lobby of a new session.

        Args:
            auto: questions follow one another without a host.
            lobby_seconds: how long the lobby of an `auto` session lasts.
            reveal_seconds: how long results are shown in an `auto` session.
            close_early: close a question once everybody has answered.
            max_participants: how many may join; None: 5,000.
        """
        return self._call(
            SessionDocument,
            "session.start",
            quiz_id=quiz_id,
            auto=auto,
            lobby_seconds=lobby_seconds,
            reveal_seconds=reveal_seconds,
            close_early=close_early,
            max_participants=max_participants,
        )

    def list_sessions(self, *, live: bool = False) -> list[SessionSummary]:
        """All sessions, or the live ones only, newest first."""
        sessions = self._pages(SessionSummary, "session.list", "sessions", live=live)
        return [item for item in sessions if not live or item["state"] != "finished"]

    def get_session(self, name: str) -> SessionDocument:
        """A session by its id or, while it is live, its PIN."""
        key = "pin" if _PIN.fullmatch(name) else "session_id"
        return self._call(SessionDocument, "session.get", **{key: name})

    def find_session(self, name: str | None = None) -> SessionDocument:
        """A session by id or PIN; without a name the one that is live.

        Raises:
            NotFound: there is no such session, or none is live.
            Conflict: several are live.
        """
        if name:
            return self.get_session(name)
        live = self.list_sessions(live=True)
        if not live:
            raise NotFound("No session is live.", hint="start one: quizkit session start QUIZ")
        if len(live) > 1:
            pins = ", ".join(f"{item['pin']} ({item['title']})" for item in live[:10])
            raise Conflict(f"{len(live)} sessions are live: {pins}.", hint="name one by its PIN")
        return self.get_session(live[0]["session_id"])

    def command(
        self, session_id: str, command: str, *, participant_id: str | None = None
    ) -> dict[str, Any]:
        """Move a session; gives the session, or for `kick` who was removed.

        Args:
            command: `start`, `next`, `close`, `end`, `kick`, `lock` or `unlock`.
            participant_id: whom to kick.

        Raises:
            Conflict: the session's state does not allow it now.
        """
        return self.call(
            "session.command",
            session_id=session_id,
            command=command,
            participant_id=participant_id,
        )

    def results(self, session_id: str) -> ResultsDocument:
        """The results of all settled questions, recomputed from the stored answers.

        They come in pages without ranks, since a large session's are more than one answer
        of a function may hold; the ranks are given here, by the same order.
        """
        page = self.call("session.results", session_id=session_id, cursor="first")
        whole, lines = page, list(page["participants"])
        while (cursor := page.get("cursor")) is not None:
            page = self.call("session.results", session_id=session_id, cursor=cursor)
            lines += page["participants"]
        lines.sort(
            key=lambda line: order(
                line["score"], line["time"], line["joined_at"], line["participant_id"]
            )
        )
        ranked = [{"rank": rank, **line} for rank, line in enumerate(lines, start=1)]
        head = {key: value for key, value in whole.items() if key != "cursor"}
        return cast(ResultsDocument, head | {"participants": ranked})

    def audit(self, session_id: str) -> AuditDocument:
        """Recompute the standings and compare them with the stored ones."""
        return self._call(AuditDocument, "session.audit", session_id=session_id)

    def leaderboard(self, session_id: str, top: int | None = None) -> LeaderboardDocument:
        """The board, over HTTP as anybody sees it."""
        api = PlayerApi(self.http_url)
        try:
            return cast(LeaderboardDocument, api.leaderboard(session_id, top))
        finally:
            api.close()

    def host_ticket(self, session_id: str) -> HostTicket:
        """A ticket for `LiveSession.host`."""
        return self._call(HostTicket, "session.host_ticket", session_id=session_id)

    # --- schedules and media -----------------------------------------------------------

    def create_schedule(
        self,
        quiz_id: str,
        expression: str,
        *,
        timezone: str | None = None,
        name: str | None = None,
        lobby_seconds: int | None = None,
        reveal_seconds: int | None = None,
    ) -> ScheduleDocument:
        """Let sessions of a quiz start by themselves.

        Args:
            expression: `at(2030-01-31T18:00:00)`, `cron(0 18 ? * FRI *)` or `rate(1 day)`.
            timezone: an IANA name; UTC where None.
        """
        return self._call(
            ScheduleDocument,
            "schedule.create",
            quiz_id=quiz_id,
            expression=expression,
            timezone=timezone,
            name=name,
            lobby_seconds=lobby_seconds,
            reveal_seconds=reveal_seconds,
        )

    def list_schedules(self) -> list[ScheduleDocument]:
        """All schedules of the stage."""
        return self._pages(ScheduleDocument, "schedule.list", "schedules")

    def delete_schedule(self, schedule: str) -> None:
        """Delete a schedule by its name."""
        self.call("schedule.delete", schedule=schedule)

    def upload_media(self, path: Path) -> str:
        """Upload one file, at most 10 MiB; gives its key, to be used as `media`."""
        return self.store_media(media.check_file(path))["key"]

    def store_media(self, file: media.MediaFile, sent: media.Sent | None = None) -> StoredMedia:
        """Store one file, from `media.check_file`; nothing is sent where it is stored already.

        Args:
            sent: is told how many bytes more have been sent.
        """
        form = self._call(
            UploadForm,
            "media.upload",
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
        )
        if not form["stored"]:
            media.upload(form, file, sent)
            self.call("media.keep", key=form["key"], name=file.name)
        return {"key": form["key"], "stored": form["stored"]}

    def list_media(self) -> list[MediaSummary]:
        """All stored files, newest first."""
        found = self._pages(MediaSummary, "media.list", "media")
        return sorted(found, key=lambda item: (-item["uploaded_at"], item["key"]))

    def delete_media(self, key: str) -> None:
        """Remove a stored file; `Conflict` where a stored version of a quiz names it."""
        self.call("media.delete", key=key)

    # --- how it is done ----------------------------------------------------------------

    @property
    def is_host(self) -> bool:
        """Whether this is a host who signed in, and not an admin."""
        return isinstance(self._door, SignedInDoor)

    @property
    def http_url(self) -> str:
        """The stage's HTTP API, for `LiveSession.join` and the like."""
        try:
            return self._outputs["HttpApiUrl"]
        except KeyError as exc:
            raise not_deployed(self._stage) from exc

    def call(self, operation: str, /, **arguments: Any) -> dict[str, Any]:
        """Run one operation by name; arguments that are None are left out."""
        given = {key: value for key, value in arguments.items() if value is not None}
        return self._door.call(operation, given, repeatable=operation in _REPEATABLE)

    def _call(self, document: type[T], operation: str, /, **arguments: Any) -> T:
        """`call` with the type of its document."""
        return cast(T, self.call(operation, **arguments))

    def _pages(self, item: type[T], operation: str, name: str, /, **arguments: Any) -> list[T]:
        """All items of a list that comes in pages."""
        found: list[T] = []
        cursor: str | None = None
        while True:
            page = self.call(operation, cursor=cursor, **arguments)
            found += page[name]
            cursor = page.get("cursor")
            if cursor is None:
                return found


def _told(made: Stored, warnings: list[str]) -> Stored:
    """What the platform answered, with what there is to say beside it."""
    if warnings:
        made["warnings"] = warnings
    return made
