"""Who may host: the members of a group of the user pool, named by whoever has AWS credentials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypedDict

from quizkit.sdk.accounts.signin import HOSTS_GROUP
from quizkit.sdk.errors import NotFound

if TYPE_CHECKING:
    from quizkit.sdk.target import Target


class Host(TypedDict):
    """A member of the group."""

    username: str
    email: str | None


def add_host(target: Target, outputs: Mapping[str, str], username: str) -> None:
    """Make somebody a host; it counts from their next token on.

    Args:
        username: or the e-mail address of a confirmed account.

    Raises:
        NotFound: there is no such account.
    """
    with _errors(target, username):
        target.client("cognito-idp").admin_add_user_to_group(
            UserPoolId=outputs["UserPoolId"], Username=username, GroupName=HOSTS_GROUP
        )


def remove_host(target: Target, outputs: Mapping[str, str], username: str) -> None:
    """Make somebody a player again, and end their sign-ins; raises as `add_host` does.

    An ID token that is out says for up to an hour that they are a host.
    """
    client = target.client("cognito-idp")
    with _errors(target, username):
        client.admin_remove_user_from_group(
            UserPoolId=outputs["UserPoolId"], Username=username, GroupName=HOSTS_GROUP
        )
        client.admin_user_global_sign_out(UserPoolId=outputs["UserPoolId"], Username=username)


def list_hosts(target: Target, outputs: Mapping[str, str]) -> list[Host]:
    """All hosts, by name."""
    client = target.client("cognito-idp")
    hosts: list[Host] = []
    token: dict[str, str] = {}
    with target.errors():
        while True:
            page = client.list_users_in_group(
                UserPoolId=outputs["UserPoolId"],
                GroupName=HOSTS_GROUP,
                **token,  # type: ignore[arg-type]
            )
            for user in page["Users"]:
                attributes = {item["Name"]: item.get("Value") for item in user["Attributes"]}
                hosts.append({"username": user["Username"], "email": attributes.get("email")})
            if not page.get("NextToken"):
                return sorted(hosts, key=lambda host: host["username"])
            token = {"NextToken": page["NextToken"]}


@contextmanager
def _errors(target: Target, username: str) -> Iterator[None]:
    from botocore.exceptions import ClientError

    with target.errors():
        try:
            yield
        except ClientError as exc:
            if exc.response.get("Error", {}).get("Code") == "UserNotFoundException":
                raise NotFound(
                    f"There is no account “{username}”.",
                    hint="they sign up first: quizkit signup",
                    code="user_not_found",
                ) from exc
            raise
