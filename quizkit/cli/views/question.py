"""A question while it is open, and once it is over."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from quizkit.cli.render import clean

if TYPE_CHECKING:
    from rich.console import RenderableType

    from quizkit.sdk.live_events import Question

_BAR = 24


def heading(question: Question) -> str:
    """Such as `Question 2 of 10`."""
    return f"Question {question.index + 1} of {question.count}"


def question_lines(question: Question) -> list[str]:
    """The question for a terminal that only takes lines."""
    several = " (several may be right)" if question.kind == "multiple" else ""
    return [
        f"{heading(question)}, {question.time_limit} s: {clean(question.text)}{several}",
        *([f"  media: {clean(question.media_url)}"] if question.media_url else []),
        *(f"  {option.id}) {clean(option.text)}" for option in question.options),
    ]


def open_question(
    question: Question, *, waiting: float, left: float, chosen: Collection[str] = ()
) -> RenderableType:
    """The open question with its countdown.

    Args:
        waiting: seconds until it opens.
        left: seconds until it closes.
        chosen: options that are marked.
    """
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = [Text(clean(question.text), style="bold"), Text()]
    if question.media_url:
        parts.insert(1, Text(f"media: {clean(question.media_url)}", style="dim"))
    for option in question.options:
        mark = "▶" if option.id in chosen else " "
        style = "bold cyan" if option.id in chosen else ""
        parts.append(Text(f" {mark} {option.id}  {clean(option.text)}", style=style))
    parts += [Text(), _clock(question, waiting, left)]
    return Group(*parts)


def closed_question(
    question: Question,
    correct: Any,
    counts: Mapping[str, int],
    explanation: str | None,
    chosen: Collection[str] = (),
) -> RenderableType:
    """The question with the right options, how often each was chosen, and why."""
    from rich.console import Group
    from rich.text import Text

    right = correct_ids(correct)
    most = max(counts.values(), default=0) or 1
    parts: list[RenderableType] = [Text(clean(question.text), style="bold"), Text()]
    width = max((len(clean(option.text)) for option in question.options), default=0)
    for option in question.options:
        count = counts.get(option.id, 0)
        mark = "✓" if option.id in right else "▶" if option.id in chosen else " "
        bar = "█" * round(_BAR * count / most)
        text = clean(option.text).ljust(min(width, 50))
        style = "bold green" if option.id in right else "dim"
        parts.append(Text(f" {mark} {option.id}  {text}  {bar} {count}", style=style))
    if explanation:
        parts += [Text(), Text(clean(explanation), style="italic")]
    return Group(*parts)


def closed_lines(
    question: Question | None, correct: Any, counts: Mapping[str, int], explanation: str | None
) -> list[str]:
    """How a question ended, for a terminal that only takes lines."""
    right = correct_ids(correct)
    texts = {option.id: clean(option.text) for option in question.options} if question else {}
    named = ", ".join(f"{name}) {texts[name]}" if name in texts else str(name) for name in right)
    told = ", ".join(f"{name} {count}" for name, count in counts.items())
    lines = [f"Right: {named}" + (f" (chosen: {told})" if told else "")]
    return [*lines, f"  {clean(explanation)}"] if explanation else lines


def correct_ids(correct: Any) -> tuple[str, ...]:
    """The right options as ids, whatever the kind of question calls them."""
    if isinstance(correct, list | tuple):
        return tuple(map(str, correct))
    return (str(correct),)


def _clock(question: Question, waiting: float, left: float) -> RenderableType:
    from rich.text import Text

    if waiting > 0:
        return Text(f"opens in {waiting:.1f} s", style="yellow")
    share = min(left / question.time_limit, 1.0) if question.time_limit else 0.0
    full = round(_BAR * share)
    style = "green" if share > 0.5 else "yellow" if share > 0.2 else "red"
    told = f"{left:.0f} s" if left > 0 else "time is up"
    return Text(f"{'━' * full}{'╌' * (_BAR - full)} {told}", style=style)
