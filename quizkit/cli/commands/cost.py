"""`cost`: what a game and an idle month cost on AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from quizkit.cli.context import Cli
from quizkit.cli.render import table
from quizkit.sdk.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.table import Table

    from quizkit.core.costs import Line, Price

REGION: Final = "us-east-1"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(cost)


def cost(
    context: typer.Context,
    players: Annotated[
        int, typer.Option(min=1, max=100_000, help="How many play.", metavar="N")
    ] = 1_000,
    questions: Annotated[
        int, typer.Option(min=1, max=500, help="How many they are asked.", metavar="N")
    ] = 10,
    minutes: Annotated[
        float, typer.Option(min=1, max=120, help="How long they are connected.", metavar="N")
    ] = 10,
) -> None:
    """What a game and an idle month of the stage cost on AWS; on this machine nothing does."""
    from quizkit.core.costs import PRICES, PRICES_AS_OF, bill, game, plan
    from quizkit.core.idle import STANDING, idle_month
    from quizkit.sdk.project import check_names

    cli = Cli.of(context)
    target, stage = cli.names
    check_names(target, stage)
    cli.announce_place(target, stage)
    played = bill(game(plan(players, questions, minutes)))
    cache, protected = (
        _flag(cli, stage, *each) for each in (("cache", True), ("protected", False))
    )
    idle = idle_month(cache=cache, protected=protected)
    size = {"players": players, "questions": questions, "minutes": minutes}
    document = {
        "target": target,
        "stage": stage,
        "game": {**size, **_bill(played, PRICES)},
        "idle_month": _bill(idle, STANDING),
        "prices": {"region": REGION, "as_of": PRICES_AS_OF, "currency": "USD"},
    }
    asked = ", ".join(_amount(number, name[:-1]) for name, number in size.items())
    here = "\nOn this machine nothing is billed." if target == "local" else ""
    cli.out.result(
        document,
        _shown(f"A game on AWS: {asked}, at most", played, PRICES),
        _shown(f"A month of stage {stage} in which nobody plays", idle, STANDING),
        f"List prices of {REGION} ({PRICES_AS_OF}), before free tiers; there is no NAT gateway."
        f"{here}",
    )


def _flag(cli: Cli, stage: str, name: str, usual: bool) -> bool:
    """A setting of the stage.

    Raises:
        Misuse: it is neither true nor false.
    """
    value = cli.project.settings(stage).get(name, usual)
    if not isinstance(value, bool):
        raise Misuse(
            f"The setting {name!r} of stage {stage} is neither true nor false.",
            hint=f"mend it in {cli.project.path}",
        )
    return value


def _amount(number: float, what: str) -> str:
    """How many of something, in words that people read."""
    return f"{number:,g} {what}" if number == 1 else f"{number:,g} {what}s"


def _bill(lines: Sequence[Line], prices: Mapping[str, Price]) -> dict[str, Any]:
    """A bill for programs."""
    parts = [
        {
            "name": line.unit,
            "what": line.what,
            "units": round(line.quantity, 3),
            "unit_dollars": prices[line.unit].dollars,
            "dollars": round(line.dollars, 6),
        }
        for line in lines
    ]
    return {"parts": parts, "dollars": round(sum(line.dollars for line in lines), 6)}


def _shown(title: str, lines: Sequence[Line], prices: Mapping[str, Price]) -> Table:
    """A bill for people."""
    rows = table("part", "units", "price in US$", "US$", title=title, right=("units", "US$"))
    for line in lines:
        price = _price(prices[line.unit].dollars)
        rows.add_row(line.what, f"{line.quantity:,.0f}", price, _dollars(line.dollars))
    rows.add_section()
    rows.add_row("together", "", "", _dollars(sum(line.dollars for line in lines)))
    return rows


def _price(dollars: float) -> str:
    """The price of a unit, of as many of them as make it a number that people read."""
    if dollars >= 0.001:
        return f"{dollars:g} each"
    million = dollars * 1_000_000
    return f"{million:g} a million" if million >= 0.001 else f"{million * 1_000:g} a billion"


def _dollars(amount: float) -> str:
    """An amount in which also a small game's parts are seen."""
    if amount < 0.0001:
        return "<0.0001"
    return f"{amount:.4f}" if amount < 1 else f"{amount:.2f}"
