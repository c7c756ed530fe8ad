"""S8: games by people who signed in, without AWS credentials; and tokens that open nothing."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.contract import forging
from tests.contract.doors import ROOT, Doors, Room
from tests.contract.game import question
from tests.contract.tls import Front, front
from tests.terminal import Terminal

PASSWORD = "Correct1horse!"
COMMAND = [sys.executable, "-m", "quizkit.cli"]
QUIZ = """\
title: Members
questions:
  - {text: Capital of Australia?, options: [Sydney, {text: Canberra, correct: true}]}
"""


# --- people on machines of their own -------------------------------------------------------


@dataclass
class Machine:
    """A machine without AWS credentials, where all that is of AWS but Cognito leads nowhere."""

    folder: Path
    doors: Doors
    front: Front
    outputs: Path
    name: str = field(default_factory=lambda: f"user-{uuid.uuid4().hex[:8]}")

    @property
    def env(self) -> dict[str, str]:
        """Its environment."""
        kept = {
            name: self.doors.platform.env[name]
            for name in ("PATH", "LANG")
            if name in self.doors.platform.env
        }
        return kept | {
            "HOME": str(self.folder),
            "QUIZKIT_HOME": str(self.folder / "quizkit"),
            "QUIZKIT_TARGET": "aws",
            "SSL_CERT_FILE": str(self.front.certificate),
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
            "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": self.doors.platform.gateway_url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
            "PYTHONWARNINGS": "default",
        }

    def run(self, *argv: str, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [*COMMAND, "--json", *argv],
            input=text,
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def quizkit(self, *argv: str, text: str = "", code: int = 0) -> Any:
        """Run a command; gives its document."""
        done = self.run(*argv, text=text)
        assert done.returncode == code, (argv, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def terminal(self, *argv: str) -> Terminal:
        """Run a command on a terminal."""
        return Terminal([*COMMAND, *argv], self.env, str(ROOT))

    def sign_up(self) -> None:
        """Make an account; the mail is read in the emulator's outbox."""
        address = f"{self.name}@example.org"
        outputs = ("--outputs", str(self.outputs), "--password-stdin")
        made = self.quizkit("signup", self.name, "--email", address, *outputs, text=f"{PASSWORD}\n")
        assert made == {"username": self.name, "email": address, "confirmed": False}
        confirm = ("--confirm", self.code(address), "--outputs", str(self.outputs))
        assert self.quizkit("signup", self.name, *confirm)["confirmed"] is True

    def log_in(self) -> None:
        """Sign in."""
        outputs = ("--outputs", str(self.outputs), "--password-stdin")
        self.quizkit("login", self.name, *outputs, text=f"{PASSWORD}\n")

    def code(self, address: str) -> str:
        """The code in the newest mail to an address."""
        url = f"{self.doors.platform.gateway_url}/_ministack/ses/messages"
        sent = json.loads(self.doors.http.raw(url).data)["messages"]
        mails = [
            mail["BodyText"]
            for account in sent.values()
            for mail in account
            if mail["To"] == [address]
        ]
        return str(mails[-1].removeprefix("Your code is ").rstrip("."))


@dataclass
class Machines:
    """Makes them."""

    folder: Path
    doors: Doors
    front: Front

    def __call__(self, *, host: bool = False, known: bool = True) -> Machine:
        """Somebody's machine; where `known`, they have an account and are signed in."""
        folder = self.folder / uuid.uuid4().hex[:8]
        folder.mkdir()
        document = {"target": "aws", "stage": "dev", "outputs": self.doors.platform.outputs}
        document["outputs"] = {**self.doors.platform.outputs, "HttpApiUrl": self.front.url}
        outputs = folder / "outputs.json"
        outputs.write_text(json.dumps(document))
        machine = Machine(folder, self.doors, self.front, outputs)
        if known:
            machine.sign_up()
            if host:
                self.doors.aws("cognito-idp").admin_add_user_to_group(
                    UserPoolId=self.doors.output("UserPoolId"),
                    Username=machine.name,
                    GroupName="hosts",
                )
            machine.log_in()
        return machine


@pytest.fixture(scope="module")
def machines(doors: Doors, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """Machines that reach the platform as they would reach AWS."""
    folder = tmp_path_factory.mktemp("machines")
    with front(doors.output("HttpApiUrl"), folder) as running:
        yield Machines(folder, doors, running)


def test_a_game_without_aws_credentials(machines: Machines) -> None:
    """A host and two players sign up, sign in and play to the audit; none has AWS credentials."""
    host, ada, bob = machines(host=True), machines(), machines()
    file = host.folder / "quiz.yaml"
    file.write_text(QUIZ)
    quiz_id = host.quizkit("quiz", "create", str(file))["quiz_id"]
    session = host.quizkit("session", "start", quiz_id)
    with (
        ada.terminal("play", session["pin"], "--user") as first,
        bob.terminal("play", session["pin"], "--user", "--nick", "Bob") as second,
        host.terminal("host", "--session", session["pin"]) as leading,
    ):
        leading.wait_for(f"as host: {host.name}")
        for screen in (first, second):
            screen.wait_for("Wait for the first question")
        leading.wait_for("2 players in the lobby")
        leading.type("\r")
        for screen, answer in ((first, "b"), (second, "a")):
            screen.wait_for("Answer with a letter")
            screen.type(answer)
            screen.wait_for("your answer is in")
        leading.type("c")
        first.wait_for(r"Right: \d+ points")
        second.wait_for("Wrong")
        leading.type("ey")
        leading.wait_for("The session is finished")
        for screen in (first, second, leading):
            assert screen.finish() == 0
    results = host.quizkit("session", "results", session["session_id"])
    assert [line["nickname"] for line in results["participants"]] == [ada.name, "Bob"]
    assert host.quizkit("audit", session["session_id"])["agrees"] is True
    assert host.quizkit("leaderboard", session["session_id"])["total"] == 2
    paths = machines.front.paths
    assert paths.count("/join/member") == 2
    assert {"/host/session.start", "/host/session.host_ticket"} <= set(paths)


def test_authoring_and_planning_without_aws_credentials(machines: Machines, tmp_path: Path) -> None:
    """What else a host does goes the same way: authoring, schedules, ending."""
    host = machines(host=True)
    file = tmp_path / "quiz.yaml"
    file.write_text(QUIZ)
    quiz_id = host.quizkit("quiz", "create", str(file))["quiz_id"]
    assert (
        host.quizkit("quiz", "show", quiz_id)["owner"]
        == host.quizkit("quiz", "list")["quizzes"][0]["owner"]
    )
    plan = host.quizkit(
        "session", "schedule", quiz_id, "--at", "2031-01-01T12:00", "--name", host.name
    )
    assert [item["schedule"] for item in host.quizkit("session", "schedules")["schedules"]] == [
        host.name
    ]
    host.quizkit("session", "unschedule", host.name)
    host.quizkit("session", "end", plan["session_id"])
    host.quizkit("quiz", "delete", quiz_id)


def test_what_takes_aws_credentials_says_so(machines: Machines) -> None:
    """A host's sign-in deploys nothing; a player's runs nothing; nobody's opens nothing."""
    host, player, nobody = machines(host=True), machines(), machines(known=False)
    region = ("--region", "us-east-1")
    for machine, argv in (
        (host, ("outputs",)),
        (host, ("hosts", "list")),
        (host, ("--as", "admin", "quiz", "list")),
        (player, ("quiz", "list")),
        (nobody, (*region, "quiz", "list")),
        (nobody, (*region, "login", "ada")),
    ):
        error = machine.quizkit(*argv, code=4)["error"]
        assert error["code"] == "credentials", argv
        assert "quizkit login" in error["hint"] or "--outputs" in error["hint"]
    assert nobody.quizkit(*region, "whoami", code=4)["error"]["code"] == "not_signed_in"
    assert (
        nobody.quizkit(*region, "play", "123456", "--user", code=4)["error"]["code"]
        == "not_signed_in"
    )
    assert player.quizkit("--as", "host", "quiz", "list", code=4)["error"]["code"] == "forbidden"


def test_a_name_that_is_taken_looks_like_a_new_one(machines: Machines) -> None:
    """Where mail is really sent, a sign-up says the same: words, document, exit code."""
    known, other = machines(), machines(known=False)
    seen = set()
    for name in (known.name, other.name):
        done = other.run(
            *("signup", name, "--email", "new@example.org", "--outputs", str(other.outputs)),
            "--password-stdin",
            text=f"{PASSWORD}\n",
        )
        said = f"{done.stdout}{done.stderr}".replace(name, "NAME")
        seen.add((done.returncode, said))
    assert len(seen) == 1
    known.log_in()


# --- tokens that open nothing --------------------------------------------------------------


@dataclass(frozen=True)
class Signed:
    """A host's tokens, and everything that could be made of them."""

    doors: Doors
    id_token: str
    access_token: str
    refresh_token: str

    @property
    def claims(self) -> dict[str, Any]:
        """What the ID token says."""
        return forging.read(self.id_token)[1]


def sign_in(doors: Doors, pool_id: str, client_id: str) -> Signed:
    """A new account in the group of hosts, signed in."""
    cognito, name = doors.aws("cognito-idp"), f"user-{uuid.uuid4().hex[:8]}"
    cognito.sign_up(
        ClientId=client_id,
        Username=name,
        Password=PASSWORD,
        UserAttributes=[{"Name": "email", "Value": f"{name}@example.org"}],
    )
    cognito.admin_confirm_sign_up(UserPoolId=pool_id, Username=name)
    cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=name, GroupName="hosts")
    result = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    return Signed(doors, result["IdToken"], result["AccessToken"], result["RefreshToken"])


@pytest.fixture(scope="module")
def good(doors: Doors) -> Signed:
    """A host of the stage."""
    return sign_in(doors, doors.output("UserPoolId"), doors.output("UserPoolClientId"))


@pytest.fixture(scope="module")
def stranger(doors: Doors) -> Signed:
    """A host of another pool that its owner set up just like ours."""
    cognito = doors.aws("cognito-idp")
    pool_id = cognito.create_user_pool(PoolName="strangers")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="c", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]
    cognito.create_group(UserPoolId=pool_id, GroupName="hosts")
    return sign_in(doors, pool_id, client["ClientId"])


def bad_tokens(doors: Doors, good: Signed, stranger: Signed) -> dict[str, str | None]:
    """Every kind, each wrong in one point."""
    claims, other = good.claims, doors.output("UserPoolClientId")[::-1]
    pool_id = stranger.claims["iss"].rpartition("/")[2]
    head, body, signature = good.id_token.split(".")
    return {
        "none at all": None,
        "empty": "",
        "garbage": "x.y.z",
        "no token": "hosts",
        "cut short": good.id_token[:-10],
        "two parts": f"{head}.{body}",
        "another signature": f"{head}.{body}.{signature[::-1]}",
        "alg none": forging.unsigned(doors, claims),
        "alg none, signed": forging.unsigned(doors, claims) + signature,
        "HMAC with the public key": forging.confused(doors, claims),
        "expired": forging.signed(doors, forging.expired(claims)),
        "not yet": forging.signed(doors, claims | {"nbf": claims["exp"] + 3_600}),
        "another audience": forging.signed(doors, claims | {"aud": other}),
        "no audience": forging.signed(doors, {k: v for k, v in claims.items() if k != "aud"}),
        "another issuer": forging.signed(doors, claims | {"iss": stranger.claims["iss"]}),
        "another pool": stranger.id_token,
        "another pool's key": forging.signed(doors, claims, pool_id=pool_id),
        "claims changed": forging.tampered(good.id_token, sub="somebody-else"),
        "access token": good.access_token,
        "refresh token": good.refresh_token,
        "an access token's claims": forging.signed(doors, claims | {"token_use": "access"}),
        "nobody's": forging.signed(doors, {k: v for k, v in claims.items() if k != "sub"}),
    }


async def test_tokens_that_open_nothing(doors: Doors, good: Signed, stranger: Signed) -> None:
    """401 at the members' and the hosts' doors, and nothing is changed; the good one is let in."""
    async with await doors.room({"title": "Tokens", "questions": [question("x", "a")]}) as room:
        before = await _all_there_is(room)
        body = {"pin": room.pin, "nickname": "Eve"}
        create = {"document": {"title": "Evil", "questions": [question("x", "a")]}}
        for kind, token in bad_tokens(doors, good, stranger).items():
            for path, sent in (
                ("/join/member", body),
                ("/host/session.list", {}),
                ("/host/quiz.create", create),
                ("/host/session.command", {"session_id": room.session_id, "command": "end"}),
            ):
                reply = await doors.http.post(path, sent, token)
                assert reply.status == 401, (kind, path, reply.text)
                assert "token" not in reply.headers.get("set-cookie", "")
        assert await _all_there_is(room) == before
        own = forging.signed(doors, good.claims)
        for token in (good.id_token, own):
            assert (await doors.http.post("/host/session.list", {}, token)).status == 200
        assert (await doors.http.post("/join/member", body, good.id_token)).status == 200


async def _all_there_is(room: Room) -> Any:
    """What a token could have changed."""
    session = await room.doors.ask("session.get", session_id=room.session_id)
    quizzes = await room.doors.ask("quiz.list")
    return session, quizzes


async def test_hosts_keep_to_their_own(doors: Doors, good: Signed) -> None:
    """At the real door: another host's session and an admin's are refused by id and by PIN."""
    other = await asyncio.to_thread(
        sign_in, doors, doors.output("UserPoolId"), doors.output("UserPoolClientId")
    )
    document = {"title": "Mine", "questions": [question("x", "a")]}

    async def post(operation: str, who: Signed, **arguments: Any) -> Any:
        return await doors.http.post(f"/host/{operation}", arguments, who.id_token)

    quiz_id = (await post("quiz.create", good, document=document)).body["quiz_id"]
    mine = (await post("session.start", good, quiz_id=quiz_id)).body
    async with await doors.room(document) as theirs:
        for session_id, pin in ((mine["session_id"], mine["pin"]), (theirs.session_id, theirs.pin)):
            for named in ({"session_id": session_id}, {"pin": pin}):
                for operation in ("get", "results", "audit", "host_ticket", "command"):
                    reply = await post(f"session.{operation}", other, **named, command="end")
                    assert (reply.status, reply.code) == (403, "forbidden"), operation
        listed = (await post("session.list", other, live=True)).body["sessions"]
        assert listed == []
    for operation in ("quiz.get", "quiz.delete", "session.start"):
        reply = await post(operation, other, quiz_id=quiz_id)
        assert (reply.status, reply.code) == (403, "forbidden"), operation
    assert (await post("session.get", good, session_id=mine["session_id"])).body["state"] == "lobby"
    assert (await post("session.command", good, pin=mine["pin"], command="end")).status == 200
