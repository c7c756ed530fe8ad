"""The page that the bench writes: true to what was counted, and to nothing of the machine."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from bench.bounds import BYTES, TRIPS
from bench.counts import Counted
from bench.games import Played
from bench.lobby import Lobby
from bench.ratios import Ratio
from bench.report import Measured, fitted, model, report
from quizkit.core.costs import STEPS, UNITS, total

GAME = Played(
    players=200,
    joins_per_second=50.0,
    join_seconds=4.0,
    p50=500.0,
    p99=900.0,
    spread=120.0,
    sent=700,
    acknowledged=600,
    stored=600,
    doubles=0,
    clean=True,
)


@pytest.fixture(scope="module")
def found(small: Counted, large: Counted) -> Measured:
    """Real counts, and times as they may be."""
    return Measured(
        small=small,
        large=large,
        closings={60: small.steps["settle"], 120: large.steps["settle"]},
        lobby=Lobby(events=15, frames=4_500, hosts=60),
        answer=Ratio(1.2, 1.0),
        post=Ratio(0.3, 0.6),
        closing=Ratio(100.0, 2_000.0),
        imports={"answer": Ratio(400.0, 380.0)},
        games=[GAME, replace(GAME, players=1_000, clean=False)],
        crowd=GAME,
        cores=2,
    )


def rows(page: str, title: str) -> dict[str, list[str]]:
    """The table of a section: cells by the first one."""
    section = page.split(f"## {title}")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {line[0]: line[1:] for line in cells}


def test_every_figure_of_the_issue_is_on_the_page(found: Measured) -> None:
    """An answer's, a step's, a closing's, a frame's, with their bounds."""
    page = report(found)
    answer = rows(page, "An answer")
    assert answer["network round trips, warm"] == ["1", "1"]
    assert answer["write units"] == ["1", "1"]
    assert answer["recorded ÷ acknowledged"] == ["1", "1"]
    assert answer["counted twice"] == ["0", "0"]
    assert set(rows(page, "Steps of a game")) == {f"`{name}`" for name in TRIPS}
    assert set(rows(page, "Closing a question")) == {"60", "120"}
    assert set(rows(page, "Frames for a player")) == {f"`{name}`" for name in BYTES}


def test_the_bill_adds_up(found: Measured) -> None:
    """Its lines come to its sum, which is the price of what was counted."""
    bill = rows(report(found), "A game of 1,000 players")
    said = float(bill.pop("**sum**")[1].strip("*"))
    assert said == pytest.approx(total(model(found)), abs=5e-5)
    assert sum(float(cells[1]) for cells in bill.values()) == pytest.approx(said, abs=1e-3)


def test_counted_steps_are_under_the_bounds_at_any_size(found: Measured) -> None:
    """So the counted game is no dearer than the one of which the price is kept."""
    for name, step in fitted(found).items():
        for players in (found.small.size, found.large.size):
            for unit in UNITS:
                most = getattr(STEPS[name].of(players + 2), unit)
                assert getattr(step.of(players), unit) <= most + 1e-9, (name, unit)


def test_a_broken_promise_is_told(found: Measured) -> None:
    """A fast game that lost something is no good game."""
    games = rows(report(found), "Games on the local platform")
    assert games["200"][-1] == "kept"
    assert games["1,000"][-1] == "**broken**"


def test_a_lost_answer_shows_however_many_there_are(found: Measured) -> None:
    """One in a million is not rounded away."""
    lost = replace(GAME, acknowledged=1_000_000, stored=999_999)
    answer = rows(report(replace(found, crowd=lost)), "An answer")
    assert answer["recorded ÷ acknowledged"][0] == "**999,999 ÷ 1,000,000**"


def test_ratios_are_shown_beside_both_sides(found: Measured) -> None:
    """Ours, the baseline, and one by the other."""
    ratios = rows(report(found), "Ratios")
    assert ratios["CPU of a post ÷ of botocore's `post_to_connection`"] == [
        "0.30 ms",
        "0.60 ms",
        "0.50",
    ]


def test_two_runs_with_the_same_figures_give_the_same_page(found: Measured) -> None:
    """No date, no path, no name of a machine."""
    page = report(found)
    assert page == report(found)
    assert not re.search(r"20\d\d-\d\d-\d\d|/tmp|/home|/work|127\.0\.0\.1|localhost", page)
    assert Counter(page.splitlines())["# What a game costs, and how fast it runs"] == 1
