"""Tokens that nobody signed: good for what reads them, useless at any door."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence

from quizkit.sdk.accounts import Tokens


def made(
    *,
    username: str = "ada",
    email: str = "ada@example.org",
    groups: Sequence[str] = (),
    exp: int = 4_000_000_000,
    number: int = 1,
) -> Tokens:
    """The tokens of a sign-in; `exp` in epoch seconds, `number` tells one from another."""
    claims = {
        "cognito:username": username,
        "email": email,
        "cognito:groups": list(groups),
        "exp": exp,
        "number": number,
    }
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return Tokens(f"head.{body}.sign", f"access-{number}", f"refresh-{number}")
