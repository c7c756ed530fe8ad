"""quizkit.core.names: nicknames and join codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.core.errors import Rejected
from quizkit.core.names import MAX_NICKNAME, REFUSED, folded, nickname, pin, skeletons


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("Ada", "Ada"),
        ("  Ada   Lovelace ", "Ada Lovelace"),
        ("Ａｄａ", "Ada"),
        ("ﬁx", "fix"),
        ("Zoë", "Zoë"),
        ("❤️", "❤️"),
        ("小林", "小林"),
        ("a\u00a0b", "a b"),
        ("x" * MAX_NICKNAME, "x" * MAX_NICKNAME),
    ],
)
def test_nicknames_are_shown_normalised(given_name: str, shown: str) -> None:
    """Compatibility forms and spaces become one form; accents and emoji stay."""
    assert nickname(given_name) == shown


@pytest.mark.parametrize(
    "bad",
    [
        None,
        7,
        ["Ada"],
        "",
        "   ",
        "x" * (MAX_NICKNAME + 1),
        "x" * 300,
        "ﷺ" * 20,
        "a\nb",
        "a\tb",
        "a\x00b",
        "evil\u202egnp.exe",
        "\u2066Ada\u2069",
        "A\u200bda",
        "Ada\u200d",
        "A\u00adda",
        "\u3164",
        "\u2800",
        "\ufe0f",
        "\u0301",
        "\ud800",
        "\ue000",
        "\U0010ffff",
        "a\u2028b",
    ],
)
def test_bad_nicknames_are_refused(bad: object) -> None:
    """Too long, blank, invisible, bidirectional or unpaired: one code for all."""
    with pytest.raises(Rejected) as caught:
        nickname(bad)
    assert caught.value.code == "invalid_nickname"


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(text: str) -> None:
    """A name that was taken is taken again, as it is, and has one to 24 characters."""
    try:
        name = nickname(text)
    except Rejected:
        return
    assert nickname(name) == name
    assert 1 <= len(name) <= MAX_NICKNAME
    assert name.encode()
    assert folded(folded(name)) == folded(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ada", "aDA"), ("Straße", "STRASSE"), ("❤️", "❤"), ("Σίσυφος", "ΣΊΣΥΦΟΣ")],
)
def test_names_that_look_alike_are_the_same(one: str, other: str) -> None:
    """Case and the choice between two pictures of one character do not tell names apart."""
    assert folded(nickname(one)) == folded(nickname(other))


def test_different_names_stay_different() -> None:
    """Accents do tell names apart."""
    assert folded("Zoe") != folded("Zoë")


@pytest.mark.parametrize("text", ["123456", " 123 456 ", "1 2 3 4 5 6"])
def test_pins_are_read_with_spaces(text: str) -> None:
    """A PIN read aloud in groups is the same PIN."""
    assert pin(text) == "123456"


@pytest.mark.parametrize(
    "bad", [None, 123456, "12345", "1234567", "12345a", "", "１２３４５６", "²²²²²²", "-12345"]
)
def test_what_cannot_be_a_pin_is_not_found(bad: object) -> None:
    """A code that cannot be gets the same answer as one that is not."""
    with pytest.raises(Rejected) as caught:
        pin(bad)
    assert caught.value.code == "pin_not_found"


DEFAULT = skeletons(REFUSED)


@pytest.mark.parametrize("word", REFUSED)
def test_each_refused_word_is_refused(word: str) -> None:
    """As it stands, in capitals, spaced out, with digits after it, and among other words."""
    for name in (word, word.upper(), " ".join(word), ".".join(word), f"{word}69", f"x {word} y"):
        if len(name) <= MAX_NICKNAME:
            with pytest.raises(Rejected) as caught:
                nickname(name, DEFAULT)
            assert caught.value.code == "invalid_nickname"
            assert word not in caught.value.message


@pytest.mark.parametrize(
    "name",
    ["sh1t", "5hit", "$h!t", "F.U.C.K", "f_u_c_k", "fück", "Ｆｕｃｋ", "b1tch!", "ShIt", "69fuck69",
     "a$$", "a$$hole", "4ss", "ni99er"],
)  # fmt: skip
def test_disguised_words_are_refused(name: str) -> None:
    """Digits and signs for letters, separators, accents and wide letters hide nothing."""
    with pytest.raises(Rejected):
        nickname(name, DEFAULT)


@pytest.mark.parametrize(
    "name",
    ["Scunthorpe", "Dickens", "Cassandra", "Shitake", "Peacock", "Grape", "Class 3b", "Ada 69",
     "Push it", "Essex", "Mississippi", "Hancock", "小林", "❤️", "Team 7", "1337", "Hi!", "N1664",
     "Player 00455", "455"],
)  # fmt: skip
def test_words_within_words_pass(name: str) -> None:
    """What only holds a refused word inside another one is nobody's business."""
    assert nickname(name, DEFAULT) == name


def test_the_list_is_replaceable() -> None:
    """Another list refuses its own words, and those alone; phrases count without their spaces."""
    own = skeletons(["Voldemort", "he who", "", "--"])
    assert own == skeletons(["voldemort", "HEWHO"])
    for name in ("V0ldem0rt", "He-Who", "hewho"):
        with pytest.raises(Rejected):
            nickname(name, own)
    assert nickname("shit", own) == "shit"
    assert nickname("shit") == "shit"
    assert nickname("Voldemort", DEFAULT) == "Voldemort"
