"""A question while it is open, and once it is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from quizkit.cli.render import clean
from quizkit.cli.views.letters import letters_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from quizkit.sdk.live_events import Answer, Question, QuestionClosed

_BAR = 24
#: More accepted spellings than these are not worth a screen.
_SPELLINGS: Final = 5
#: Kinds whose options say with their counts how many were right.
_COUNTED: Final = frozenset({"choice", "boolean"})
_USUAL: Final[Mapping[str, Any]] = MappingProxyType({})


def heading(question: Question) -> str:
    """Such as `Question 2 of 10`."""
    return f"Question {question.index + 1} of {question.count}"


def hint(question: Question) -> str:
    """What is wanted and what it may cost, in a few words; empty where there is nothing to say."""
    parts = (
        _wanted(question),
        "each right part counts" if question.grading == "balanced" else "",
        f"a wrong answer costs {question.penalty} points" if question.penalty else "",
    )
    return "; ".join(part for part in parts if part)


def _wanted(question: Question) -> str:
    match question.kind:
        case "multiple":
            return "several may be right"
        case "order":
            letters = "".join(reversed(list(letters_of(question).values())))
            return f"all letters in order, such as {letters}"
        case "number" if question.range is not None:
            return f"a number from {question.range[0]} to {question.range[1]}"
        case "number":
            return "a number"
        case "text":
            return "type the answer"
        case "poll":
            return "no answer is wrong"
        case "slide":
            return "nothing to answer"
    return ""


def question_lines(question: Question) -> list[str]:
    """The question for a terminal that only takes lines."""
    wanted = f" ({hint(question)})" if hint(question) else ""
    letters = letters_of(question)
    return [
        f"{heading(question)}, {question.time_limit} s: {clean(question.text)}{wanted}",
        *(f"  {line}" for line in _media(question)),
        *(f"  {letters[option.id]}) {clean(option.text)}" for option in question.options),
    ]


def open_question(
    question: Question,
    *,
    waiting: float,
    left: float,
    chosen: Sequence[str] = (),
    typed: str | None = None,
) -> RenderableType:
    """The open question with its countdown.

    Args:
        waiting: seconds until it opens.
        left: seconds until it closes.
        chosen: ids of the options that are marked; where they are to be ordered, in this order.
        typed: what has been typed as an answer, where one is typed.
    """
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = [Text(clean(question.text), style="bold")]
    if told := hint(question):
        parts.append(Text(f"({told})", style="dim"))
    parts += [Text(line, style="dim") for line in _media(question)]
    parts.append(Text())
    letters = letters_of(question)
    for option in question.options:
        mark = " "
        if option.id in chosen:
            mark = str(chosen.index(option.id) + 1) if question.kind == "order" else "▶"
        style = "bold cyan" if option.id in chosen else ""
        letter = letters[option.id]
        parts.append(Text(f"{mark:>2} {letter}  {clean(option.text)}", style=style))
    if typed is not None:
        parts.append(Text(f" ▶ {clean(typed)}", style="bold cyan"))
    parts += [Text(), _clock(question, waiting, left)]
    return Group(*parts)


def closed_question(
    question: Question, closed: QuestionClosed, chosen: Sequence[str] = ()
) -> RenderableType:
    """The question with what was right, how often each option was chosen, and why."""
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = [Text(clean(question.text), style="bold"), Text()]
    if question.kind == "order":
        parts += _ordered(question, closed.correct)
    elif question.options:
        parts += _bars(question, closed, chosen)
    elif right := right_words(question, closed.correct, closed.rules):
        parts.append(Text(f" ✓ {right}", style="bold green"))
    if knew := how_many_knew(question, closed):
        parts += [Text(), Text(knew)]
    if closed.explanation:
        parts += [Text(), Text(clean(closed.explanation), style="italic")]
    return Group(*parts)


def closed_lines(
    question: Question | None, closed: QuestionClosed, *, counted: bool = True
) -> list[str]:
    """How a question ended, for a terminal that only takes lines.

    Args:
        counted: also how often options were chosen and how many were right; of a poll, of
            which there is nothing else to tell, that is told in any case.
    """
    lines: list[str] = []
    right = right_words(question, closed.correct, closed.rules)
    letters = letters_of(question)
    told = ", ".join(
        f"{letters.get(name, name)} {closed.counts[name]}"
        for name in _as_shown(closed.counts, letters)
    )
    if right:
        about = f"chosen: {told}" if told else ""
        knew = "" if question is None else how_many_knew(question, closed)
        details = "; ".join(each for each in (about, knew) if each) if counted else ""
        lines.append(f"Right: {right}" + (f" ({details})" if details else ""))
    elif told:
        lines.append(f"Chosen: {chosen_words(question, closed)}")
    return [*lines, f"  {clean(closed.explanation)}"] if closed.explanation else lines


def right_words(
    question: Question | None, correct: Answer, rules: Mapping[str, Any] = _USUAL
) -> str:
    """What was right, in words; empty where nothing is."""
    if rules.get("tolerance"):
        return f"{correct} ± {rules['tolerance']}"
    if question is not None and question.kind == "text" and isinstance(correct, list):
        more = " …" if len(correct) > _SPELLINGS else ""
        return ", ".join(f"“{clean(each)}”" for each in correct[:_SPELLINGS]) + more
    texts = {option.id: clean(option.text) for option in question.options} if question else {}
    letters = letters_of(question)
    names: Sequence[str] = correct_ids(correct)
    if question is not None and question.kind != "order":
        names = _as_shown(names, letters)
    return ", ".join(
        f"{letters[name]}) {texts[name]}" if name in texts else clean(name) for name in names
    )


def chosen_words(question: Question | None, closed: QuestionClosed) -> str:
    """How often each option was chosen, with its text."""
    texts = {option.id: clean(option.text) for option in question.options} if question else {}
    return ", ".join(
        f"{texts.get(name, name)} {closed.counts[name]}" for name in _as_shown(closed.counts, texts)
    )


def how_many_knew(question: Question, closed: QuestionClosed) -> str:
    """How many were right, where no count of an option says it; else empty."""
    if closed.right is None or question.kind in _COUNTED or not right_words(None, closed.correct):
        return ""
    return "1 player was right" if closed.right == 1 else f"{closed.right} players were right"


def correct_ids(correct: Answer) -> tuple[str, ...]:
    """What is right as texts, whatever the kind of question calls it."""
    return tuple(map(str, correct)) if isinstance(correct, list) else (str(correct),)


def _as_shown(names: Iterable[str], shown: Iterable[str]) -> list[str]:
    """Ids of options in the order in which the session shows them; others, if any, last."""
    places = {name: place for place, name in enumerate(shown)}
    return sorted(names, key=lambda name: places.get(name, len(places)))


def _media(question: Question) -> list[str]:
    """The medium's place, and what it shows."""
    if not question.media_url:
        return []
    shown = f" ({clean(question.alt)})" if question.alt else ""
    return [f"media: {clean(question.media_url)}{shown}"]


def _ordered(question: Question, correct: Answer) -> list[RenderableType]:
    from rich.text import Text

    texts = {option.id: clean(option.text) for option in question.options}
    letters = letters_of(question)
    return [
        Text(f"{place:>2} {letters.get(name, name)}  {texts.get(name, '')}", style="bold green")
        for place, name in enumerate(correct_ids(correct), start=1)
    ]


def _bars(
    question: Question, closed: QuestionClosed, chosen: Sequence[str]
) -> list[RenderableType]:
    """A line an option: a tick where it is right, and how often it was chosen."""
    from rich.text import Text

    right, letters = correct_ids(closed.correct), letters_of(question)
    most = max(closed.counts.values(), default=0) or 1
    width = max((len(clean(option.text)) for option in question.options), default=0)
    plain = "dim" if right else ""
    lines: list[RenderableType] = []
    for option in question.options:
        count = closed.counts.get(option.id, 0)
        mark = "✓" if option.id in right else "▶" if option.id in chosen else " "
        bar = "█" * round(_BAR * count / most)
        text = clean(option.text).ljust(min(width, 50))
        style = "bold green" if option.id in right else plain
        lines.append(Text(f" {mark} {letters[option.id]}  {text}  {bar} {count}", style=style))
    return lines


def _clock(question: Question, waiting: float, left: float) -> RenderableType:
    from rich.text import Text

    if waiting > 0:
        return Text(f"opens in {waiting:.1f} s", style="yellow")
    share = min(left / question.time_limit, 1.0) if question.time_limit else 0.0
    full = round(_BAR * share)
    style = "green" if share > 0.5 else "yellow" if share > 0.2 else "red"
    told = f"{left:.0f} s" if left > 0 else "time is up"
    return Text(f"{'━' * full}{'╌' * (_BAR - full)} {told}", style=style)
