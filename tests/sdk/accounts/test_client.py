"""quizkit.sdk.accounts.client: on a user pool that checks codes and proofs for real."""

from __future__ import annotations

import traceback
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from quizkit.sdk.accounts import Accounts, Tokens
from quizkit.sdk.accounts.client import check_new_account, check_password
from quizkit.sdk.errors import CredentialsError, Misuse, NotFound, QuizkitError, Unreachable
from tests.sdk.accounts.conftest import PASSWORD, Pool

NEW = "Another2horse"


def told(act: Callable[[], object]) -> tuple[str, str, str | None] | None:
    """Everything that somebody learns from an attempt; None where it succeeds."""
    try:
        act()
    except QuizkitError as exc:
        spilt = "".join(traceback.format_exception(exc))
        assert PASSWORD not in spilt
        assert NEW not in spilt
        return exc.code, exc.message, exc.hint
    return None


def refused(act: Callable[[], object]) -> str:
    """The code of a refusal."""
    found = told(act)
    assert found is not None
    return found[0]


@pytest.fixture(scope="module")
def ada(pool: Pool) -> str:
    """A confirmed account."""
    return pool.member()


@pytest.fixture(scope="module")
def waiting(pool: Pool) -> str:
    """An account that waits to be confirmed."""
    return pool.member(confirmed=False)


# --- the whole way -------------------------------------------------------------------------


def test_from_signing_up_to_signing_in(pool: Pool) -> None:
    """A code is mailed, confirms the account, and the password is proved by SRP."""
    name = f"zoë-{uuid.uuid4().hex[:6]}"
    pool.accounts.sign_up(name, f"{name}@example.org", PASSWORD)
    assert refused(lambda: pool.accounts.sign_in(name, PASSWORD)) == "sign_in_failed"
    pool.accounts.confirm(name, f" {pool.code(f'{name}@example.org')}\n")
    tokens = pool.accounts.sign_in(name, PASSWORD)
    assert (tokens.username, tokens.email) == (name, f"{name}@example.org")
    assert tokens.groups == ()


def test_no_password_is_sent_to_sign_in(pool: Pool, ada: str) -> None:
    """Not even to a pool that would take it: its client allows nothing but SRP here."""
    cognito = pool.client()
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool.stage.pool_id, ClientName="srp", ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]
    )["UserPoolClient"]["ClientId"]
    only_srp = Accounts(replace(pool.stage, client_id=client_id))
    assert only_srp.sign_in(ada, PASSWORD).username == ada
    assert refused(lambda: only_srp.sign_in(ada, NEW)) == "sign_in_failed"


def test_by_address(pool: Pool, ada: str) -> None:
    """Once it is its owner's, the address is as good as the name."""
    pool.client().admin_update_user_attributes(
        UserPoolId=pool.stage.pool_id,
        Username=ada,
        UserAttributes=[{"Name": "email_verified", "Value": "true"}],
    )
    assert pool.accounts.sign_in(f"{ada}@example.org", PASSWORD).username == ada


def test_a_forgotten_password(pool: Pool) -> None:
    """A mailed code replaces it; the old one is of no more use, nor is the code."""
    name = pool.member()
    pool.accounts.forgot(name)
    code = pool.code(f"{name}@example.org")
    assert refused(lambda: pool.accounts.reset(name, "000000", NEW)) == "wrong_code"
    pool.accounts.reset(name, code, NEW)
    assert refused(lambda: pool.accounts.sign_in(name, PASSWORD)) == "sign_in_failed"
    assert pool.accounts.sign_in(name, NEW).username == name
    assert refused(lambda: pool.accounts.reset(name, code, PASSWORD)) == "wrong_code"


def test_another_code(pool: Pool, waiting: str) -> None:
    """Is mailed to who waits for one, and to nobody else."""
    address = f"{waiting}@example.org"
    before = len(pool.codes(address))
    pool.accounts.resend(waiting)
    assert len(pool.codes(address)) == before + 1


def test_refreshing(pool: Pool, ada: str) -> None:
    """New tokens of the same account; what changed about it meanwhile is in them."""
    tokens = pool.accounts.sign_in(ada, PASSWORD)
    pool.client().admin_add_user_to_group(
        UserPoolId=pool.stage.pool_id, Username=ada, GroupName="hosts"
    )
    again = pool.accounts.refresh(tokens)
    assert again.id_token != tokens.id_token
    assert (again.username, again.groups) == (ada, ("hosts",))
    assert again.refresh_token == tokens.refresh_token


def test_signing_out(pool: Pool, ada: str) -> None:
    """That sign-in cannot be refreshed any more, another one can."""
    here, there = pool.accounts.sign_in(ada, PASSWORD), pool.accounts.sign_in(ada, PASSWORD)
    pool.accounts.sign_out(here)
    pool.accounts.sign_out(here)
    assert refused(lambda: pool.accounts.refresh(here)) == "not_signed_in"
    assert pool.accounts.refresh(there).username == ada


def test_signing_out_everywhere(pool: Pool) -> None:
    """No sign-in of the account can be refreshed any more; a new one can be made."""
    name = pool.member()
    here, there = pool.accounts.sign_in(name, PASSWORD), pool.accounts.sign_in(name, PASSWORD)
    pool.accounts.sign_out(here, everywhere=True)
    for tokens in (here, there):
        assert refused(partial(pool.accounts.refresh, tokens)) == "not_signed_in"
    assert pool.accounts.sign_in(name, PASSWORD).username == name


def test_an_account_that_an_admin_made(pool: Pool) -> None:
    """Its first password is replaced at the first sign-in, by whoever can be asked for one."""
    name = f"made-{uuid.uuid4().hex[:6]}"
    pool.client().admin_create_user(
        UserPoolId=pool.stage.pool_id,
        Username=name,
        TemporaryPassword=PASSWORD,
        UserAttributes=[{"Name": "email", "Value": f"{name}@example.org"}],
        MessageAction="SUPPRESS",
    )
    assert refused(lambda: pool.accounts.sign_in(name, PASSWORD)) == "new_password_required"
    weak = refused(lambda: pool.accounts.sign_in(name, PASSWORD, new_password=lambda: "weak"))
    assert weak == "invalid_password"
    tokens = pool.accounts.sign_in(name, PASSWORD, new_password=lambda: NEW)
    assert tokens.username == name
    assert pool.accounts.sign_in(name, NEW).username == name


# --- nobody learns whether an account exists -----------------------------------------------


def test_every_failed_sign_in_looks_the_same(pool: Pool, ada: str, waiting: str) -> None:
    """No such account, wrong password, not confirmed, disabled, to be reset: one error."""
    disabled = pool.member()
    pool.client().admin_disable_user(UserPoolId=pool.stage.pool_id, Username=disabled)
    reset = pool.member()
    pool.client().admin_reset_user_password(UserPoolId=pool.stage.pool_id, Username=reset)
    attempts = {
        told(partial(pool.accounts.sign_in, name, password))
        for name, password in [
            ("nobody", PASSWORD),
            ("nobody@example.org", PASSWORD),
            (ada, NEW),
            (ada, ""),
            (waiting, PASSWORD),
            (waiting, NEW),
            (disabled, PASSWORD),
            (reset, PASSWORD),
            ("a" * 128, PASSWORD),
        ]
    }
    assert len(attempts) == 1
    [only] = attempts
    assert only is not None
    assert only[0] == "sign_in_failed"


def test_a_taken_name_looks_like_a_new_one(pool: Pool, ada: str, waiting: str) -> None:
    """Nothing is mailed to anybody, and the account is as it was."""
    for name in (ada, waiting):
        pool.accounts.sign_up(name, "somebody@example.org", NEW)
    assert pool.codes("somebody@example.org") == []
    assert pool.accounts.sign_in(ada, PASSWORD).username == ada
    assert refused(lambda: pool.accounts.sign_in(ada, NEW)) == "sign_in_failed"


def test_a_taken_address_looks_like_a_new_one(pool: Pool, ada: str) -> None:
    """Its owner gets a mail, whoever signed up nothing."""
    address = f"{ada}@example.org"
    before = len(pool.codes(address))
    pool.accounts.sign_up(f"x{ada}", address, NEW)
    assert len(pool.codes(address)) == before + 1


def test_every_code_of_no_use_looks_the_same(pool: Pool, ada: str, waiting: str) -> None:
    """For whom it is and why it is of none is not told."""
    told_of = [
        told(act)
        for name in ("nobody", ada, waiting)
        for act in (
            partial(pool.accounts.confirm, name, "000000"),
            partial(pool.accounts.reset, name, "000000", NEW),
        )
    ]
    assert {found[0] for found in told_of if found} == {"wrong_code"}
    assert len(set(told_of)) == 1


def test_asking_for_a_code_tells_nothing(pool: Pool, ada: str, waiting: str) -> None:
    """Whether there is such an account, and whether it waits for one."""
    for name in ("nobody", "nobody@example.org", ada, waiting, "a" * 128):
        assert told(partial(pool.accounts.resend, name)) is None
        assert told(partial(pool.accounts.forgot, name)) is None


@pytest.mark.parametrize("name", ["nobody", "taken"])
def test_a_weak_password_is_refused_before_anything(pool: Pool, ada: str, name: str) -> None:
    """Cognito would tell by it which names exist."""
    name = ada if name == "taken" else name
    for act in (
        lambda: pool.accounts.sign_up(name, "x@example.org", "weak"),
        lambda: pool.accounts.reset(name, "000000", "weak"),
    ):
        assert refused(act) == "invalid_password"


# --- what cannot be one --------------------------------------------------------------------


@pytest.mark.parametrize(
    "password", ["", "Short1x", "nouppercase1", "NOLOWERCASE1", "NoDigitsHere", " Spaced1horse"]
)
def test_weak_passwords(password: str) -> None:
    """8 characters with lower case, upper case and a digit; the password is not repeated."""
    with pytest.raises(Misuse) as caught:
        check_password(password)
    assert not password.strip() or password not in f"{caught.value.message}{caught.value.hint}"


@pytest.mark.parametrize("password", ["Correct1", "Ümlaut1A x", "A" * 200 + "a1"])
def test_good_passwords(password: str) -> None:
    """Anything else may be in them."""
    check_password(password)


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("", "ada@example.org"),
        ("a b", "ada@example.org"),
        ("ada@example.org", "ada@example.org"),
        ("a" * 129, "ada@example.org"),
        ("ada", ""),
        ("ada", "ada"),
        ("ada", "ada@x"),
        ("ada", "a da@example.org"),
    ],
)
def test_names_and_addresses_that_cannot_be(name: str, email: str) -> None:
    """Are refused before anything is sent."""
    with pytest.raises(Misuse):
        check_new_account(name, email)


# --- a pool that is not there --------------------------------------------------------------


def test_a_pool_that_is_gone(pool: Pool) -> None:
    """Is told as that, not as a wrong password."""
    gone = Accounts(replace(pool.stage, client_id="nothere"))
    for act in (
        lambda: gone.sign_in("ada", PASSWORD),
        lambda: gone.sign_up("ada", "ada@example.org", PASSWORD),
        lambda: gone.forgot("ada"),
        lambda: gone.confirm("ada", "1"),
    ):
        with pytest.raises(NotFound) as caught:
            act()
        assert caught.value.code == "user_pool_not_found"


def test_a_pool_that_does_not_answer(pool: Pool, free_port: Callable[[], int]) -> None:
    """Is told as unreachable."""
    away = Accounts(replace(pool.stage, endpoint_url=f"http://127.0.0.1:{free_port()}"))
    with pytest.raises(Unreachable):
        away.sign_in("ada", PASSWORD)


def test_no_credentials_are_looked_for(
    pool: Pool, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken AWS settings and foreign credentials do not touch anybody's account."""
    monkeypatch.setenv("AWS_PROFILE", "of-somebody-else")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "REAL")
    tokens = Accounts(replace(pool.stage, region="us-east-1")).sign_in(ada, PASSWORD)
    assert isinstance(tokens, Tokens)


def test_a_refresh_token_of_nobody(pool: Pool) -> None:
    """Ends as every sign-in that is over."""
    with pytest.raises(CredentialsError) as caught:
        pool.accounts.refresh(Tokens("a.b.c", "x", "x"))
    assert caught.value.code == "not_signed_in"
