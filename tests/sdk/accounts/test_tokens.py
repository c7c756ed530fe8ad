"""quizkit.sdk.accounts.tokens: what they say, and that they are not shown."""

from __future__ import annotations

import base64
import json
import traceback
from typing import Any

import pytest

from quizkit.sdk.accounts import Tokens
from tests.sdk.accounts.made import made


def raw(claims: object) -> str:
    """A token of any content."""
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"head.{body}.sign"


def test_what_an_id_token_says() -> None:
    """Name, address, groups and end; groups and address may be missing."""
    tokens = made(username="ada", email="ada@example.org", groups=["hosts", "others"], exp=1_000)
    assert (tokens.username, tokens.email) == ("ada", "ada@example.org")
    assert tokens.groups == ("hosts", "others")
    assert tokens.expires_at == 1_000_000
    bare = Tokens(raw({"exp": 7}), "", "")
    assert (bare.username, bare.email, bare.groups) == ("", None, ())


def test_tokens_are_not_shown() -> None:
    """Neither by repr nor by str nor in a container."""
    tokens = made()
    for shown in (repr(tokens), str(tokens), f"{[tokens]}"):
        for secret in (tokens.id_token, tokens.access_token, tokens.refresh_token):
            assert secret not in shown


def test_tokens_are_kept_as_text() -> None:
    """And come back the same."""
    tokens = made(username="zoë")
    assert Tokens.from_text(tokens.to_text()) == tokens


def test_refreshing_may_bring_a_new_refresh_token() -> None:
    """Where it brings none the old one stays."""
    tokens = made()
    result: dict[str, Any] = {"IdToken": tokens.id_token, "AccessToken": "a"}
    assert Tokens.of(result, "old").refresh_token == "old"
    assert Tokens.of({**result, "RefreshToken": "new"}, "old").refresh_token == "new"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"id_token": "x"}',
        json.dumps({"id_token": "s3cret", "access_token": "", "refresh_token": ""}),
        json.dumps({"id_token": raw({}), "access_token": "", "refresh_token": ""}),
        json.dumps({"id_token": raw({"exp": "x"}), "access_token": "", "refresh_token": ""}),
        json.dumps({"id_token": raw([]), "access_token": "", "refresh_token": ""}),
        json.dumps({"id_token": "a.b.c", "access_token": "", "refresh_token": "", "more": 1}),
    ],
)
def test_what_is_no_tokens(text: str) -> None:
    """Is refused, and the error repeats nothing of it."""
    with pytest.raises(ValueError, match=r".*") as caught:
        Tokens.from_text(text)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_a_result_without_tokens() -> None:
    """Is refused as well."""
    with pytest.raises(ValueError, match="no ID token"):
        Tokens.of({})
