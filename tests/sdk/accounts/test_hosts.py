"""quizkit.sdk.accounts.hosts: who may host, said by an administrator."""

from __future__ import annotations

import pytest

from quizkit.sdk.accounts.hosts import add_host, list_hosts, remove_host
from quizkit.sdk.errors import CredentialsError, NotFound
from tests.sdk.accounts.conftest import PASSWORD, Pool


def names(pool: Pool) -> list[str]:
    """All hosts."""
    return [host["username"] for host in list_hosts(pool.target, pool.outputs)]


def test_making_a_host_and_a_player_again(pool: Pool) -> None:
    """The group is in the next token; a host removed is signed out everywhere."""
    name = pool.member()
    add_host(pool.target, pool.outputs, name)
    add_host(pool.target, pool.outputs, name)
    assert {"username": name, "email": f"{name}@example.org"} in list_hosts(
        pool.target, pool.outputs
    )
    tokens = pool.accounts.sign_in(name, PASSWORD)
    assert tokens.groups == ("hosts",)
    remove_host(pool.target, pool.outputs, name)
    assert name not in names(pool)
    with pytest.raises(CredentialsError):
        pool.accounts.refresh(tokens)
    assert pool.accounts.sign_in(name, PASSWORD).groups == ()


def test_all_hosts_are_listed(pool: Pool) -> None:
    """More than a page of them, by name."""
    cognito, pool_id = pool.client(), pool.stage.pool_id
    many = [f"many-{number:03d}" for number in range(65)]
    for name in many:
        cognito.admin_create_user(
            UserPoolId=pool_id,
            Username=name,
            UserAttributes=[{"Name": "email", "Value": f"{name}@example.org"}],
            MessageAction="SUPPRESS",
        )
        add_host(pool.target, pool.outputs, name)
    found = names(pool)
    assert [name for name in found if name in many] == many
    assert found == sorted(found)


@pytest.mark.parametrize("act", [add_host, remove_host])
def test_nobody_of_that_name(pool: Pool, act: object) -> None:
    """Is told: whoever may do this may see all accounts anyway."""
    assert callable(act)
    with pytest.raises(NotFound) as caught:
        act(pool.target, pool.outputs, "nobody")
    assert caught.value.code == "user_not_found"
