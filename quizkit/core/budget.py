"""How many messages one socket may send: a burst, then a steady rate.

What is known of a socket is one number: the instant at which its budget will be whole
again. A message moves that instant by the time in which one message is given back, and is
refused where it would lie further ahead than a whole budget takes. So a socket whose instant
has passed is like one never seen, and may be forgotten.

A player sends one `join_quiz`, an answer a question with perhaps a repeat, and a ping every
few minutes; a host sends keystrokes. Neither comes near the limit.
"""

from __future__ import annotations

from typing import Final

#: Messages that a rested socket may send at once.
BURST: Final = 20
#: One message is given back in this time: five a second.
EVERY_MS: Final = 200


def spend(whole_at: int, now: int) -> int | None:
    """Pay for one message.

    Args:
        whole_at: when the socket's budget is whole again, epoch milliseconds; 0 for a socket
            of which nothing is known.
        now: epoch milliseconds at which the gateway received the message.

    Returns:
        When the budget is whole again after this message; None where too little is left,
        and then the message costs nothing.
    """
    after = max(whole_at, now) + EVERY_MS
    return None if after - now > BURST * EVERY_MS else after
