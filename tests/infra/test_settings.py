"""What a stage may choose."""

from __future__ import annotations

import pytest

from quizkit.core.names import REFUSED
from quizkit.infra.errors import SettingsError
from quizkit.infra.settings import Settings, parse


def test_defaults_are_the_smallest_open_stage() -> None:
    """Nothing chosen: unprotected, no web origin, guests and cache, nobody to mail."""
    assert parse("dev") == Settings(
        stage="dev", protected=False, origins=(), guests=True, cache=True, operations_email=None
    )


def test_a_json_document_is_taken_as_text_and_parsed() -> None:
    """Both forms of the same document give the same settings."""
    text = '{"protected": true, "origins": ["https://a.example", "http://localhost:3000"]}'
    parsed = {"protected": True, "origins": ["https://a.example", "http://localhost:3000"]}
    assert parse("prod", text) == parse("prod", parsed)
    assert parse("prod", text).origins == ("https://a.example", "http://localhost:3000")


@pytest.mark.parametrize(
    "stage", ["", "Dev", "1st", "a_b", "a--b", "a-", "-a", "x" * 19, "dev\n", "prod.eu"]
)
def test_a_stage_that_cannot_be_in_names_is_refused(stage: str) -> None:
    """A stage becomes part of bucket and cache names, which are strict."""
    with pytest.raises(SettingsError, match="stage"):
        parse(stage)


@pytest.mark.parametrize("stage", ["a", "dev", "pr-12", "team2-eu-test", "x" * 18])
def test_a_stage_within_the_rules_is_taken(stage: str) -> None:
    """Letters, digits and single hyphens up to the length that S3 leaves."""
    assert parse(stage).stage == stage


@pytest.mark.parametrize(
    "origin",
    ["*", "https://*.example.org", "https://a.example/", "a.example", "ftp://a.b", "null", 7],
)
def test_an_origin_must_be_exact(origin: object) -> None:
    """No wildcard reaches CORS, and a path would never match a browser's origin."""
    with pytest.raises(SettingsError, match="origin"):
        parse("dev", {"origins": [origin]})


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "JSON object"),
        ({"colour": "red"}, "unknown setting 'colour'"),
        ({"stage": "other"}, "unknown setting 'stage'"),
        ({"protected": "yes"}, "'protected' must be true or false"),
        ({"cache": 1}, "'cache' must be true or false"),
        ({"origins": "https://a.example"}, "'origins' must be a list"),
        ({"operations_email": "nobody"}, "not an email address"),
    ],
)
def test_what_is_wrong_is_said(document: str | dict[str, object], reason: str) -> None:
    """Each refusal names the setting or the fault."""
    with pytest.raises(SettingsError, match=reason):
        parse("dev", document)


def test_refused_names() -> None:
    """A stage has the default list, one of its own, or none."""
    assert parse("dev").refused_names == REFUSED
    assert parse("dev", {"refused_names": ["Voldemort"]}).refused_names == ("Voldemort",)
    assert parse("dev", '{"refused_names": []}').refused_names == ()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("voldemort", "must be a list"),
        ([7], "cannot be looked for"),
        (["a,b"], "cannot be looked for"),
        (["..."], "cannot be looked for"),
        ([""], "cannot be looked for"),
        ([f"word{number:04d}" for number in range(250)], "2048 bytes"),
    ],
)
def test_refused_names_must_be_a_short_list_of_words(words: object, reason: str) -> None:
    """What could never match, or would not fit into a function's environment, is refused."""
    with pytest.raises(SettingsError, match=reason):
        parse("dev", {"refused_names": words})


def test_the_default_list_may_be_set() -> None:
    """It keeps to its own rules."""
    assert parse("dev", {"refused_names": list(REFUSED)}) == parse("dev")
