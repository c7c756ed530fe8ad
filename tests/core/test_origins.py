"""quizkit.core.origins: the allow-list is exact."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.core import origins

ALLOWED = frozenset({"https://quiz.example.com", "http://localhost:5173"})

#: Origins that look like an allowed one.
LOOKALIKES = (
    "null",
    "",
    "https://quiz.example.com.evil.test",
    "https://evilquiz.example.com",
    "https://evil.quiz.example.com",
    "https://quiz.example.com@evil.test",
    "https://example.com",
    "http://quiz.example.com",
    "wss://quiz.example.com",
    "https://quiz.example.com:443",
    "https://quiz.example.com:8443",
    "https://quiz.example.com/",
    "https://quiz.example.com/path",
    "https://quiz.example.com?",
    "https://quiz.example.com.",
    "https://QUIZ.example.com",
    "HTTPS://quiz.example.com",
    " https://quiz.example.com",
    "https://quiz.example.com ",
    "https://quiz.example.com http://localhost:5173",
    "https://quiz.example.com, https://evil.test",
    "https://quiz.exаmple.com",  # a Cyrillic letter
    "https://xn--quiz-example-com.test",
    "https://quiz-example.com",
    "https://quizXexample.com",
    "*",
    "https://*.example.com",
    "http://localhost",
    "http://localhost:51730",
    "http://127.0.0.1:5173",
)


def test_the_listed_origins_are_let_in() -> None:
    """Each of them as it stands."""
    for origin in ALLOWED:
        assert origins.admits(ALLOWED, [origin])


@pytest.mark.parametrize("origin", LOOKALIKES)
def test_lookalikes_are_refused(origin: str) -> None:
    """Suffix, prefix, scheme, port, slash, case, null, script: none of them is the origin."""
    assert not origins.admits(ALLOWED, [origin])


def test_programs_without_an_origin_are_let_in() -> None:
    """They are no browser, so no page can be behind them that its visitor did not mean."""
    assert origins.admits(ALLOWED, [])
    assert origins.admits(frozenset(), [])


def test_an_empty_list_admits_no_browser() -> None:
    """None configured: no page is meant to connect."""
    assert not origins.admits(frozenset(), ["https://quiz.example.com"])
    assert not origins.admits(origins.split(""), [""])


def test_every_one_of_several_origins_must_be_listed() -> None:
    """A second header cannot smuggle an origin in."""
    assert not origins.admits(ALLOWED, ["https://quiz.example.com", "https://evil.test"])
    assert not origins.admits(ALLOWED, ["https://evil.test", "https://quiz.example.com"])


@given(st.text(max_size=40))
def test_only_what_is_listed_is_admitted(origin: str) -> None:
    """Whatever is sent."""
    assert origins.admits(ALLOWED, [origin]) is (origin in ALLOWED)


@pytest.mark.parametrize(
    "origin",
    [
        "https://quiz.example.com",
        "https://a",
        "http://localhost:5173",
        "http://127.0.0.1:8080",
        "https://xn--bcher-kva.example",
        "https://quiz.example.com:65535",
    ],
)
def test_origins_that_can_be_listed(origin: str) -> None:
    """As browsers send them."""
    assert origins.problem(origin) is None


@pytest.mark.parametrize(
    "origin",
    [
        None,
        7,
        "",
        "*",
        "null",
        "quiz.example.com",
        "ftp://quiz.example.com",
        "https://*.example.com",
        "https://quiz.example.com/",
        "https://Quiz.example.com",
        "https://bücher.example",
        "https://quiz.example.com:443",
        "http://quiz.example.com:80",
        "https://quiz.example.com:0",
        "https://quiz.example.com:65536",
        "https://quiz.example.com:",
        "https://quiz.example.com.",
        "https://-quiz.example.com",
        "https://quiz.example.com\n",
        "https://user@quiz.example.com",
    ],
)
def test_origins_that_would_never_match_are_told(origin: object) -> None:
    """Wildcards are refused too: a list is exact."""
    assert origins.problem(origin)


def test_a_list_survives_the_environment() -> None:
    """Joined and split again; no origin holds the separator."""
    listed = ("https://quiz.example.com", "http://localhost:5173")
    assert origins.split(origins.joined(listed)) == set(listed)
    assert origins.split(origins.joined(())) == frozenset()
