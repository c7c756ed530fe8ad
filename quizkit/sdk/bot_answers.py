"""What bots answer, by kind of question: what they know, or what chance gives them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final, TypeAlias

from quizkit.core.kinds import wire_key
from quizkit.core.quiz import Question as Authored
from quizkit.core.quiz import Quiz
from quizkit.sdk.live_events import Answer, Question

#: What is right: option ids; for ordering the options' texts, or ids, in the right order; a
#: number; for typed answers the spellings that count. Nothing is right about a poll or a slide.
Right: TypeAlias = Sequence[str] | int | float

#: What somebody types who does not know.
_WORDS: Final = ("no idea", "Paris", "Newton", "Mozart", "water", "the Moon", "Berlin", "blue")
#: Up to this a number has a next one that is another number in every reader's JSON.
_COUNTABLE: Final = 2**50


def key_of(quiz: Quiz) -> dict[str, Right]:
    """What is right in a quiz by question id, for bots that know something."""
    return {question.id: _right(question) for question in quiz.questions}


def _right(question: Authored) -> Right:
    if question.kind != "order":
        return wire_key(question.kind, question.correct)
    # The platform shows them in another order than a file may have them, under other ids.
    texts = {option.id: option.text for option in question.options}
    return [texts[each] for each in question.correct]


def guess(question: Question, right: Right | None, skill: float, rng: Random) -> Answer | None:
    """An answer: the right one as often as the skill says, else by chance.

    None where the question takes no answer.
    """
    if not question.takes_answers:
        return None
    known = right is not None and (isinstance(right, int | float) or len(right) > 0)
    if known and right is not None and rng.random() < skill:
        return _known(question, right, rng)
    return _by_chance(question, right, rng)


def another(question: Question, answer: Answer, rng: Random) -> Answer | None:
    """An answer that differs from the given one, or None where there is none."""
    if isinstance(answer, str):
        return rng.choice([word for word in _WORDS if word != answer])
    if isinstance(answer, int | float):
        return answer + 1 if abs(answer) < _COUNTABLE else 0
    ids = [option.id for option in question.options]
    if question.kind == "order":
        place = rng.randrange(len(answer))
        turned = [*answer[place:], *answer[:place]] if place else answer[::-1]
        return turned if turned != answer else None
    if question.kind != "multiple":
        left = [option for option in ids if option not in answer]
        return [rng.choice(left)] if left else None
    changed = set(answer) ^ {rng.choice(ids)}
    return sorted(changed or ids)


def settled(question: Question, answer: Sequence[str] | int | float | str) -> Answer:
    """An answer as it is sent: options sorted, except where their order is the answer."""
    if isinstance(answer, int | float | str):
        return answer
    return list(answer) if question.kind == "order" else sorted(answer)


def _known(question: Question, right: Right, rng: Random) -> Answer:
    if isinstance(right, int | float):
        return right
    if question.kind == "text":
        return rng.choice(right)
    ids = {option.text: option.id for option in question.options}
    in_order = [ids.get(each, each) for each in right]
    return in_order if question.kind == "order" else sorted(right)


def _by_chance(question: Question, right: Right | None, rng: Random) -> Answer:
    ids = [option.id for option in question.options]
    match question.kind:
        case "text":
            return rng.choice(_WORDS)
        case "number":
            return _some_number(question, right, rng)
        case "order":
            return rng.sample(ids, len(ids))
        case "multiple":
            return sorted(rng.sample(ids, rng.randint(1, len(ids))))
    return [rng.choice(ids)]


def _some_number(question: Question, right: Right | None, rng: Random) -> int | float:
    """Within the range where there is one, else about as large as the right one, if known."""
    if question.range is not None:
        low, high = question.range
    elif isinstance(right, int | float):
        spread = abs(right) / 2 or 10
        low, high = right - spread, right + spread
    else:
        return round(10 ** rng.uniform(0, 4))
    number = rng.uniform(low, high)
    whole = isinstance(right, int) or (isinstance(low, int) and isinstance(high, int))
    return round(number) if whole else round(number, 2)
