"""What a quiz is: the model that `core.quiz` reads from documents."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_lowercase
from typing import Final

from quizkit.core.kinds import DEFAULT_RULES, Rules

MAX_QUESTIONS: Final = 500
MAX_OPTIONS: Final = len(ascii_lowercase)
MAX_TITLE: Final = 200
MAX_TEXT: Final = 1_000
MAX_EXPLANATION: Final = 4_000
MAX_POINTS: Final = 1_000_000
MAX_TIME_LIMIT: Final = 3_600
#: Accepted spellings of a typed answer, and the characters of each and of an answer.
MAX_ACCEPT: Final = 50
MAX_ANSWER: Final = 200
MAX_TAGS: Final = 50
MAX_LANGUAGE: Final = 35

DEFAULT_POINTS: Final = 1_000
DEFAULT_TIME_LIMIT: Final = 20
#: What `points` may be called.
POINTS: Final = {"normal": 1_000, "double": 2_000, "none": 0}

SCORING: Final = ("speed", "flat")
FEEDBACK: Final = ("on_close", "immediate")


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a question; `id` is `a`, `b`, `c`, … in the order of the file."""

    id: str
    text: str
    correct: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One question, or a slide.

    Attributes:
        id: `q1`, `q2`, … in the order of the file.
        points: what a right answer is worth at best, 0 or more; 0 where nothing is right.
        time_limit: seconds.
        media: a file name relative to the quiz file, a URL or an object key; or None.
        source: where the fact comes from, for whoever checks the quiz; or None.
        form: the kind, where the options do not say it; else None.
        alt: what the media shows, for those who cannot see it; or None.
        right: what is right, where no options are marked: of `order` the ids in their right
            order, of `number` the number as text, of `text` the accepted spellings.
        rules: how answers are held against the key.
    """

    id: str
    text: str
    options: tuple[Option, ...] = ()
    points: int = DEFAULT_POINTS
    time_limit: int = DEFAULT_TIME_LIMIT
    explanation: str | None = None
    media: str | None = None
    source: str | None = None
    form: str | None = None
    alt: str | None = None
    right: tuple[str, ...] = ()
    rules: Rules = DEFAULT_RULES

    @property
    def correct(self) -> tuple[str, ...]:
        """The key as it is stored: ids of the right options, a number, or spellings."""
        return self.right or tuple(option.id for option in self.options if option.correct)

    @property
    def kind(self) -> str:
        """One of `kinds.KINDS`."""
        return self.form or kind_of_options(len(self.correct))

    @property
    def is_in_order(self) -> bool:
        """Whether the options of an `order` question are shown in their right order."""
        return self.right == tuple(option.id for option in self.options)


def kind_of_options(right: int) -> str:
    """`choice` where one option is right, `multiple` where several are."""
    return "choice" if right == 1 else "multiple"


@dataclass(frozen=True, slots=True)
class Quiz:
    """A whole quiz, valid by construction through `parse`.

    Attributes:
        streak_bonus: points for each right answer in a row, see `core.scoring`.
        shuffle: each session shows options in an order of its own.
    """

    title: str
    questions: tuple[Question, ...]
    scoring: str = "speed"
    feedback: str = "on_close"
    description: str | None = None
    attribution: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    streak_bonus: int = 0
    shuffle: bool = False
