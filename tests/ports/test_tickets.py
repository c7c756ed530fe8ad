"""`ports.Tickets`: one suite over the fake and DynamoDB."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from quizkit.lambdas.ports import Ticket, Tickets

NOW = 1_800_000_000_000
TICKET = Ticket("s1", "00ada", "player", "Ada é", NOW)


def test_a_ticket_is_redeemed_once(tickets: Tickets) -> None:
    """The first gets the identity, the second nothing."""
    tickets.issue("secret", TICKET, NOW + 60_000)
    assert tickets.redeem("wrong", NOW) is None
    assert tickets.redeem("", NOW) is None
    assert tickets.redeem("\ud800", NOW) is None
    assert tickets.redeem("secret", NOW) == TICKET
    assert tickets.redeem("secret", NOW) is None


def test_a_ticket_expires(tickets: Tickets) -> None:
    """Good at its last millisecond, not after."""
    tickets.issue("one", TICKET, NOW)
    tickets.issue("two", TICKET, NOW)
    assert tickets.redeem("one", NOW) == TICKET
    assert tickets.redeem("two", NOW + 1) is None


def test_of_many_redeemers_one_wins(tickets: Tickets) -> None:
    """Twenty at once: one."""
    tickets.issue("secret", TICKET, NOW)
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: tickets.redeem("secret", NOW), range(20)))
    assert found.count(TICKET) == 1
    assert found.count(None) == 19
