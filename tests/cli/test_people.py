"""quizkit.cli.people: with whose rights a command acts, and where people sign in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from quizkit.cli.context import Cli, Flags
from quizkit.cli.render import Output
from quizkit.sdk.accounts import Accounts, SignIn, Stage, stages
from quizkit.sdk.accounts.store import open_store
from quizkit.sdk.errors import CredentialsError, Misuse
from tests.sdk.accounts.made import made

PROD = Stage(
    target="aws",
    name="prod",
    region="eu-central-1",
    http_url="https://abc.example",
    pool_id="eu-central-1_Ab1",
    client_id="client",
)


def cli(acting: str | None = None, *, stage: str | None = "prod", region: str | None = None) -> Cli:
    """A run of the command line on AWS, without any credentials."""
    return Cli(Output(), Flags(target="aws", stage=stage, region=region, acting=acting))


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing lies around, and no project file counts."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "QUIZKIT_AS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", raising=False)
    monkeypatch.chdir(tmp_path)


def keep(*groups: str, stage: Stage = PROD) -> None:
    """Sign somebody in."""
    SignIn(Accounts(stage), open_store(print), made(groups=groups)).keep()
    stages.remember(stage)


def test_a_host_who_signed_in_acts_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Without AWS credentials, without a region named, and it is said before anything is done."""
    keep("hosts")
    running = cli()
    assert running.target.region == "eu-central-1"
    assert running.admin.http_url == "https://abc.example"
    told = ["target: aws · eu-central-1 · stage prod", "as host: ada"]
    assert capsys.readouterr().err.splitlines() == told


def test_a_player_who_signed_in_is_nobodys_host() -> None:
    """AWS credentials are asked for then, and there are none."""
    keep("others")
    assert cli().people.host() is None
    with pytest.raises(CredentialsError):
        _ = cli().admin


@pytest.mark.parametrize(
    ("flag", "variable", "groups", "expected"),
    [
        (None, None, ("hosts",), True),
        (None, None, (), False),
        ("admin", None, ("hosts",), False),
        ("host", None, (), True),
        (None, "admin", ("hosts",), False),
        (None, "host", (), True),
        ("host", "admin", (), True),
        ("admin", "host", ("hosts",), False),
        (None, "", ("hosts",), True),
    ],
)
def test_the_rule(
    monkeypatch: pytest.MonkeyPatch,
    flag: str | None,
    variable: str | None,
    groups: tuple[str, ...],
    expected: bool,
) -> None:
    """The flag, then the variable, then whoever signed in as a host."""
    keep(*groups)
    if variable is not None:
        monkeypatch.setenv("QUIZKIT_AS", variable)
    assert (cli(flag).people.host() is not None) is expected


def test_nobody_is_signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then commands act with AWS credentials, and asking for a host's rights is refused."""
    assert cli(region="eu-central-1").people.host() is None
    with pytest.raises(CredentialsError) as caught:
        cli("host", region="eu-central-1").people.host()
    assert caught.value.code == "not_signed_in"
    assert "--stage prod" in (caught.value.hint or "")


@pytest.mark.parametrize("role", ["root", "Host", " "])
def test_there_are_two_roles(role: str) -> None:
    """Another word is a misuse."""
    keep("hosts")
    with pytest.raises(Misuse):
        cli(role).people.host()


def test_a_sign_in_is_of_one_stage() -> None:
    """One to prod says nothing about test, nor about prod in another region or account."""
    keep("hosts")
    assert cli(stage="test", region="eu-central-1").people.sign_in() is None
    assert cli(region="us-east-1").people.sign_in() is None
    stages.remember(replace(PROD, pool_id="eu-central-1_Zz9"))
    assert cli().people.sign_in() is None


def test_a_local_sign_in_says_nothing_about_aws() -> None:
    """And the other way round."""
    keep("hosts", stage=replace(PROD, target="local", http_url="http://127.0.0.1:9"))
    assert cli(region="eu-central-1").people.sign_in() is None
    keep("hosts")
    local = Cli(Output(), Flags(stage="test"))
    assert local.people.sign_in() is None


def test_the_file_given_names_the_stage() -> None:
    """It brings the region, too; a file of another stage is refused with the right options."""
    running = cli()
    running.given = PROD
    assert running.people.stage() == PROD
    other = cli(stage=None)
    other.given = PROD
    with pytest.raises(Misuse) as caught:
        other.people.stage()
    assert "--target aws --stage prod --region eu-central-1" in (caught.value.hint or "")


def test_a_stage_that_nobody_knows_here() -> None:
    """Without credentials one is told how to get the outputs."""
    with pytest.raises(CredentialsError) as caught:
        cli(region="eu-central-1").people.stage()
    assert "--outputs FILE" in (caught.value.hint or "")


def test_what_takes_an_admin(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host who signed in does not stand in the way, but one asked for by name does."""
    keep("hosts")
    cli().people.need_admin("no")
    cli("admin").people.need_admin("no")
    with pytest.raises(CredentialsError, match="takes an admin") as caught:
        cli("host").people.need_admin("This takes an admin.")
    assert caught.value.code == "forbidden"
    monkeypatch.setenv("QUIZKIT_AS", "host")
    with pytest.raises(CredentialsError):
        cli().people.need_admin("no")
    cli("admin").people.need_admin("no")
    with pytest.raises(Misuse, match="no role"):
        cli("king").people.need_admin("no")
