"""quizkit.local.accounts: the mail that is never sent, read in the emulator's outbox."""

from __future__ import annotations

import uuid

import pytest

from quizkit.local.accounts import Outbox, mark_verified
from quizkit.local.status import Status
from quizkit.sdk.accounts import Accounts, Stage
from quizkit.sdk.errors import CredentialsError
from quizkit.sdk.target import Target
from tests.local.cloud import Cloud

PASSWORD = "Correct1horse!"


@pytest.fixture
def accounts(cloud: Cloud, running: Status) -> Accounts:
    """A user pool of this test's own."""
    cognito = cloud.client("cognito-idp")
    pool_id = cognito.create_user_pool(
        PoolName="p", AliasAttributes=["email"], AutoVerifiedAttributes=["email"]
    )["UserPool"]["Id"]
    client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="c")
    outputs = {
        "HttpApiUrl": "http://127.0.0.1:9",
        "Region": "us-east-1",
        "UserPoolId": pool_id,
        "UserPoolClientId": client["UserPoolClient"]["ClientId"],
    }
    return Accounts(Stage.of(Target("local", endpoint_url=running.gateway_url), outputs))


def test_the_code_that_was_mailed(accounts: Accounts) -> None:
    """The newest since it was last looked at; mails of before are passed over."""
    accounts.sign_up("ada", "ada@example.org", PASSWORD)
    outbox = Outbox(accounts.stage)
    outbox.mark()
    assert outbox.code() is None
    accounts.resend("ada")
    code = outbox.code()
    assert code is not None
    accounts.confirm("ada", code)
    accounts.forgot("ada")
    reset = outbox.code()
    assert reset not in (None, code)
    outbox.mark()
    assert outbox.code() is None


def test_no_mail_where_nothing_was_made(accounts: Accounts) -> None:
    """A name that is taken gets none."""
    accounts.sign_up("ada", "ada@example.org", PASSWORD)
    outbox = Outbox(accounts.stage)
    outbox.mark()
    accounts.sign_up("ada", f"{uuid.uuid4().hex}@example.org", PASSWORD)
    accounts.forgot("nobody")
    assert outbox.code() is None


def test_an_address_is_its_owners_once_confirmed(accounts: Accounts) -> None:
    """Then it signs in as well as the name."""
    accounts.sign_up("ada", "ada@example.org", PASSWORD)
    outbox = Outbox(accounts.stage)
    accounts.confirm("ada", str(outbox.code()))
    with pytest.raises(CredentialsError):
        accounts.sign_in("ada@example.org", PASSWORD)
    mark_verified(accounts.stage, "ada")
    assert accounts.sign_in("ada@example.org", PASSWORD).username == "ada"


def test_an_outbox_that_is_away(accounts: Accounts) -> None:
    """Says that there is no code."""
    stage = Stage("local", "dev", "us-east-1", "http://127.0.0.1:9", "p_x", "c", None)
    outbox = Outbox(stage)
    outbox.mark()
    assert outbox.code() is None
