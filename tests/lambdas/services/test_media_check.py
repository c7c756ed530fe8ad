"""quizkit.lambdas.services.media_check: nothing is served that was not looked at."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from quizkit.core.errors import InvalidQuiz
from quizkit.core.media import key_of
from quizkit.lambdas.services.media_library import Library
from tests import media_samples as samples
from tests.fakes.clock import FakeClock
from tests.fakes.media import FakeMedia, FakeMediaRows
from tests.fakes.stores import FakeQuestions

NAME = "media/abcdefghij0123456789"


def quiz(*media: str | None) -> dict[str, Any]:
    """A document with one question for each medium."""
    return {"questions": [{"text": "?", **({"media": name} if name else {})} for name in media]}


def check_media(document: dict[str, Any], store: FakeMedia) -> None:
    """What storing a quiz has done with its media."""
    Library(store, FakeMediaRows(), FakeQuestions(), FakeClock()).hold(document, "q", "admin")


def refused(store: FakeMedia, *media: str | None) -> dict[tuple[str | int, ...], str]:
    """The problems that are found, by their path."""
    with pytest.raises(InvalidQuiz) as caught:
        check_media(quiz(*media), store)
    return {problem.path: problem.message for problem in caught.value.problems}


@pytest.mark.parametrize(("content_type", "data"), samples.GOOD.items())
def test_a_good_upload_is_served_under_its_type(content_type: str, data: bytes) -> None:
    """Exactly as it was uploaded."""
    key = NAME + {"image/jpeg": ".jpeg"}.get(content_type, "." + extension(content_type))
    store = FakeMedia(uploads={key: data})
    check_media(quiz(key), store)
    assert store.media == {key: (content_type, data)}


def extension(content_type: str) -> str:
    """As uploads are named."""
    from quizkit.core.media import EXTENSIONS

    return EXTENSIONS[content_type][1:]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "0 bytes"),
        (samples.SVG, "markup"),
        (samples.HTML, "markup"),
        (samples.gif(), "its content is image/gif, not image/png"),
        (b"MZ" + bytes(100), "none of these"),
        (samples.png(50_000, 50_000), "50000 × 50000 pixels"),
    ],
)
def test_a_bad_upload_is_never_served(data: bytes, reason: str) -> None:
    """Empty, markup, renamed, a program, or absurdly large."""
    store = FakeMedia(uploads={f"{NAME}.png": data})
    assert reason in refused(store, f"{NAME}.png")["questions", 0, "media"]
    assert store.media == {}


def test_a_polyglot_is_served_as_the_picture_that_it_begins_as() -> None:
    """Its type is ours to say, not the uploader's: nothing runs what is called a picture."""
    store = FakeMedia(uploads={f"{NAME}.gif": samples.POLYGLOT})
    check_media(quiz(f"{NAME}.gif"), store)
    assert store.media[f"{NAME}.gif"][0] == "image/gif"


def test_every_problem_is_told() -> None:
    """Also where two questions name the same file; what is good is ready all the same."""
    store = FakeMedia(uploads={f"{NAME}.gif": samples.gif(), f"{NAME}.png": b"no"})
    names = (None, f"{NAME}.png", f"{NAME}.gif", f"{NAME}.png", f"{NAME}.mp3", "https://x.org/y")
    found = refused(store, *names)
    assert [path[1] for path in found] == [1, 3, 4]
    assert "upload it first" in found["questions", 4, "media"]
    assert set(store.media) == {f"{NAME}.gif"}


@pytest.mark.parametrize(
    "name", ["map.png", "images/map.png", "http://x.org/y.png", "media/../x.png", f"{NAME}.svg"]
)
def test_what_can_be_no_medium_is_refused(name: str) -> None:
    """File names, plain HTTP, other keys and types: the store is not even asked."""
    assert "https://" in refused(FakeMedia(), name)["questions", 0, "media"]


def test_what_is_served_stays_as_it_is() -> None:
    """A later upload under the same key changes nothing, be it bad or gone."""
    key = f"{NAME}.png"
    store = FakeMedia(uploads={key: samples.png()})
    check_media(quiz(key), store)
    store.uploads[key] = samples.SVG
    check_media(quiz(key), store)
    del store.uploads[key]
    check_media(quiz(key), store)
    assert store.media == {key: ("image/png", samples.png())}


def test_an_upload_that_changes_while_it_is_looked_at_is_not_served() -> None:
    """The bytes that are served are the bytes that were looked at."""
    key = f"{NAME}.png"

    class Swapped(FakeMedia):
        def served(self, key: str) -> bool:
            found = super().served(key)
            self.swap = True
            return found

        def look(self, key: str) -> Any:
            found = super().look(key)
            if getattr(self, "swap", False):
                self.swap = False
                self.uploads[key] = samples.SVG
            return found

    store = Swapped(uploads={key: samples.png()})
    assert "try once more" in refused(store, key)["questions", 0, "media"]
    assert store.media == {}


def test_a_key_that_is_named_for_a_content_stands_for_that_alone() -> None:
    """Nobody can put another picture in the place of the one that a key stands for."""
    key = key_of(sha256(samples.png()).hexdigest(), "image/png")
    store = FakeMedia(uploads={key: samples.png(2, 2)})
    assert "not the one" in refused(store, key)["questions", 0, "media"]
    assert store.media == {}
    store.uploads[key] = samples.png()
    check_media(quiz(key), store)
    assert store.media == {key: ("image/png", samples.png())}
