"""quizkit.sdk.accounts.signin: kept, refreshed in time, ended."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from quizkit.sdk.accounts import Accounts, SignIn, Tokens
from quizkit.sdk.accounts.signin import MARGIN_MS
from quizkit.sdk.accounts.store import Store, key_of, open_store
from quizkit.sdk.errors import CredentialsError, Unreachable
from tests.sdk.accounts.conftest import PASSWORD, Pool
from tests.sdk.accounts.made import made


@pytest.fixture(scope="module")
def ada(pool: Pool) -> str:
    """A confirmed account."""
    return pool.member()


@pytest.fixture
def store() -> Store:
    """This machine's, below the test's home."""
    return open_store(print)


class Clock:
    """Epoch milliseconds that only move when told."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        """The time."""
        return self.now


def signed_in(
    pool: Pool, store: Store, name: str, left_ms: int = 3_000_000
) -> tuple[SignIn, Clock]:
    """A sign-in that is kept, whose token has some time left."""
    tokens = pool.accounts.sign_in(name, PASSWORD)
    clock = Clock(tokens.expires_at - left_ms)
    found = SignIn(pool.accounts, store, tokens, clock=clock)
    found.keep()
    return found, clock


def test_a_sign_in_is_found_again(pool: Pool, store: Store, ada: str) -> None:
    """By another process, for this stage alone."""
    kept, _ = signed_in(pool, store, ada)
    found = SignIn.find(pool.stage, open_store(print))
    assert found is not None
    assert found.tokens == kept.tokens
    assert found.bearer() == kept.bearer()
    assert SignIn.find(replace(pool.stage, pool_id="us-east-1_other"), store) is None
    assert SignIn.find(replace(pool.stage, name="prod"), store) is None


def test_what_cannot_be_read_is_nobodys(pool: Pool, store: Store) -> None:
    """A broken entry means that one signs in again."""
    store.save(key_of(pool.stage), "{")
    assert SignIn.find(pool.stage, store) is None


def test_a_token_is_used_while_it_is_good(pool: Pool, store: Store, ada: str) -> None:
    """And replaced shortly before its end, also in what is kept."""
    found, clock = signed_in(pool, store, ada, left_ms=MARGIN_MS)
    first = found.bearer()
    assert found.bearer() == first
    clock.now += 1
    second = found.bearer()
    assert second != first
    again = SignIn.find(pool.stage, store)
    assert again is not None
    assert again.tokens.id_token == second


def test_a_new_token_where_one_is_asked_for(pool: Pool, store: Store, ada: str) -> None:
    """It says what the account is now: whoever was made a host is one."""
    name = pool.member()
    found, _ = signed_in(pool, store, name)
    assert not found.is_host
    pool.client().admin_add_user_to_group(
        UserPoolId=pool.stage.pool_id, Username=name, GroupName="hosts"
    )
    found.bearer()
    assert not found.is_host
    found.bearer(fresh=True)
    assert found.is_host


def test_threads_refresh_once(pool: Pool, store: Store, ada: str) -> None:
    """A game's threads that all find the token old get the same new one."""
    found, clock = signed_in(pool, store, ada)
    clock.now = found.tokens.expires_at - 1
    seen: list[str] = []

    def ask() -> None:
        token = found.bearer()
        clock.now = found.tokens.expires_at - 3_000_000
        seen.append(token)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1


def test_a_sign_in_that_has_ended(pool: Pool, store: Store, ada: str) -> None:
    """Refused by the pool it is forgotten, and one is told to sign in."""
    found, _ = signed_in(pool, store, ada)
    pool.accounts.sign_out(found.tokens)
    with pytest.raises(CredentialsError) as caught:
        found.bearer(fresh=True)
    assert (caught.value.code, caught.value.hint) == ("not_signed_in", "run: quizkit login")
    assert SignIn.find(pool.stage, store) is None


def test_signed_out_in_another_terminal(pool: Pool, store: Store, ada: str) -> None:
    """What was forgotten there is not kept anew here."""
    found, clock = signed_in(pool, store, ada)
    other = SignIn.find(pool.stage, store)
    assert other is not None
    other.end()
    clock.now = found.tokens.expires_at
    with pytest.raises(CredentialsError):
        found.bearer()
    assert SignIn.find(pool.stage, store) is None


def test_forgotten_in_another_terminal(pool: Pool, store: Store, ada: str) -> None:
    """Also where the pool could not be told: what is forgotten stays so."""
    found, _ = signed_in(pool, store, ada)
    store.forget(key_of(pool.stage))
    with pytest.raises(CredentialsError):
        found.bearer(fresh=True)
    assert SignIn.find(pool.stage, store) is None


def test_somebody_else_signed_in_in_another_terminal(pool: Pool, store: Store, ada: str) -> None:
    """A game goes on with the tokens that it has, and leaves alone what is kept."""
    found, _ = signed_in(pool, store, ada)
    other, _ = signed_in(pool, store, pool.member())
    first = found.tokens.id_token
    assert found.bearer(fresh=True) != first
    assert found.tokens.username == ada

    def kept() -> Tokens | None:
        sign_in = SignIn.find(pool.stage, store)
        return sign_in.tokens if sign_in else None

    assert kept() == other.tokens
    pool.accounts.sign_out(found.tokens)
    with pytest.raises(CredentialsError):
        found.bearer(fresh=True)
    assert kept() == other.tokens


def test_a_pool_that_is_away(
    pool: Pool, store: Store, ada: str, free_port: Callable[[], int]
) -> None:
    """A token that is still good is used; where a new one is needed it is told."""
    tokens = pool.accounts.sign_in(ada, PASSWORD)
    away = Accounts(replace(pool.stage, endpoint_url=f"http://127.0.0.1:{free_port()}"))
    clock = Clock(tokens.expires_at - 1)
    found = SignIn(away, store, tokens, clock=clock)
    found.keep()
    assert found.bearer() == tokens.id_token
    with pytest.raises(Unreachable):
        found.bearer(fresh=True)
    clock.now += 1
    with pytest.raises(Unreachable):
        found.bearer()
    assert SignIn.find(pool.stage, store) is not None


def test_signing_out(pool: Pool, store: Store, ada: str) -> None:
    """Forgotten here and of no more use to whoever has a copy."""
    found, _ = signed_in(pool, store, ada)
    copy = found.tokens
    found.end()
    assert SignIn.find(pool.stage, store) is None
    with pytest.raises(CredentialsError):
        pool.accounts.refresh(copy)


def test_signing_out_everywhere(pool: Pool, store: Store) -> None:
    """Also the sign-ins on other machines; where this one has ended already it is fine."""
    name = pool.member()
    found, _ = signed_in(pool, store, name)
    elsewhere = pool.accounts.sign_in(name, PASSWORD)
    found.end(everywhere=True)
    assert SignIn.find(pool.stage, store) is None
    with pytest.raises(CredentialsError):
        pool.accounts.refresh(elsewhere)
    found.end(everywhere=True)


def test_signing_out_while_the_pool_is_away(
    pool: Pool, store: Store, free_port: Callable[[], int]
) -> None:
    """It is forgotten here; everywhere is kept for another try."""
    away = Accounts(replace(pool.stage, endpoint_url=f"http://127.0.0.1:{free_port()}"))
    found = SignIn(away, store, made())
    found.keep()
    with pytest.raises(Unreachable):
        found.end(everywhere=True)
    assert store.load(key_of(pool.stage)) is not None
    with pytest.raises(Unreachable):
        found.end()
    assert store.load(key_of(pool.stage)) is None


def test_hosts_are_told_by_their_group(pool: Pool, store: Store) -> None:
    """The exact name, among others."""

    def is_host(tokens: Tokens) -> bool:
        return SignIn(pool.accounts, store, tokens).is_host

    assert is_host(made(groups=["others", "hosts"]))
    assert not is_host(made(groups=["hostsx", "HOSTS"]))
    assert not is_host(made())
