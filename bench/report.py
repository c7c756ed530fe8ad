"""The table of the bench, as text for `docs/bench.md`.

It names no machine and no date, so that a difference between two runs is a difference of
figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Final

from bench.bounds import (
    ANSWERS_A_LEASE,
    BYTES,
    DOLLARS,
    DOLLARS_AIM,
    FRAMES,
    READS_PER_ANSWER,
    REDIS,
    TRIPS,
)
from bench.counts import PLAYER_STEPS, Counted, frames, usage
from bench.games import Played
from bench.lobby import Lobby
from bench.ratios import Ratio
from bench.wire import Counts
from quizkit.core.costs import (
    LEASE_SECONDS,
    PRICES_AS_OF,
    STEPS,
    Game,
    Step,
    Usage,
    bill,
    game,
    total,
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that a run of the bench found.

    Attributes:
        small, large: steps of sessions of two sizes.
        closings: settling a question, by number of players.
        lobby: of the model game.
        answer, post, closing: ratios; `closing` for the largest of `closings`.
        imports: ratios by function.
        games: games with everybody answering at once; `crowd` one with a crowd.
        cores: of the machine.
    """

    small: Counted
    large: Counted
    closings: Mapping[int, Counts]
    lobby: Lobby
    answer: Ratio
    post: Ratio
    closing: Ratio
    imports: Mapping[str, Ratio]
    games: Sequence[Played]
    crowd: Played
    cores: int


_WIDTH: Final = 98
_HEAD: Final = """# What a game costs, and how fast it runs

Written by `make bench`; do not edit. Counts are taken on the wire, between the functions and
the services, and are the same in every run but for what is done once a second and for how
players fall onto partitions; `tests/bench` keeps each from growing beyond the bound beside it.
Times are those of one machine ({cores} cores, everything on it: players,
functions and services), so they are shown beside a baseline of the same run, and no test
looks at them.
"""


def report(found: Measured) -> str:
    """The whole page."""
    parts = [
        _HEAD.format(cores=found.cores),
        *_answers(found),
        *_steps(found),
        *_closings(found),
        *_frames(found),
        *_costs(found),
        *_ratios(found),
        *_games(found),
    ]
    lines = [line if line.startswith(("|", "#")) else _wrapped(line) for line in parts]
    return "\n".join(lines).rstrip() + "\n"


def _wrapped(text: str) -> str:
    # The head comes with lines of its own.
    return text if "\n" in text else "\n".join(wrap(text, _WIDTH, break_on_hyphens=False))


def fitted(found: Measured) -> dict[str, Step]:
    """What each step was counted to use: fixed, and for each player more."""
    steps = {}
    few, many = found.small.size, found.large.size
    for name in STEPS:
        less, more = usage(found.small.steps[name]), usage(found.large.steps[name])
        if name in PLAYER_STEPS:
            steps[name] = Step(Usage(), more * (1 / found.large.players))
        elif name == "lease":
            steps[name] = Step(Usage(read_units=more.read_units))
        else:
            each = (more + less * -1) * (1 / (many - few))
            steps[name] = Step(more + each * -many, each)
    return steps


def model(found: Measured) -> Usage:
    """What the model game uses by what was counted."""
    plan = Game(
        lobby_seconds=found.lobby.hosts,
        lobby_events=found.lobby.events,
        lobby_frames=found.lobby.frames,
    )
    return game(plan, fitted(found))


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines] + [""]


def _trips(counts: Counts) -> int:
    return counts.trips.total() - counts.of("sockets")


def _number(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _answers(found: Measured) -> list[str]:
    answer, lease = found.large.steps["answer"], found.large.steps["lease"]
    players = found.large.players
    crowd, plan = found.crowd, Game()
    leases = plan.environments * plan.answer_seconds / LEASE_SECONDS
    rows = [
        ("network round trips, warm", _number(_trips(answer) / players), TRIPS["answer"]),
        ("commands to the cache", answer.redis // players, REDIS["answer"]),
        ("write units", _number(answer.writes / players), 1),
        (
            f"read units, {ANSWERS_A_LEASE} answers in a lease",
            f"{lease.reads / ANSWERS_A_LEASE:.3f}",
            f"under {READS_PER_ANSWER}",
        ),
        ("read units, in the game below", f"{lease.reads * leases / plan.players:.3f}", ""),
        ("recorded ÷ acknowledged", _share(crowd), 1),
        ("counted twice", crowd.doubles, 0),
    ]
    return [
        "## An answer",
        "",
        *_table(("figure", "counted", "at most"), rows),
        (
            "A warm environment reads the session once a lease (0.75 s), not once an answer: "
            f"under {READS_PER_ANSWER} units each from {round(1 / READS_PER_ANSWER / 0.75)} "
            "answers a second and environment on, which is as many as one can take. The game "
            f"below has its {plan.players:,} answers in {plan.answer_seconds:.0f} s at "
            f"{plan.environments} environments. "
            f"The last two rows are of a game that {crowd.players} players played on the local "
            f"platform, with sockets lost and {crowd.sent:,} requests sent: "
            f"{crowd.acknowledged:,} answers were acknowledged, {crowd.stored:,} are stored."
        ),
        "",
    ]


def _share(played: Played) -> str:
    """Exact: one lost answer in a million shows."""
    if played.stored == played.acknowledged:
        return "1"
    return f"**{played.stored:,} ÷ {played.acknowledged:,}**"


def _steps(found: Measured) -> list[str]:
    rows = []
    for name, bound in TRIPS.items():
        counts = found.large.steps[name]
        each = name in PLAYER_STEPS
        divisor = found.large.players if each else 1
        used = usage(counts)
        rows.append(
            (
                f"`{name}`",
                "a player" if each else "the session",
                _number(_trips(counts) / divisor),
                _number(bound),
                _number(used.read_units / divisor),
                _number(used.write_units / divisor),
                _number(used.lambda_requests / divisor),
                _number(counts.posts / divisor),
            )
        )
    head = ("step", "of", "trips", "at most", "reads", "writes", "calls", "posts")
    return [
        "## Steps of a game",
        "",
        (
            "Round trips (posts to sockets apart), DynamoDB's units, functions called and "
            f"frames posted, in a session of {found.large.size:,} players. `connect` is the "
            "authorizer of `$connect`, `arrive` is `join_quiz`, `lease` an answer that has to "
            "read the session, `count` a batch of the answers' stream; `lobby` are news to "
            "everybody, `lobby_hosts` to hosts alone."
        ),
        "",
        *_table(head, rows),
    ]


def _closings(found: Measured) -> list[str]:
    rows = [
        (
            f"{size:,}",
            _trips(counts),
            counts.of("dynamodb", "Query"),
            counts.of("dynamodb", "BatchWriteItem"),
            counts.redis,
            _number(counts.reads),
            _number(counts.writes),
            f"{counts.posts:,}" if counts.posts > size else "not connected",
        )
        for size, counts in sorted(found.closings.items())
    ]
    head = ("players", "trips", "queries", "batches", "cache", "reads", "writes", "posts")
    return [
        "## Closing a question",
        "",
        (
            "Everybody has answered. Rows are read by the page, lines written in batches, and the "
            "only thing done for each player is to post two frames."
        ),
        "",
        *_table(head, rows),
    ]


def _frames(found: Measured) -> list[str]:
    seen = {
        action: said
        for step in ("ask", "settle")
        for action, said in frames(found.large.steps[step]).items()
    }
    rows = [(f"`{action}`", number, size, BYTES[action]) for action, (number, size) in seen.items()]
    answer = found.large.steps["answer"]
    ack = round(answer.answered / found.large.players)
    rows.append(("`answer_accepted`", 1, ack, BYTES["answer_accepted"]))
    return [
        "## Frames for a player and question",
        "",
        (
            f"{sum(FRAMES.values())} events, and the acknowledgement. The question has four "
            "options of a word and an explanation of a sentence; nicknames have 12 letters."
        ),
        "",
        *_table(("frame", "a question", "bytes", "at most"), rows),
    ]


def _costs(found: Measured) -> list[str]:
    used = model(found)
    sum_, plan = total(used), Game()
    rows: list[Sequence[object]] = [
        (line.what, f"{line.quantity:,.0f}", f"{line.dollars:.4f}", f"{line.dollars / sum_:.0%}")
        for line in bill(used)
    ]
    rows.append(("**sum**", "", f"**{sum_:.4f}**", ""))
    steps = fitted(found)
    played = plan.players * plan.questions
    answers = (steps["answer"].of(plan.players) * plan.questions).websocket_messages
    events = played * sum(FRAMES.values())
    lobby = found.lobby.frames
    return [
        f"## A game of {plan.players:,} players and {plan.questions} questions on AWS",
        "",
        (
            f"The steps above at the prices of us-east-1 ({PRICES_AS_OF}, no free tier); aimed at: "
            f"${DOLLARS_AIM:.2f}, kept under ${DOLLARS:.3f} by a test. Assumed: everybody joins "
            f"within a minute and stays {plan.minutes:.0f} minutes; answers come within "
            f"{plan.answer_seconds:.0f} s of a question to {plan.environments} environments; the "
            f"answers' stream has {plan.stream_shards} shards; functions are billed the times in "
            "`quizkit/core/costs.py`. Answers of routes count as messages."
        ),
        "",
        *_table(("what", "units", "US$", "share"), rows),
        (
            f"Of the messages {answers:,.0f} are answers and their acknowledgements, {events:,} "
            f"the three events of each question, {lobby:,} news of the filling lobby "
            f"({found.lobby.events} events). The five messages a player and question that the "
            f"protocol has come to ${(answers + events) * 1e-6:.3f} alone, so a game that is "
            f"played by it cannot cost ${DOLLARS_AIM:.2f}."
        ),
        "",
        (
            "What could still be had, and why it is not taken: `leaderboard` for hosts and "
            "watchers alone, about $0.011, as players have their rank in `question_closed`, but "
            "it is an event that they may wait for; the count of answers every two seconds, "
            "$0.001, for a host's screen that lags; joining without the transaction that keeps "
            "names apart, $0.001, after which a name may be taken by nobody."
        ),
        "",
    ]


def _ratios(found: Measured) -> list[str]:
    def row(what: str, ratio: Ratio, unit: str = "ms") -> tuple[str, str, str, str]:
        shown = (f"{value:,.2f} {unit}" for value in (ratio.ours, ratio.baseline))
        return (what, *shown, f"{ratio.times:.2f}")  # type: ignore[return-value]

    largest = max(found.closings)
    rows = [
        row("CPU of an answer ÷ of botocore's `put_item`", found.answer),
        row("CPU of a post ÷ of botocore's `post_to_connection`", found.post),
        row(f"time of folding {largest:,} answers ÷ of an update for each", found.closing),
        *(
            row(f"CPU of starting `{name}` ÷ of `import boto3, redis`", ratio)
            for name, ratio in found.imports.items()
        ),
    ]
    return [
        "## Ratios",
        "",
        (
            "Each with its baseline in the same run; below 1 is better than the baseline. Starting "
            "is importing and building a function from its bundle, on a fresh machine."
        ),
        "",
        *_table(("what", "ours", "baseline", "ratio"), rows),
    ]


def _games(found: Measured) -> list[str]:
    rows = [
        (
            f"{each.players:,}",
            f"{each.joins_per_second:.0f}",
            f"{each.join_seconds:.1f} s",
            f"{each.spread:,.0f} ms",
            f"{each.p50:,.0f} ms",
            f"{each.p99:,.0f} ms",
            f"{each.stored:,} of {each.acknowledged:,}",
            "kept" if each.clean else "**broken**",
        )
        for each in found.games
    ]
    head = (
        *("players", "joins a second", "all in after", "delivery spread"),
        *("acknowledged p50", "p99", "answers stored", "promises"),
    )
    return [
        "## Games on the local platform",
        "",
        (
            "Played as by `quizkit rehearse`; everybody answers at the instant at which a question "
            "opens. The spread is from the first player who gets a question to the last."
        ),
        "",
        *_table(head, rows),
    ]
