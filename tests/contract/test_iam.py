"""Least privilege: games pass with IAM enforced, and what a function was not given is denied.

MiniStack runs the bundles here, each with the credentials of its function's own role.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from quizkit.core.packing import pack
from quizkit.infra.function_table import FUNCTIONS
from tests.contract.client import Connection
from tests.contract.doors import Doors
from tests.contract.game import play_hosted, question, start_game
from tests.contract.permissions import PROBES, STACK, UNTOLD, Caller, granted
from tests.deployed import Deployed

NAMES = [spec.name for spec in FUNCTIONS]

#: Calls that would break a promise, written out: the table of functions is not asked about them.
FORBIDDEN = (
    ("answer", "keys", "dynamodb:GetItem"),
    ("answer", "keys", "dynamodb:Query"),
    ("answer", "answers", "dynamodb:UpdateItem"),
    ("answer", "answers", "dynamodb:DeleteItem"),
    ("answer", "tickets", "dynamodb:PutItem"),
    ("answer", "salts", "dynamodb:GetItem"),
    ("join", "keys", "dynamodb:GetItem"),
    ("join", "salts", "dynamodb:GetItem"),
    ("join", "answers", "dynamodb:GetItem"),
    ("join", "answers", "dynamodb:PutItem"),
    ("join", "tickets", "dynamodb:GetItem"),
    ("join", "tickets", "dynamodb:Scan"),
    ("connection", "keys", "dynamodb:GetItem"),
    ("connection", "salts", "dynamodb:GetItem"),
    ("connection", "tickets", "dynamodb:DeleteItem"),
    ("connection", "sockets-send", "execute-api:ManageConnections"),
    ("board", "keys", "dynamodb:GetItem"),
    ("board", "salts", "dynamodb:GetItem"),
    ("board", "sessions", "dynamodb:PutItem"),
    ("board", "sessions", "dynamodb:UpdateItem"),
    ("board", "participants", "dynamodb:UpdateItem"),
    ("board", "answers", "dynamodb:PutItem"),
    ("broadcast", "answers", "dynamodb:Query"),
    ("broadcast", "keys", "dynamodb:GetItem"),
    ("broadcast", "salts", "dynamodb:GetItem"),
    ("broadcast", "winners", "sns:Publish"),
    ("counter", "function-control", "lambda:InvokeFunction"),
    ("counter", "keys", "dynamodb:GetItem"),
    ("counter", "answers", "dynamodb:Query"),
    ("control", "answers", "dynamodb:PutItem"),
    ("control", "keys", "dynamodb:PutItem"),
    ("control", "keys", "dynamodb:UpdateItem"),
    ("control", "keys", "dynamodb:BatchWriteItem"),
    ("control", "questions", "dynamodb:PutItem"),
    ("control", "salts", "dynamodb:UpdateItem"),
    ("control", "salts", "dynamodb:DeleteItem"),
    ("admin", "salts", "dynamodb:PutItem"),
    ("admin", "salts", "dynamodb:UpdateItem"),
    ("control", "keys", "dynamodb:DeleteItem"),
    ("control", "tickets", "dynamodb:GetItem"),
    ("admin", "winners", "sns:Publish"),
    ("admin", "answers", "dynamodb:PutItem"),
    ("admin", "sessions", "dynamodb:UpdateItem"),
    ("admin", "tickets", "dynamodb:GetItem"),
    ("admin", "uploads", "s3:DeleteObject"),
    ("authorizer", "tickets", "dynamodb:GetItem"),
    ("authorizer", "tickets", "dynamodb:Scan"),
    ("authorizer", "tickets", "dynamodb:PutItem"),
    ("authorizer", "sessions", "dynamodb:GetItem"),
)


@pytest.fixture(scope="module")
def doors(strict: Deployed) -> Iterator[Doors]:
    """Every way into the strict platform."""
    with closing(Doors.of(strict)) as doors:
        yield doors


@pytest.fixture(scope="module")
def callers(strict: Deployed) -> Iterator[dict[str, Caller]]:
    """Each function's role, ready to call."""
    s3 = strict.client("s3")
    for part in ("uploads", "media"):
        # Without the right to list, a missing object is denied to everybody.
        s3.put_object(Bucket=strict.outputs["MediaBucketName"], Key=f"{part}/probe", Body=b"probe")
    s3.close()
    callers = {name: Caller.of_function(strict, name) for name in NAMES}
    yield callers
    for caller in callers.values():
        caller.close()


async def test_a_whole_game_passes(doors: Doors) -> None:
    """Lobby, questions, results, boards, a reconnect, a kick, the end, results and audit."""
    document = {"title": "Strict", "questions": [question("x", "b"), question("y", "ac")]}
    game = await start_game(doors, document, players=4)
    async with game.room as room:
        back = await room.sit(await room.http.resume(room.pin, game.players[0].seat.resume_token))
        game.players[0] = back
        out = await room.player("Out")
        await game.host.host("kick", "kicked", participant_id=out.seat.participant_id)
        await out.line.wait_closed()
        await play_hosted(game)
        assert (await room.audit())["agrees"] is True
        assert len((await room.board())["entries"]) >= 4
        assert len((await room.results())["questions"]) == 2


async def test_what_hosts_do_beside_a_game_passes(doors: Doors) -> None:
    """Schedules, lists and quizzes, through the admin function's role."""
    document = {"title": "Planned", "questions": [question("x", "b")]}
    source = {"format": "yaml", "packed": pack("# planned")}
    made = await doors.ask("quiz.create", document=document, name="planned.yaml", source=source)
    quiz = made["quiz_id"]
    edited = document | {"title": "Planned better"}
    again = await doors.ask("quiz.update", quiz_id=quiz, document=edited, source=source)
    assert again["version"] == 2
    assert doors.ask_or_code("quiz.create", document=document, name="planned.yaml") == "conflict"
    first = await doors.ask("quiz.get", quiz_id=quiz, version=1, source=True)
    assert (first["title"], first["source"]) == ("Planned", source)
    assert quiz in [entry["quiz_id"] for entry in (await doors.ask("quiz.list"))["quizzes"]]
    planned = await doors.ask(
        "schedule.create", quiz_id=quiz, expression="cron(0 18 ? * FRI *)", name="fridays"
    )
    listed = (await doors.ask("schedule.list"))["schedules"]
    assert planned["schedule"] in [entry["schedule"] for entry in listed]
    await doors.ask("schedule.delete", schedule="fridays")
    await doors.ask("quiz.delete", quiz_id=quiz)


def test_functions_are_the_bundles_under_their_own_roles(strict: Deployed) -> None:
    """Run by MiniStack itself, not by the process that hosts the handlers elsewhere."""
    lambda_ = strict.client("lambda")
    roles = set()
    for name in NAMES:
        found = lambda_.get_function_configuration(FunctionName=f"{STACK}-{name}")
        assert found["Runtime"] == "python3.13"
        assert "MINISTACK_LAMBDA_PROXY_URL" not in found["Environment"]["Variables"]
        roles.add(found["Role"])
    lambda_.close()
    assert len(roles) == len(NAMES)


async def test_a_function_can_do_what_its_role_allows_and_no_more(
    doors: Doors, strict: Deployed
) -> None:
    """Without its policy, the function for boards reads nothing; with it, it works again."""
    room = await doors.room({"title": "Roles", "questions": [question("x", "b")]})
    assert (await room.board())["total"] == 0
    lambda_, iam = strict.client("lambda"), strict.client("iam")
    with closing(lambda_), closing(iam):
        found = lambda_.get_function_configuration(FunctionName=f"{STACK}-board")
        role = {"RoleName": found["Role"].rpartition("/")[2], "PolicyName": "board"}
        policy = iam.get_role_policy(**role)["PolicyDocument"]
        iam.delete_role_policy(**role)
        try:
            reply = await room.http.get(f"/leaderboard/{room.session_id}")
            assert reply.status >= 500
        finally:
            iam.put_role_policy(**role, PolicyDocument=json.dumps(policy))
    assert (await room.board())["total"] == 0


def test_every_grant_has_a_probe() -> None:
    """What the table gives is either tried below or told why not."""
    for name in NAMES:
        assert granted(name) <= PROBES.keys() | UNTOLD.keys(), name


@pytest.mark.parametrize("name", NAMES)
def test_a_role_may_do_exactly_what_its_row_says(callers: dict[str, Caller], name: str) -> None:
    """Every probe, allowed or denied as the table says: no more, and no less."""
    caller = callers[name]
    allowed = {permission for permission, probe in PROBES.items() if caller.may(probe)}
    assert allowed == granted(name) - UNTOLD.keys()


@pytest.mark.parametrize(("name", "resource", "action"), FORBIDDEN)
def test_calls_that_would_break_a_promise_are_denied(
    callers: dict[str, Caller], name: str, resource: str, action: str
) -> None:
    """Keys, answers, tickets, winners and sessions, each from the functions that must not."""
    assert not callers[name].may(PROBES[resource, action])


@pytest.mark.parametrize("name", NAMES)
def test_no_role_can_become_another(callers: dict[str, Caller], name: str) -> None:
    """Roles are for the Lambda service alone."""
    lambda_ = callers[name].platform.client("lambda")
    with closing(lambda_):
        for other in NAMES:
            role = lambda_.get_function_configuration(FunctionName=f"{STACK}-{other}")["Role"]
            assert not callers[name].may(
                lambda caller, role=role: caller.client("sts").assume_role(  # type: ignore[misc]
                    RoleArn=role, RoleSessionName="another"
                )
            )


def test_nobody_reads_the_bucket_without_the_distribution(strict: Deployed) -> None:
    """An anonymous request for a checked file, or for an upload, is refused by the bucket."""
    import urllib3

    with urllib3.PoolManager() as pool:
        for key in ("media/probe", "uploads/probe"):
            url = f"{strict.gateway_url}/{strict.outputs['MediaBucketName']}/{key}"
            assert pool.request("GET", url, retries=False).status == 403


async def test_a_forged_ticket_opens_nothing(doors: Doors) -> None:
    """The authorizer works under its role: what it lets in is let in, the rest is not."""
    from websockets.exceptions import InvalidStatus

    room = await doors.room({"title": "Tickets", "questions": [question("x", "b")]})
    seat = await room.http.join(room.pin, "Ada")
    with pytest.raises(InvalidStatus):
        await Connection.open(seat.websocket_url, seat.ticket[:-1] + "!")
    line = await Connection.open(seat.websocket_url, seat.ticket)
    await line.ping()
    await line.close()
