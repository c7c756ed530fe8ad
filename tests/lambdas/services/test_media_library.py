"""quizkit.lambdas.services.media_library: nothing that a quiz names is ever removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any

import pytest

from quizkit.core.errors import InvalidQuiz, QuizError
from quizkit.core.media import MAX_BYTES, key_of
from quizkit.lambdas.services.media_library import HOLD_MS, LOCK_MS, Hold, Library
from tests import media_samples as samples
from tests.fakes.clock import FakeClock
from tests.fakes.faults import Faults, Killed
from tests.fakes.media import FakeMedia, FakeMediaRows
from tests.fakes.stores import FakeQuestions

PNG = samples.png()
GIF = samples.gif()
KEY = key_of(sha256(PNG).hexdigest(), "image/png")
OTHER = key_of(sha256(GIF).hexdigest(), "image/gif")


def quiz(*media: str) -> dict[str, Any]:
    """A document with one question for each medium."""
    return {
        "title": "T",
        "questions": [
            {"text": f"{n}?", "options": ["x", "y"], "correct": "a", "media": name}
            for n, name in enumerate(media)
        ],
    }


@dataclass
class Stage:
    """A library over fakes, and quizzes stored as the platform stores them."""

    faults: Faults = field(default_factory=Faults)
    clock: FakeClock = field(default_factory=FakeClock)
    store: FakeMedia = field(default_factory=FakeMedia)
    rows: FakeMediaRows = field(default_factory=FakeMediaRows)

    def __post_init__(self) -> None:
        self.questions = FakeQuestions()
        wrap = self.faults.wrap
        self.library = Library(wrap(self.store), wrap(self.rows), wrap(self.questions), self.clock)

    def upload(self, key: str, data: bytes, owner: str = "admin", name: str = "p.png") -> None:
        """What a client does with a file."""
        self.store.uploads[key] = data
        self.library.keep({"key": key, "name": name}, owner)

    def create(self, quiz_id: str, *media: str) -> None:
        """Store a quiz."""
        self.library.hold(quiz(*media), quiz_id, "admin")
        wrapped = self.library.questions
        wrapped.create(quiz_id, self.clock(), quiz(*media))

    def edit(self, quiz_id: str, *media: str) -> None:
        """Store another version of a quiz."""
        self.library.hold(quiz(*media), quiz_id, "admin")
        self.questions.edit(quiz_id, self.clock(), quiz(*media))

    def delete(self, quiz_id: str) -> None:
        """Delete a quiz."""
        self.questions.delete(quiz_id)
        self.library.forget(quiz_id)

    def remove(self, key: str = KEY) -> dict[str, Any]:
        """Remove a file, as an admin."""
        return self.library.remove(self.library.find(key), anybody)

    def refusal(self, act: Callable[[], object]) -> str:
        """The code with which something is refused."""
        with pytest.raises(QuizError) as caught:
            act()
        return caught.value.code

    def listed(self) -> list[dict[str, Any]]:
        """The first page, as an admin sees it."""
        found: list[dict[str, Any]] = self.library.page(None, anybody, anybody)["media"]
        return found


def anybody(_: str) -> bool:
    """Everything may be known."""
    return True


@pytest.fixture
def stage() -> Stage:
    """A stage without media."""
    return Stage()


def offered(stage: Stage, data: bytes = PNG, content_type: str = "image/png") -> dict[str, Any]:
    """What a client hears that wants to upload."""
    digest = sha256(data).hexdigest()
    return stage.library.offer({"content_type": content_type, "size": len(data), "sha256": digest})


# --- coming in -------------------------------------------------------------------------------


def test_a_file_is_sent_once(stage: Stage) -> None:
    """Its key is its content's, known before; who comes with the same file sends nothing."""
    form = offered(stage)
    assert (form["key"], form["stored"], form["fields"]["key"]) == (KEY, False, KEY)
    assert offered(stage)["stored"] is False
    stage.upload(KEY, PNG)
    assert offered(stage) == {"key": KEY, "stored": True}
    assert stage.store.media == {KEY: ("image/png", PNG)}
    assert offered(stage, GIF, "image/gif")["stored"] is False


@pytest.mark.parametrize("bad", [None, "", "x" * 64, "A" * 64, "0" * 63, 7, "0" * 64 + "\n"])
def test_a_file_has_to_say_what_its_content_is(stage: Stage, bad: object) -> None:
    """By the digest of it, as we write it."""
    arguments = {"content_type": "image/png", "size": 1, "sha256": bad}
    assert stage.refusal(lambda: stage.library.offer(arguments)) == "bad_request"


def test_sizes_out_of_bounds(stage: Stage) -> None:
    """Have no form."""
    for size in (0, MAX_BYTES + 1, True, "5", None):
        arguments = {"content_type": "image/png", "size": size, "sha256": "0" * 64}
        assert stage.refusal(partial(stage.library.offer, arguments)) == "bad_request"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (samples.SVG, "markup"),
        (GIF, "its content is image/gif"),
        (samples.png(2, 2), "not the one that its key is named for"),
        (samples.png(50_000, 50_000), "pixels"),
        (b"", "0 bytes"),
    ],
)
def test_what_cannot_be_used_is_not_kept(stage: Stage, data: bytes, reason: str) -> None:
    """Nor served, nor listed."""
    stage.store.uploads[KEY] = data
    with pytest.raises(QuizError, match=reason) as caught:
        stage.library.keep({"key": KEY}, "admin")
    assert caught.value.code == "invalid_media"
    assert (stage.store.media, stage.listed()) == ({}, [])


@pytest.mark.parametrize(
    "key", [None, "", 7, "media/abcdefghij0123456789.png", f"{KEY}x", KEY.replace("png", "svg")]
)
def test_what_is_no_key_cannot_be_kept(stage: Stage, key: object) -> None:
    """Only what an upload was offered for."""
    assert stage.refusal(lambda: stage.library.keep({"key": key}, "admin")) == "bad_request"


def test_keeping_can_be_repeated(stage: Stage) -> None:
    """Its first answer may have been lost; whoever was first stays the owner."""
    stage.upload(KEY, PNG, "ada", "first.png")
    stage.store.uploads.clear()
    assert stage.library.keep({"key": KEY, "name": "later.png"}, "bob")["stored"]
    [item] = stage.listed()
    assert (item["owner"], item["name"], item["size"]) == ("ada", "first.png", len(PNG))


@pytest.mark.parametrize(
    ("name", "kept"), [("x" * 200, "x" * 120), ("\x1b[1m\ud800ü.png", "[1mü.png"), (None, "")]
)
def test_names_are_text(stage: Stage, name: str | None, kept: str) -> None:
    """Short, and without what terminals and storage stumble over."""
    stage.store.uploads[KEY] = PNG
    stage.library.keep({"key": KEY, "name": name}, "admin")
    assert [item["name"] for item in stage.listed()] == [kept]


def test_a_quiz_takes_uploads_in_that_were_not_kept(stage: Stage) -> None:
    """A client may leave keeping to the quiz; and keys of older stages still work."""
    old = "media/abcdefghij0123456789.png"
    stage.store.uploads |= {KEY: PNG, old: PNG}
    stage.create("capitals", KEY, old)
    assert set(stage.store.media) == {KEY, old}
    assert [item["key"] for item in stage.listed()] == [KEY]
    assert "stays" in refused_words(stage, old)
    del stage.rows.items[KEY]
    stage.store.uploads.clear()
    stage.create("again", KEY)


def refused_words(stage: Stage, key: str) -> str:
    """What somebody hears who wants to remove a file that is not known."""
    with pytest.raises(QuizError) as caught:
        stage.library.find(key)
    assert caught.value.code == "media_not_found"
    return caught.value.message


# --- there -----------------------------------------------------------------------------------


def test_the_list_tells_who_uses_a_file(stage: Stage) -> None:
    """Every quiz of which any version names it; those of others are counted only."""
    stage.upload(KEY, PNG)
    stage.upload(OTHER, GIF)
    for quiz_id in ("one", "two", "three"):
        stage.create(quiz_id, KEY)
    stage.edit("one", OTHER)
    stage.delete("three")
    page = stage.library.page(None, anybody, lambda quiz_id: quiz_id != "two")
    found = {item["key"]: (item["used_by"], item["used_by_others"]) for item in page["media"]}
    assert found == {KEY: (["one"], 1), OTHER: (["one"], 0)}
    assert page["cursor"] is None


def test_a_host_sees_their_own_files(stage: Stage) -> None:
    """And no line of anybody else's."""
    stage.upload(KEY, PNG, "ada")
    stage.upload(OTHER, GIF, "bob")
    page = stage.library.page(None, lambda owner: owner == "bob", anybody)
    assert [item["key"] for item in page["media"]] == [OTHER]


# --- going -----------------------------------------------------------------------------------


def test_a_file_that_nobody_uses_goes(stage: Stage) -> None:
    """It is served no longer; it can be uploaded again."""
    stage.upload(KEY, PNG)
    assert stage.remove() == {"key": KEY, "removed": True}
    assert (stage.store.media, stage.listed()) == ({}, [])
    assert stage.refusal(stage.remove) == "media_not_found"
    assert offered(stage)["stored"] is False
    stage.upload(KEY, PNG)
    assert stage.store.media == {KEY: ("image/png", PNG)}


def test_a_file_that_a_version_names_stays(stage: Stage) -> None:
    """Also an old one, as long as the quiz is there; the refusal says which."""
    stage.upload(KEY, PNG)
    stage.create("capitals", KEY)
    stage.edit("capitals", "https://example.org/x.png")
    stage.clock.advance(HOLD_MS * 2)
    with pytest.raises(QuizError, match="quiz capitals: a stored version") as caught:
        stage.remove()
    assert caught.value.code == "media_in_use"
    assert KEY in stage.store.media
    stage.delete("capitals")
    assert stage.remove()["removed"]


def test_a_refusal_does_not_name_what_is_not_ones_own(stage: Stage) -> None:
    """Quizzes of others are counted."""
    stage.upload(KEY, PNG)
    for quiz_id in ("one", "two"):
        stage.create(quiz_id, KEY)
    item = stage.library.find(KEY)
    with pytest.raises(QuizError, match="by quiz one, 1 quiz more:"):
        stage.library.remove(item, lambda quiz_id: quiz_id == "one")
    with pytest.raises(QuizError, match="by 2 quizzes more:"):
        stage.library.remove(item, lambda quiz_id: False)


def test_a_quiz_that_is_being_stored_holds_its_files(stage: Stage) -> None:
    """From before it is there; what it left behind by failing stands for nothing in the end."""
    stage.upload(KEY, PNG)
    with pytest.raises(InvalidQuiz):
        stage.create("broken", KEY, OTHER)
    assert stage.refusal(stage.remove) == "media_in_use"
    stage.clock.advance(HOLD_MS)
    assert stage.remove()["removed"]
    assert stage.rows.holds(KEY) == []


def test_a_hold_that_was_made_again_is_not_dropped(stage: Stage) -> None:
    """Between a removal's look and its work somebody else may have begun."""
    stage.upload(KEY, PNG)
    stage.rows.hold([KEY], Hold("late", stage.clock()))
    stage.rows.drop(KEY, Hold("late", stage.clock() - 1))
    assert stage.rows.holds(KEY) == [Hold("late", stage.clock())]


def test_one_removal_at_a_time(stage: Stage) -> None:
    """A second one, an upload and a quiz wait until the first is over or surely dead."""
    stage.upload(KEY, PNG)
    stage.rows.lock(KEY, "somebody", stage.clock(), 0)
    assert stage.refusal(stage.remove) == "conflict"
    assert stage.refusal(lambda: stage.library.keep({"key": KEY}, "admin")) == "conflict"
    with pytest.raises(InvalidQuiz, match="being removed"):
        stage.create("capitals", KEY)
    stage.clock.advance(LOCK_MS)
    stage.create("capitals", KEY)
    assert stage.refusal(stage.remove) == "media_in_use"
    assert not stage.rows.locked(KEY, 0)


def test_whatever_is_killed_no_quiz_loses_a_file() -> None:
    """A removal dies at each of its calls, before or after it took effect; a quiz comes then."""
    calls = 20
    for after in (False, True):
        for at in range(calls):
            stage = Stage()
            stage.upload(KEY, PNG)
            stage.faults.arm(at, after=after)
            try:
                stage.remove()
            except Killed:
                pass
            else:
                assert at >= len(stage.faults.calls)
                break
            stage.faults.arm(None)
            stage.clock.advance(LOCK_MS)
            try:
                stage.create("capitals", KEY)
            except InvalidQuiz:
                pass
            else:
                assert KEY in stage.store.media, (at, after)
            assert offered(stage)["stored"] == (KEY in stage.store.media and bool(stage.listed()))
            stage.upload(KEY, PNG)
            stage.create("capitals", KEY)
            assert stage.refusal(stage.remove) == "media_in_use", (at, after)
        else:
            raise AssertionError("the removal never ended")


def test_a_quiz_and_a_removal_at_once() -> None:
    """Whatever call of storing a quiz the removal comes before: never one without the file."""
    stored = []
    for at in range(20):
        stage = Stage()
        stage.upload(KEY, PNG)
        stage.store.uploads.clear()
        removal = cut_in(stage, at, stage.remove)
        stored.append(attempt(partial(stage.create, "capitals", KEY)))
        assert removal in ([], ["done"], ["media_in_use"])
        assert (stage.questions.head("capitals") is not None) == (stored[-1] == "done")
        if stored[-1] == "done":
            assert KEY in stage.store.media, at
    assert set(stored) == {"done", "invalid_quiz"}


def test_a_removal_and_a_quiz_at_once() -> None:
    """The other way round: the quiz is stored before the n-th call of the removal."""
    removed = []
    for at in range(20):
        stage = Stage()
        stage.upload(KEY, PNG)
        stage.store.uploads.clear()
        stored = cut_in(stage, at, partial(stage.create, "capitals", KEY))
        removed.append(attempt(stage.remove))
        assert removed[-1] in ("done", "media_in_use")
        if stored == ["done"]:
            assert KEY in stage.store.media, at
    assert set(removed) == {"done", "media_in_use"}


def attempt(act: Callable[[], object]) -> str:
    """What came of it: `done`, or the code of the refusal."""
    try:
        act()
    except QuizError as exc:
        return exc.code
    return "done"


def cut_in(stage: Stage, at: int, act: Callable[[], object]) -> list[str]:
    """Have something happen before the n-th call of a port; gives what came of it, then."""
    came: list[str] = []

    def strike(number: int, after: bool) -> None:
        if number == at and not after:
            stage.faults.paused = True
            came.append(attempt(act))
            stage.faults.paused = False

    stage.faults.arm(None)
    stage.faults.strike = strike  # type: ignore[method-assign]
    return came
