"""The report of a rehearsal for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from quizkit.cli.render import clean, table

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from quizkit.sdk.rehearsal_report import RehearsalReport, Spread

_LISTED: Final = 10


def report_view(report: RehearsalReport) -> list[RenderableType]:
    """Counts, delays, questions, and the verdict last."""
    return [_counts(report), _delays(report), _questions(report), *_verdict(report)]


def _counts(report: RehearsalReport) -> Table:
    answers, joins = report.answers, report.joins
    cast = ", ".join(f"{count} {name}" for name, count in sorted(report.cast.items()))
    rows = table("what", "how many", title=f"Rehearsal of “{clean(report.title)}”")
    rows.add_row("players", f"{report.players} ({cast}), seed {report.seed}")
    failed = f", {joins.failed} failed" if joins.failed else ""
    rows.add_row("joined", f"{joins.joined} in {joins.seconds:.1f} s{failed}")
    rows.add_row("joins a second", f"{joins.per_second:.0f}")
    rows.add_row("sockets lost and back", str(report.reconnects))
    rows.add_row("went away and returned", str(report.returns))
    rows.add_row("answers sent", f"{answers.sent} ({answers.refused} refused)")
    if answers.unknown:
        rows.add_row("without a reply", str(answers.unknown))
    rows.add_row("answers acknowledged", str(answers.acknowledged))
    rows.add_row("answers stored", str(answers.stored))
    return rows


def _delays(report: RehearsalReport) -> Table:
    names = ("p50", "p95", "p99", "max")
    rows = table("milliseconds", *names, right=names)
    shown: dict[str, Spread] = {
        "joining": report.joins.each,
        "question, behind the first to get it": report.delivery,
        "question, after it opened": report.lateness,
        "acknowledgement of an answer": report.acknowledgement,
    }
    for name, spread in shown.items():
        rows.add_row(name, *(_number(getattr(spread, field)) for field in names))
    return rows


def _questions(report: RehearsalReport) -> Table:
    columns = ("delivered", "spread (ms)", "too late")
    rows = table("question", *columns, right=columns)
    for each in report.questions:
        late = str(each.late) if each.late else ""
        rows.add_row(each.question_id, str(each.delivered), _number(each.spread), late)
    return rows


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _verdict(report: RehearsalReport) -> list[RenderableType]:
    from rich.text import Text

    if report.clean:
        said = "Clean: every acknowledged answer is stored once, and every score follows from them."
        return [Text(said, style="bold green")]
    found = report.violations
    promises = "promise" if len(found) == 1 else "promises"
    said = f"NOT clean: {len(found)} broken {promises}."
    lines: list[RenderableType] = [Text(said, style="bold red")]
    lines += [Text(f"  {each.rule}: {clean(each.message)}") for each in found[:_LISTED]]
    if len(found) > _LISTED:
        lines.append(Text(f"  and {len(found) - _LISTED} more"))
    lines.append(Text(f"Play it again with: --seed {report.seed} --players {report.players}"))
    return lines
