"""The tokens of one sign-in; what they say can be read, they themselves are never shown."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Tokens:
    """What Cognito hands out to somebody who signed in.

    What is read from them is read without a check: they came from the pool itself, over
    TLS, and whoever receives them checks them.

    Attributes:
        id_token: says who somebody is; the one that the platform's doors take.
        access_token: for the account itself, such as signing out everywhere.
        refresh_token: gives new ones of the other two, for 30 days.
    """

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)

    @classmethod
    def of(cls, result: Mapping[str, Any], refresh_token: str = "") -> Tokens:
        """Those of an `AuthenticationResult`; refreshing may give no new refresh token.

        Raises:
            ValueError: it holds none.
        """
        tokens = cls(
            id_token=str(result.get("IdToken", "")),
            access_token=str(result.get("AccessToken", "")),
            refresh_token=str(result.get("RefreshToken") or refresh_token),
        )
        _ = tokens.expires_at
        return tokens

    @classmethod
    def from_text(cls, text: str) -> Tokens:
        """Those that `to_text` wrote.

        Raises:
            ValueError: the text is something else.
        """
        fields = json.loads(text)
        names = set(cls.__dataclass_fields__)
        if not isinstance(fields, dict) or set(fields) != names:
            raise ValueError("these are no tokens")
        tokens = cls(**{name: str(fields[name]) for name in names})
        _ = tokens.expires_at
        return tokens

    def to_text(self) -> str:
        """For keeping."""
        return json.dumps(asdict(self))

    @property
    def username(self) -> str:
        """The account's name."""
        return str(self._claims.get("cognito:username", ""))

    @property
    def email(self) -> str | None:
        """The account's address."""
        return self._claims.get("email")

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that the account was in when the ID token was made."""
        return tuple(str(group) for group in self._claims.get("cognito:groups", ()))

    @property
    def expires_at(self) -> int:
        """When the ID token ends, epoch milliseconds."""
        return int(self._claims["exp"]) * 1_000

    @property
    def _claims(self) -> dict[str, Any]:
        try:
            body = self.id_token.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
            int(claims["exp"])
        except (IndexError, KeyError, TypeError, ValueError):
            # Whatever it was is not repeated: a half of a token is a secret, too.
            raise ValueError("this is no ID token") from None
        found: dict[str, Any] = claims
        return found
