"""quizkit.lambdas.services.hosting: the admin operations and their refusals."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pytest

from quizkit.core.errors import InvalidQuiz, QuizError
from quizkit.core.media import EXTENSIONS
from quizkit.core.owners import ADMIN, Caller
from quizkit.core.session import Command
from quizkit.lambdas.services.authoring import slug
from quizkit.lambdas.services.hosting import OPERATIONS
from tests import media_samples as samples
from tests.fakes.game import DOCUMENT, QUIZ, World


def ask(
    world: World, operation: str, arguments: Mapping[str, Any], caller: Caller = ADMIN
) -> dict[str, Any]:
    """Have an operation done, by an admin unless somebody else is named."""
    return world.hosting.run(operation, arguments, caller)


def refusal(world: World, operation: str, caller: Caller = ADMIN, /, **arguments: Any) -> str:
    """The code with which an operation is refused."""
    with pytest.raises(QuizError) as caught:
        world.hosting.run(operation, arguments, caller)
    return caught.value.code


def test_the_operations() -> None:
    """Exactly those that the SDK calls."""
    assert set(OPERATIONS) == {
        "quiz.create",
        "quiz.update",
        "quiz.list",
        "quiz.get",
        "quiz.delete",
        "session.start",
        "session.list",
        "session.get",
        "session.command",
        "session.results",
        "session.audit",
        "session.host_ticket",
        "schedule.create",
        "schedule.list",
        "schedule.delete",
        "media.upload",
        "media.keep",
        "media.list",
        "media.delete",
    }


@pytest.mark.parametrize("name", ["", "quiz", "quiz.drop", "run", "None", "__init__"])
def test_unknown_operations(world: World, name: str) -> None:
    """Anything else is refused by name."""
    assert refusal(world, name) == "unknown_action"


# --- quizzes ---------------------------------------------------------------------------------


def test_a_quiz_from_cradle_to_grave(world: World) -> None:
    """Created, listed, read back whole, deleted."""
    made = ask(world, "quiz.create", {"document": DOCUMENT})
    assert made["quiz_id"].startswith("capitals-")
    assert (made["title"], made["questions"]) == ("Capitals", 3)
    listed = ask(world, "quiz.list", {})
    assert {quiz["quiz_id"] for quiz in listed["quizzes"]} == {QUIZ, made["quiz_id"]}
    assert listed["cursor"] is None
    got = ask(world, "quiz.get", {"quiz_id": made["quiz_id"]})
    assert (got["questions"], got["scoring"], got["feedback"]) == (3, "speed", "on_close")
    again = ask(world, "quiz.create", {"document": got["document"]})
    assert again["questions"] == 3
    gone = ask(world, "quiz.delete", {"quiz_id": made["quiz_id"]})
    assert gone == {"quiz_id": made["quiz_id"]}
    assert refusal(world, "quiz.get", quiz_id=made["quiz_id"]) == "quiz_not_found"
    assert refusal(world, "quiz.delete", quiz_id=made["quiz_id"]) == "quiz_not_found"


def test_lists_have_pages(world: World) -> None:
    """Newest first, fifty a page, until the cursor is null; each quiz once."""
    for number in range(120):
        world.questions.create(f"quiz-{number:03d}", number, DOCUMENT)
    found: list[str] = []
    cursor = None
    sizes = []
    while True:
        page = ask(world, "quiz.list", {"cursor": cursor})
        sizes.append(len(page["quizzes"]))
        found += [quiz["quiz_id"] for quiz in page["quizzes"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert sizes == [50, 50, 21]
    assert len(set(found)) == 121
    assert found[:2] == [QUIZ, "quiz-119"]


@pytest.mark.parametrize("document", [None, "title: x", [], {}, {"title": "x", "questions": []}])
def test_an_invalid_quiz_lists_its_problems(world: World, document: object) -> None:
    """Nothing is stored, and every problem is told."""
    with pytest.raises(InvalidQuiz) as caught:
        ask(world, "quiz.create", {"document": document})
    assert caught.value.problems
    assert len(ask(world, "quiz.list", {})["quizzes"]) == 1


def test_a_quiz_in_use_is_kept(world: World) -> None:
    """As long as a session of it is live."""
    session = world.create()
    assert refusal(world, "quiz.delete", quiz_id=QUIZ) == "quiz_in_use"
    world.apply(session, Command.END)
    assert ask(world, "quiz.delete", {"quiz_id": QUIZ}) == {"quiz_id": QUIZ}


@pytest.mark.parametrize("quiz_id", [None, "", 7, ["x"]])
@pytest.mark.parametrize("operation", ["quiz.get", "quiz.delete", "schedule.create"])
def test_a_quiz_has_to_be_named(world: World, operation: str, quiz_id: object) -> None:
    """By text."""
    assert refusal(world, operation, quiz_id=quiz_id, expression="rate(1 day)") == "bad_request"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Capitals", "capitals"),
        ("  Über Städte!  ", "uber-stadte"),
        ("首都", "quiz"),
        ("x" * 100, "x" * 40),
        ("a" * 39 + " b", "a" * 39),
    ],
)
def test_slugs(title: str, expected: str) -> None:
    """The readable part of an id: plain letters and digits, never empty, never ending in '-'."""
    assert slug(title) == expected


# --- sessions --------------------------------------------------------------------------------


def test_a_session_from_start_to_results(world: World) -> None:
    """Started, found by id and PIN, commanded, audited."""
    started = ask(world, "session.start", {"quiz_id": QUIZ, "reveal_seconds": 3})
    sid = started["session_id"]
    assert (started["state"], started["reveal_seconds"]) == ("lobby", 3)
    session = world.control.load(sid)
    ada = world.join(session, "Ada")
    for key in ({"session_id": sid}, {"pin": started["pin"]}):
        shown = ask(world, "session.get", key)
        assert (shown["session_id"], shown["participants"]) == (sid, 1)
    moved = ask(world, "session.command", {"session_id": sid, "command": "start"})
    assert moved["state"] == "open"
    kicked = ask(
        world, "session.command", {"session_id": sid, "command": "kick", "participant_id": ada.id}
    )
    assert kicked["nickname"] == "Ada"
    assert ask(world, "session.results", {"session_id": sid})["questions"] == []
    page = ask(world, "session.results", {"session_id": sid, "cursor": "first"})
    assert (page["questions"], page["cursor"]) == ([], "0:1:")
    assert refusal(world, "session.results", session_id=sid, cursor="1:0:") == "bad_request"
    assert ask(world, "session.audit", {"session_id": sid})["agrees"]
    listed = ask(world, "session.list", {"live": True})
    assert [item["session_id"] for item in listed["sessions"]] == [sid]
    ask(world, "session.command", {"session_id": sid, "command": "end"})
    world.run()
    assert ask(world, "session.list", {"live": True})["sessions"] == []
    assert ask(world, "session.list", {})["sessions"][0]["state"] == "finished"


@pytest.mark.parametrize(
    "operation",
    ["session.get", "session.command", "session.results", "session.audit", "session.host_ticket"],
)
def test_sessions_that_are_not_there(world: World, operation: str) -> None:
    """By id and by PIN, each with its code."""
    assert refusal(world, operation, session_id="none") == "session_not_found"
    assert refusal(world, operation, pin="000000") == "pin_not_found"
    assert refusal(world, operation, pin=7) == "pin_not_found"
    assert refusal(world, operation) == "pin_not_found"


def test_refused_commands(world: World) -> None:
    """What the rules refuse keeps its code on the way."""
    sid = world.create().session_id
    run = {"session_id": sid}
    assert refusal(world, "session.command", **run, command="close") == "not_allowed_now"
    assert refusal(world, "session.command", **run, command="start", version=9) == "conflict"
    ask(world, "session.command", {**run, "command": "end"})
    assert refusal(world, "session.command", **run, command="next") == "session_finished"
    assert refusal(world, "session.start", quiz_id="none") == "quiz_not_found"
    assert refusal(world, "session.start", quiz_id=QUIZ, lobby_seconds=-1) == "bad_request"


def test_a_command_says_no_more_than_a_command(world: World) -> None:
    """Other fields do not reach the control function, which takes more kinds of calls."""
    sid = world.create().session_id
    smuggled = {"create": {"quiz_id": QUIZ}, "Records": [], "requestContext": {}}
    ask(world, "session.command", {"session_id": sid, "command": "lock", **smuggled})
    assert len(ask(world, "session.list", {})["sessions"]) == 1


def test_a_host_ticket(world: World) -> None:
    """It opens a host's socket, once."""
    session = world.create()
    given = ask(world, "session.host_ticket", {"pin": session.pin})
    assert given["websocket_url"] == "wss://example/dev"
    who = world.tickets.redeem(given["ticket"], world.clock())
    assert who is not None
    assert (who.role, who.session_id) == ("host", session.session_id)
    assert who.participant_id == given["participant_id"]
    world.sockets.open("h")
    world.presence.connect(who, "h")
    assert world.participants.everybody(session) == []
    assert [host.connection_id for host in world.participants.hosts(session.session_id)] == ["h"]


# --- whose -----------------------------------------------------------------------------------

ADA, BOB = Caller("ada-1"), Caller("bob-1")
OF_SESSIONS = [
    "session.get",
    "session.command",
    "session.results",
    "session.audit",
    "session.host_ticket",
]


@pytest.mark.parametrize("operation", OF_SESSIONS)
@pytest.mark.parametrize("made_by", [ADMIN, ADA])
def test_a_session_is_its_makers(world: World, operation: str, made_by: Caller) -> None:
    """By id and PIN another host is refused and nothing moves; the owner and admins may."""
    made = ask(world, "session.start", {"quiz_id": QUIZ}, made_by)
    before = world.control.load(made["session_id"])
    assert before.owner == made["owner"] == made_by.owner
    for key in ("session_id", "pin"):
        arguments = {key: made[key], "command": "lock"}
        assert refusal(world, operation, BOB, **arguments) == "forbidden"
        assert world.control.load(made["session_id"]) == before
        assert world.participants.hosts(made["session_id"]) == []
    for who in (made_by, ADMIN):
        ask(world, operation, {"session_id": made["session_id"], "command": "lock"}, who)


def test_lists_show_a_host_their_own_sessions(world: World) -> None:
    """PINs of others' sessions are nobody's business; admins see all."""
    made = {
        who: ask(world, "session.start", {"quiz_id": QUIZ}, who)["session_id"]
        for who in (ADMIN, ADA, BOB)
    }
    for live in (True, False):
        for who in (ADA, BOB):
            [mine] = ask(world, "session.list", {"live": live}, who)["sessions"]
            assert (mine["session_id"], mine["owner"]) == (made[who], who.owner)
        everything = ask(world, "session.list", {"live": live})["sessions"]
        assert {item["session_id"] for item in everything} == set(made.values())


def test_pages_tell_nothing_of_others(world: World) -> None:
    """A list goes on after somebody else's session or quiz without a word of which it is."""
    made: dict[Caller, list[str]] = {ADA: [], BOB: []}
    for number in range(120):
        world.clock.now += 1
        who = BOB if number % 7 == 0 else ADA
        made[who].append(ask(world, "session.start", {"quiz_id": QUIZ}, who)["session_id"])
        quiz = {"document": DOCUMENT | {"title": f"Of {'bob' if who is BOB else 'ada'}"}}
        made[who].append(ask(world, "quiz.create", quiz, who)["quiz_id"])
    found: list[str] = []
    for operation, kind, name in (
        ("session.list", "sessions", "session_id"),
        ("quiz.list", "quizzes", "quiz_id"),
    ):
        cursor, pages = None, 0
        while pages == 0 or cursor is not None:
            page = ask(world, operation, {"cursor": cursor}, BOB)
            cursor, pages = page["cursor"], pages + 1
            found += [item[name] for item in page[kind]]
            assert not [other for other in made[ADA] if other in str(page)]
        assert pages >= 3
    assert sorted(found) == sorted([*made[BOB], QUIZ])


def test_a_page_of_one_moment_ends(world: World) -> None:
    """Where more were made in one millisecond than a page holds, the list goes on all the same."""
    for _ in range(120):
        ask(world, "session.start", {"quiz_id": QUIZ}, ADA)
    cursor, pages = None, 0
    while pages == 0 or cursor is not None:
        page = ask(world, "session.list", {"cursor": cursor}, BOB)
        cursor, pages = page["cursor"], pages + 1
        assert page["sessions"] == []
    assert pages <= 5


def test_a_quiz_is_its_makers(world: World) -> None:
    """Another host cannot read, run, plan or delete it, nor see that it is there."""
    quiz = {"quiz_id": ask(world, "quiz.create", {"document": DOCUMENT}, ADA)["quiz_id"]}
    for operation in ("quiz.get", "quiz.delete", "session.start", "schedule.create"):
        assert refusal(world, operation, BOB, **quiz, expression="rate(1 day)") == "forbidden"
    assert ask(world, "session.list", {})["sessions"] == []
    assert ask(world, "schedule.list", {})["schedules"] == []

    def shown(who: Caller) -> set[str]:
        return {item["quiz_id"] for item in ask(world, "quiz.list", {}, who)["quizzes"]}

    assert shown(BOB) == {QUIZ}
    assert shown(ADA) == shown(ADMIN) == {QUIZ, quiz["quiz_id"]}
    assert ask(world, "quiz.delete", quiz, ADA) == quiz


def test_the_admins_quizzes_are_every_hosts_to_use(world: World) -> None:
    """Read and run, but not deleted."""
    assert ask(world, "quiz.get", {"quiz_id": QUIZ}, ADA)["owner"] == "admin"
    assert ask(world, "session.start", {"quiz_id": QUIZ}, ADA)["owner"] == "ada-1"
    assert refusal(world, "quiz.delete", ADA, quiz_id=QUIZ) == "forbidden"


def test_the_owner_cannot_be_named(world: World) -> None:
    """Neither by a host for somebody else nor through the options of a session."""
    arguments = {"quiz_id": QUIZ, "owner": "bob-1", "create": {"owner": "bob-1"}}
    assert ask(world, "session.start", arguments, ADA)["owner"] == "ada-1"
    made = ask(world, "quiz.create", {"document": DOCUMENT, "owner": "bob-1"}, ADA)
    assert refusal(world, "quiz.get", BOB, quiz_id=made["quiz_id"]) == "forbidden"


def test_a_schedule_is_its_makers(world: World) -> None:
    """Listed and deleted by its maker and admins; its sessions are the maker's."""
    plan = {"quiz_id": QUIZ, "expression": "at(2030-01-01T12:00:00)", "name": "mine"}
    made = ask(world, "schedule.create", plan, ADA)
    assert world.control.load(made["session_id"]).owner == "ada-1"
    assert world.schedules.messages["mine"]["owner"] == "ada-1"
    assert ask(world, "schedule.list", {}, BOB)["schedules"] == []
    assert refusal(world, "schedule.delete", BOB, schedule="mine") == "forbidden"
    for who in (ADA, ADMIN):
        [entry] = ask(world, "schedule.list", {}, who)["schedules"]
        assert (entry["schedule"], entry["owner"]) == ("mine", "ada-1")
    assert ask(world, "schedule.delete", {"schedule": "mine"}, ADA) == {"schedule": "mine"}


# --- schedules -------------------------------------------------------------------------------


def test_schedules(world: World) -> None:
    """Made, listed, deleted; a one-time one opens its lobby at once."""
    once = ask(
        world,
        "schedule.create",
        {"quiz_id": QUIZ, "expression": "at(2030-01-01T12:00:00)", "timezone": "Europe/Vienna"},
    )
    assert once["state"] == "lobby"
    assert world.sessions.find_pin(once["pin"], world.clock()) == once["session_id"]
    daily = ask(
        world,
        "schedule.create",
        {"quiz_id": QUIZ, "expression": "cron(0 9 * * ? *)", "name": "daily"},
    )
    assert daily == {
        "schedule": "daily",
        "expression": "cron(0 9 * * ? *)",
        "timezone": "UTC",
        "quiz_id": QUIZ,
    }
    listed = ask(world, "schedule.list", {})["schedules"]
    assert {entry["schedule"] for entry in listed} == {once["schedule"], "daily"}
    assert refusal(world, "schedule.create", **daily, name="daily") == "conflict"
    assert ask(world, "schedule.delete", {"schedule": "daily"}) == {"schedule": "daily"}
    assert refusal(world, "schedule.delete", schedule="daily") == "schedule_not_found"
    assert refusal(world, "schedule.delete") == "bad_request"


@pytest.mark.parametrize(
    "bad",
    [
        {"expression": None},
        {"expression": ""},
        {"expression": "tomorrow"},
        {"expression": "at()"},
        {"expression": "at(2030-01-01T12:00:00) x"},
        {"name": "a b"},
        {"name": "x" * 65},
        {"name": "../x"},
    ],
)
def test_bad_schedules(world: World, bad: dict[str, Any]) -> None:
    """They are refused before anything is made."""
    arguments = {"quiz_id": QUIZ, "expression": "rate(1 day)", **bad}
    assert refusal(world, "schedule.create", **arguments) == "bad_request"
    assert ask(world, "schedule.list", {})["schedules"] == []
    assert ask(world, "session.list", {})["sessions"] == []


def test_a_schedule_of_no_quiz(world: World) -> None:
    """Is refused."""
    assert refusal(world, "schedule.create", quiz_id="x", expression="rate(1 day)") == (
        "quiz_not_found"
    )


# --- media -----------------------------------------------------------------------------------


PNG = samples.png()
DIGEST = sha256(PNG).hexdigest()
KEY = f"media/{DIGEST}.png"


def with_picture(key: str = KEY) -> dict[str, Any]:
    """A quiz that names a file."""
    return {"title": "P", "questions": [{**DOCUMENT["questions"][0], "media": key}]}


@pytest.mark.parametrize("content_type", EXTENSIONS)
def test_uploads(world: World, content_type: str) -> None:
    """A form for one object whose name tells nothing but its content and type."""
    arguments = {"name": "canberra.png", "content_type": content_type, "size": 5}
    form = ask(world, "media.upload", {**arguments, "sha256": DIGEST})
    assert set(form) == {"key", "stored", "url", "fields"}
    assert form["key"] == f"media/{DIGEST}{EXTENSIONS[content_type]}"


@pytest.mark.parametrize(
    "content_type", [None, "", "text/html", "image/svg+xml", ["image/png"], {"image/png": 1}]
)
def test_bad_uploads(world: World, content_type: object) -> None:
    """Types that run something in a browser; sizes are in test_media_library."""
    bad = {"content_type": content_type, "size": 5, "sha256": DIGEST}
    assert refusal(world, "media.upload", **bad) == "bad_request"


def test_files_are_whose_who_brought_them(world: World) -> None:
    """Another host sees and removes none; quizzes of others are counted, not named."""
    world.media.uploads[KEY] = PNG
    ask(world, "media.keep", {"key": KEY, "name": "p.png"}, ADA)
    bobs = ask(world, "quiz.create", {"document": with_picture()}, BOB)["quiz_id"]
    assert ask(world, "media.list", {}, BOB)["media"] == []
    [shown] = ask(world, "media.list", {}, ADA)["media"]
    assert (shown["key"], shown["used_by"], shown["used_by_others"]) == (KEY, [], 1)
    [shown] = ask(world, "media.list", {})["media"]
    assert (shown["used_by"], shown["used_by_others"], shown["owner"]) == ([bobs], 0, "ada-1")
    for who, code in ((BOB, "forbidden"), (ADA, "media_in_use"), (ADMIN, "media_in_use")):
        assert refusal(world, "media.delete", who, key=KEY) == code
    ask(world, "quiz.delete", {"quiz_id": bobs}, BOB)
    assert ask(world, "media.delete", {"key": KEY}, ADA) == {"key": KEY, "removed": True}
    assert refusal(world, "media.delete", key=KEY) == "media_not_found"
    assert refusal(world, "media.delete", key=None) == "bad_request"


def test_a_file_of_a_live_session_stays(world: World) -> None:
    """Its quiz cannot be deleted meanwhile, and holds the file."""
    world.media.uploads[KEY] = PNG
    made = ask(world, "quiz.create", {"document": with_picture()})["quiz_id"]
    session = ask(world, "session.start", {"quiz_id": made})
    assert refusal(world, "quiz.delete", quiz_id=made) == "quiz_in_use"
    assert refusal(world, "media.delete", key=KEY) == "media_in_use"
    named = {"session_id": session["session_id"], "command": "end"}
    ask(world, "session.command", named)
    ask(world, "quiz.delete", {"quiz_id": made})
    assert ask(world, "media.delete", {"key": KEY})["removed"]
