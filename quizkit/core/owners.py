"""Whose a quiz, a session or a schedule is.

Everything belongs to whoever made it: a host who signed in, or the stage's admins. Who may do
what with it says the table in `core.doors`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: The owner of what admins, events and schedules of admins made. No account has such an id.
ADMINS: Final = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        user_id: of the host's account; None for an admin, who calls with AWS credentials.
    """

    user_id: str | None

    @property
    def owner(self) -> str:
        """Whose what the caller makes will be."""
        return ADMINS if self.user_id is None else self.user_id


#: Whoever calls with AWS credentials.
ADMIN: Final = Caller(None)
