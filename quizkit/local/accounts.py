"""What accounts need on this machine alone: the mail that is never sent.

MiniStack keeps the mails of its user pools in an outbox that can be read, and sends none. The
code of a sign-up or of a forgotten password is taken from there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from quizkit.local.service import get_json
from quizkit.local.status import ACCOUNT

if TYPE_CHECKING:
    from quizkit.sdk.accounts import Stage

_CODE: Final = re.compile(r"\b(\d{6})\b")


class Outbox:
    """The mails that a stage's user pool has written, in their order."""

    def __init__(self, stage: Stage) -> None:
        self._port = urlsplit(stage.endpoint_url or "").port or 0
        self._read = 0

    def mark(self) -> None:
        """Pass over everything that is there now."""
        self._read = len(self._mails())

    def code(self) -> str | None:
        """The code in the newest mail since `mark`; None where none has come."""
        for mail in reversed(self._mails()[self._read :]):
            found = _CODE.search(str(mail.get("BodyText") or ""))
            if found:
                return found[1]
        return None

    def _mails(self) -> list[dict[str, Any]]:
        document = get_json(self._port, f"/_ministack/ses/messages?account={ACCOUNT}") or {}
        mails: list[dict[str, Any]] = document.get("messages", {}).get(ACCOUNT, [])
        return [mail for mail in mails if mail.get("Type") == "CognitoVerificationMessage"]


def mark_verified(stage: Stage, username: str) -> None:
    """Say that a confirmed account's address is its owner's, as AWS does by itself."""
    target = stage.as_target
    with target.errors():
        target.client("cognito-idp").admin_update_user_attributes(
            UserPoolId=stage.pool_id,
            Username=username,
            UserAttributes=[{"Name": "email_verified", "Value": "true"}],
        )
