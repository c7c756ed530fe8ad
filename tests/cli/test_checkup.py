"""Which checks are made for which target, and what rests on what."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from quizkit.cli.checkup import Checkup, document, terminal
from quizkit.cli.context import Cli, Flags
from quizkit.cli.render import Output
from quizkit.local import processes, record
from quizkit.local.layout import Layout
from quizkit.local.status import MOVED
from quizkit.sdk.accounts import Accounts, SignIn, Stage, stages
from quizkit.sdk.accounts.store import open_store
from quizkit.sdk.checks import Check
from quizkit.sdk.errors import Misuse
from tests.sdk.accounts.made import made
from tests.sdk.checks.fake_account import FakeAccount, fake_account, stack_is, subscribed

ROOT = Path(__file__).parent.parent.parent
ON_AWS = Flags(target="aws", stage="prod", region="eu-central-1")


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No project file, no credentials."""
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def checkup(flags: Flags | None = None) -> Checkup:
    """A look by a program."""
    return Checkup(Cli(Output(as_json=True), flags or Flags()))


def of_target(flags: Flags | None = None) -> dict[str, Check]:
    """What is found of the target, by name."""
    return {check.name: check for check in checkup(flags).of_target()}


def statuses(found: dict[str, Check]) -> dict[str, str]:
    """Name → status."""
    return {name: check.status for name, check in found.items()}


def test_this_machine_has_what_it_takes() -> None:
    """Where the tests run, nothing is missing; nothing is made by looking."""
    found = {check.name: check for check in checkup().of_machine()}
    assert list(found) == [
        *("python", "terminal", "directories", "project", "deploy", "node"),
        *("local", "redis_server", "keyring"),
    ]
    del found["terminal"]  # tests may run under any encoding
    assert set(statuses(found).values()) == {"ok"}, found
    assert not Layout.current().state.exists()


def test_a_platform_that_is_stopped() -> None:
    """It is told with the command that brings it up; what rests on it is skipped."""
    found = of_target()
    assert statuses(found) == {
        "platform": "warning",
        "ports": "ok",
        **dict.fromkeys(("gateway", "redis", "handlers", "stack", "up_to_date", "api"), "skipped"),
    }


def test_a_platform_that_cannot_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error on the way is a finding, and what rests on it is skipped."""
    monkeypatch.setenv("QUIZKIT_HOME", "~no-such-user/x")
    found = of_target()
    assert found["platform"].status == "failed"
    assert set(statuses(found).values()) == {"failed", "skipped"}
    assert "api" in found


def test_aws_without_a_region() -> None:
    """The region is what failed; nothing else can be asked."""
    found = of_target(Flags(target="aws"))
    assert found["region"].status == "failed"
    assert "--region" in (found["region"].fix or "")
    assert set(statuses(found).values()) == {"failed", "skipped"}
    assert {"credentials", "clock", "stack", "concurrency"} <= set(found)


def test_aws_with_a_profile_that_is_not_there() -> None:
    """Looking for its region fails already, as a matter of credentials."""
    found = of_target(Flags(target="aws", profile="nobody"))
    assert found["credentials"].status == "failed"
    assert "nobody" in found["credentials"].message
    assert "region" not in found


def test_aws_without_credentials() -> None:
    """The region is judged, credentials fail with how to sign in, the rest is skipped."""
    found = of_target(ON_AWS)
    assert found["region"].status == "ok"
    assert found["credentials"].status == "failed"
    del found["region"], found["credentials"]
    assert set(statuses(found).values()) == {"skipped"}
    assert {"clock", "services", "stack", "api", "winners", "alarms"} <= set(found)


def test_a_host_needs_no_aws_credentials() -> None:
    """Whoever signed in to the stage is warned, not failed, and the stage's API is asked."""
    stage = Stage("aws", "prod", "eu-central-1", "https://127.0.0.1:9", "eu-central-1_a", "client")
    stages.remember(stage)
    SignIn(Accounts(stage), open_store(print), made(groups=["hosts"])).keep()
    found = of_target(ON_AWS)
    assert found["credentials"].status == "warning"
    assert "ada" in found["credentials"].message
    assert found["api"].status == "failed"
    assert "127.0.0.1:9" in found["api"].message
    assert found["stack"].status == "skipped"


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAccount]:
    """An account that knows who calls and allows nothing."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with fake_account() as fake:
        monkeypatch.setenv("AWS_ENDPOINT_URL", fake.url)
        yield fake


def in_account() -> Flags:
    """A stage that no other test has: clients are kept for the process, by target."""
    return replace(ON_AWS, stage=f"t{uuid4().hex[:8]}")


def test_an_account_that_allows_nothing(account: FakeAccount) -> None:
    """Everything that takes a permission is skipped with what to allow; nothing fails."""
    flags = in_account()
    Path("quizkit.toml").write_text(f"[stages.{flags.stage}]\nwebsocket_access_log = true\n")
    found = of_target(flags)
    told = statuses(found)
    assert {name for name, status in told.items() if status == "ok"} == {
        *("region", "credentials", "clock", "services")
    }
    assert {name for name, status in told.items() if status == "skipped"} == {
        *("stack", "up_to_date", "api", "concurrency", "access_log", "winners", "alarms")
    }
    assert "cloudformation:DescribeStacks" in (found["stack"].fix or "")
    assert "lambda:GetAccountSettings" in (found["concurrency"].fix or "")


def test_the_log_of_sockets_is_looked_at_where_it_is_kept(account: FakeAccount) -> None:
    """The account's role matters to a stage that asks for the log, and to no other."""
    found = of_target(in_account())
    assert "access_log" not in found
    assert found["credentials"].status == "ok"


def test_a_stage_that_was_never_deployed(account: FakeAccount) -> None:
    """A warning with the command for this very stage; what rests on it is skipped."""
    flags = in_account()
    account.answers["DescribeStacks"] = stack_is("REVIEW_IN_PROGRESS")
    found = of_target(flags)
    assert found["stack"].fix == (
        f"run: quizkit --target aws --stage {flags.stage} --region eu-central-1 deploy"
    )
    assert {found[name].message for name in ("up_to_date", "api")} == {"nothing is deployed"}
    assert found["winners"].status == "skipped"


def test_a_stage_whose_deployment_failed(account: FakeAccount) -> None:
    """Whether it is up to date is no question then, and it may have no API yet."""
    account.answers["DescribeStacks"] = stack_is("ROLLBACK_COMPLETE")
    found = of_target(in_account())
    assert found["stack"].status == "failed"
    assert "ROLLBACK_COMPLETE" in found["up_to_date"].message
    assert "no output" in found["api"].message


def test_who_has_not_confirmed_is_told_with_the_way_to_another_mail(account: FakeAccount) -> None:
    """Winners are ours to subscribe, alarms AWS's."""
    topics = {"WinnersTopicArn": "arn:aws:sns:w", "OperationsTopicArn": "arn:aws:sns:o"}
    account.answers["DescribeStacks"] = stack_is("CREATE_COMPLETE", **topics)
    account.answers["ListSubscriptionsByTopic"] = subscribed("ada@example.org")
    found = of_target(in_account())
    assert (found["winners"].status, found["alarms"].status) == ("warning", "warning")
    assert "winners subscribe ada@example.org" in (found["winners"].fix or "")
    wanted = "--topic-arn arn:aws:sns:o --protocol email --notification-endpoint ada@example.org"
    assert wanted in (found["alarms"].fix or "")


def test_credentials_that_nobody_can_fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An AWS configuration that is broken is a finding about credentials, not a crash."""
    (tmp_path / "config").write_text("[default]\ncredential_process = /no/such/program\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    found = of_target(in_account())
    assert found["credentials"].status == "failed"
    assert found["stack"].status == "skipped"


GATEWAY = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")
    def do_POST(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.end_headers()
        self.wfile.write(sys.argv[2].encode())
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.fixture
def gateway(free_port: Callable[[], int], tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Makes a platform of which only the gateway runs; it has the stack and nothing else."""
    layout = Layout.current()
    layout.create()

    def start(**settled: int) -> None:
        port = free_port()
        _, stack = stack_is("CREATE_COMPLETE", HttpApiUrl="http://127.0.0.1:9")
        child = processes.spawn(
            [sys.executable, "-c", GATEWAY, str(port), stack],
            env={processes.MARK: layout.mark},
            log=tmp_path / "log",
            cwd=tmp_path,
        )
        ports = {"gateway": port, "redis": 1, "handlers": 2}
        made = record.Record({"gateway": child}, ports, settled)
        record.write(layout.record, made)
        while not processes.listens(child, layout.mark, port):
            assert processes.is_running(child, layout.mark), (tmp_path / "log").read_text()

    yield start
    processes.end(processes.find_marked(layout.mark), layout.mark, grace=0.1)


def test_a_platform_without_its_handler_host(gateway: Callable[..., None]) -> None:
    """What still answers is told; the API is not waited for."""
    gateway()
    found = of_target()
    assert (found["platform"].status, found["gateway"].status) == ("failed", "ok")
    assert (found["redis"].status, found["handlers"].status) == ("warning", "failed")
    assert found["stack"].status == "ok"
    assert found["api"] == Check.skipped("api", "the handler host does not answer")


def test_a_platform_that_has_moved(gateway: Callable[..., None]) -> None:
    """The stack knows other ports, so deploying again is the one thing to do."""
    gateway(gateway=3)
    found = of_target()
    assert found["stack"] == Check.failed("stack", MOVED, "run: quizkit deploy")
    assert (found["up_to_date"].status, found["api"].status) == ("skipped", "skipped")


def test_a_platform_whose_gateway_hangs(tmp_path: Path) -> None:
    """Nothing is asked of it that it cannot answer."""
    layout = Layout.current()
    layout.create()
    env = {processes.MARK: layout.mark}
    child = processes.spawn(
        [sys.executable, "-c", "import time; time.sleep(300)"],
        env=env,
        log=tmp_path / "log",
        cwd=tmp_path,
    )
    record.write(layout.record, record.Record().with_child("gateway", child, 7))
    try:
        found = of_target()
    finally:
        processes.end([child], layout.mark, grace=0.1)
    assert "does not answer" in found["gateway"].message
    assert found["stack"] == Check.skipped("stack", "MiniStack does not answer")


def test_a_target_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Named by the environment it is a finding; on the command line it is wrong usage."""
    monkeypatch.setenv("QUIZKIT_TARGET", "mars")
    found = of_target()
    assert statuses(found) == {"target": "failed"}
    assert checkup().target == "mars"
    with pytest.raises(Misuse):
        checkup(Flags(target="mars"))
    with pytest.raises(Misuse):
        checkup(Flags(stage="Not A Stage", target="local"))


def test_a_wrong_project_file_stops_nobody() -> None:
    """It is one finding among the others, and the rest goes by flags and defaults."""
    Path("quizkit.toml").write_text("target = ")
    one = checkup()
    assert (one.target, one.stage) == ("local", "dev")
    found = {check.name: check for check in one.of_machine()}
    assert found["project"].status == "failed"
    assert "not TOML" in found["project"].message
    assert found["deploy"].status == "ok"


def test_an_infrastructure_that_cannot_be_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The finding is about deploying, and its Node is not judged."""
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit('broken installation')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = {check.name: check for check in checkup().of_machine()}
    assert "broken installation" in found["deploy"].message
    assert found["node"].status == "skipped"
    assert found["project"].status == "ok"


def test_a_bug_shows_its_traceback_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    """With --debug, on stderr; it is a finding either way."""

    def look() -> Check:
        raise KeyError("oh")

    for debug in (False, True):
        one = Checkup(Cli(Output(as_json=True), Flags(), debug=debug))
        found = one._try("n", look)
        assert isinstance(found, Check)
        assert "KeyError" in found.message
        assert ("Traceback" in capsys.readouterr().err) is debug


def test_a_node_that_does_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Local deployments fail without it, and on AWS the rest works."""
    monkeypatch.setenv("JSII_NODE", "/no/node")
    local = {check.name: check.status for check in checkup().of_machine()}
    aws = {check.name: check.status for check in checkup(ON_AWS).of_machine()}
    assert (local["node"], aws["node"]) == ("failed", "warning")


@pytest.mark.parametrize(
    ("encoding", "status"),
    [("utf-8", "ok"), ("UTF8", "ok"), ("ascii", "warning"), (None, "warning")],
)
def test_a_terminal_has_to_know_all_letters(encoding: str | None, status: str) -> None:
    """Names of players may hold any."""
    assert terminal(encoding, moving=False).status == status


def test_whether_screens_move_is_told() -> None:
    """Either way is fine."""
    assert terminal("utf-8", moving=True).message != terminal("utf-8", moving=False).message


def test_warnings_are_healthy() -> None:
    """Only a failure is not."""
    well = [Check.ok("a", "m"), Check.warning("b", "m", "f"), Check.skipped("c", "m")]
    told = document("local", "dev", well)
    assert told["healthy"] is True
    assert (told["target"], told["stage"]) == ("local", "dev")
    assert [check["name"] for check in told["checks"]] == ["a", "b", "c"]
    assert document("local", "dev", [*well, Check.failed("d", "m", "f")])["healthy"] is False


def test_the_page_lists_every_check() -> None:
    """Names are stable, and programs find them in the documentation."""
    page = (ROOT / "docs" / "doctor.md").read_text()
    listed = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    made = [check.name for check in checkup().of_machine()]
    made += [*of_target(), *of_target(ON_AWS), "target", "access_log"]
    assert set(listed) == set(made)
    assert len(listed) == len(set(listed))
