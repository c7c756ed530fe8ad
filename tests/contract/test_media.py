"""S9: media that players may see were looked at, and are served so that nothing in them runs."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3

from tests import media_samples as samples
from tests.contract.doors import Doors, Refused
from tests.contract.game import question


def upload(doors: Doors, data: bytes, content_type: str = "image/png", **changed: str) -> str:
    """Upload by a form as a browser does; the key to name it by."""
    form = ask(doors, data, content_type)
    if not form["stored"]:
        fields = {**form["fields"], **changed, "file": ("x", data, content_type)}
        status = doors.http.raw(form["url"], "POST", fields).status
        assert status in (200, 201, 204), status
    return str(form["key"])


def ask(doors: Doors, data: bytes, content_type: str = "image/png") -> dict[str, Any]:
    """The form for a file."""
    digest = hashlib.sha256(data).hexdigest()
    return doors.admin(
        "media.upload", content_type=content_type, size=max(1, len(data)), sha256=digest
    )


def picture(size: int = 1) -> bytes:
    """A picture that was never uploaded before."""
    return samples.png(size, size, body=uuid.uuid4().bytes)


def quiz_of(*keys: str) -> dict[str, Any]:
    """A quiz with a question for each medium."""
    return {
        "title": "Pictures",
        "questions": [question("what", "b", time_limit=600, media=key) for key in keys],
    }


def served(doors: Doors, key: str) -> urllib3.BaseHTTPResponse:
    """What a player's browser gets for a key."""
    return doors.http.raw(f"{doors.output('MediaUrl')}/{key}")


async def test_a_picture_reaches_players_and_nothing_in_it_runs(doors: Doors) -> None:
    """Byte for byte, under the type that was found, and with what keeps browsers from guessing."""
    data = picture()
    key = await asyncio.to_thread(upload, doors, data)
    async with await doors.room(quiz_of(key)) as room:
        player = await room.player("ann")
        await room.command("start")
        url = (await player.line.wait("new_question"))["question"]["media_url"]
        answer = await asyncio.to_thread(doors.http.raw, url)
        snapshot = await player.line.join_quiz()
        assert snapshot["question"]["media_url"] == url
    assert (answer.status, answer.data) == (200, data)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert {"default-src 'none'", "sandbox"} <= set(
        answer.headers["content-security-policy"].split("; ")
    )


def test_media_have_an_origin_of_their_own(doors: Doors) -> None:
    """Not that of either API: a file could do nothing in their name."""
    media, *apis = (
        urlsplit(doors.output(name)).netloc
        for name in ("MediaUrl", "HttpApiUrl", "WebSocketApiUrl")
    )
    assert media not in apis


@pytest.mark.parametrize(
    ("data", "content_type", "reason"),
    [
        (samples.SVG, "image/png", "markup"),
        (samples.HTML, "image/gif", "markup"),
        (samples.gif(), "image/png", "its content is image/gif, not image/png"),
        (b"MZ" + bytes(200), "video/mp4", "none of these"),
        (samples.png(50_000, 50_000), "image/png", "50000 × 50000 pixels"),
        (samples.png()[:20], "image/png", "none of these"),
    ],
)
def test_what_is_not_what_it_says_is_never_served(
    doors: Doors, data: bytes, content_type: str, reason: str
) -> None:
    """Markup, renamed, programs, absurd dimensions, broken: told by line, and kept from view."""
    key = upload(doors, data, content_type)
    with pytest.raises(Refused, match="invalid_quiz") as caught:
        doors.admin("quiz.create", document=quiz_of(key))
    assert reason in str(caught.value)
    assert served(doors, key).status == 403
    assert served(doors, key.replace("media/", "uploads/")).status == 403


def test_an_empty_file_cannot_even_be_uploaded(doors: Doors) -> None:
    """A form has a size, and none is for nothing."""
    with pytest.raises(Refused, match="bad_request"):
        doors.admin("media.upload", content_type="image/png", size=0, sha256="0" * 64)
    form = ask(doors, b"x")
    fields = {**form["fields"], "file": ("x.png", b"", "image/png")}
    assert doors.http.raw(form["url"], "POST", fields).status >= 400


@pytest.mark.parametrize("content_type", ["image/svg+xml", "text/html", "application/pdf", ""])
def test_types_that_can_run_have_no_form(doors: Doors, content_type: str) -> None:
    """Not even one to upload by."""
    with pytest.raises(Refused, match="bad_request"):
        doors.admin("media.upload", content_type=content_type, size=10, sha256="0" * 64)


def test_a_form_is_for_one_key_type_and_size(doors: Doors) -> None:
    """The signed policy says so, and the bucket keeps to it."""
    form = ask(doors, b"12345")
    conditions = json.loads(base64.b64decode(form["fields"]["policy"]))["conditions"]
    assert ["content-length-range", 5, 5] in conditions
    assert {"Content-Type": "image/png"} in conditions
    assert {"key": form["fields"]["key"]} in conditions
    other = {
        "key": "media/abcdefghij0123456789.png",  # straight to where files are served from
        "Content-Type": "text/html",
    }
    for name, value in other.items():
        fields: Mapping[str, Any] = {
            **form["fields"],
            name: value,
            "file": ("x.png", b"12345", "image/png"),
        }
        assert doors.http.raw(form["url"], "POST", fields).status >= 400, name
    assert served(doors, other["key"]).status == 403


def test_a_polyglot_stays_a_picture(doors: Doors) -> None:
    """A GIF with a script behind it is served as a GIF that must not be taken for more."""
    key = upload(doors, samples.POLYGLOT, "image/gif")
    doors.admin("quiz.create", document=quiz_of(key))
    answer = served(doors, key)
    assert answer.headers["content-type"] == "image/gif"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_second_upload_changes_nothing_that_is_served(doors: Doors) -> None:
    """The form lives for minutes; what was checked is out of its reach."""
    good = picture()
    form = ask(doors, good)

    def send(data: bytes) -> int:
        fields = {**form["fields"], "file": ("x.png", data, "image/png")}
        return doors.http.raw(form["url"], "POST", fields).status

    assert send(good) in (200, 201, 204)
    doors.admin("quiz.create", document=quiz_of(form["key"]))
    evil = samples.HTML.ljust(len(good))
    assert send(evil) in (200, 201, 204)
    doors.admin("quiz.create", document=quiz_of(form["key"]))
    assert doors.admin("media.keep", key=form["key"])["stored"]
    assert served(doors, form["key"]).data == good


def test_a_key_stands_for_one_content(doors: Doors) -> None:
    """Another picture of the same type and size under it is neither kept nor served."""
    mine, other = picture(), picture()
    form = ask(doors, mine)
    fields = {**form["fields"], "file": ("x.png", other, "image/png")}
    assert doors.http.raw(form["url"], "POST", fields).status in (200, 201, 204)
    with pytest.raises(Refused, match="invalid_media"):
        doors.admin("media.keep", key=form["key"])
    with pytest.raises(Refused, match="invalid_quiz"):
        doors.admin("quiz.create", document=quiz_of(form["key"]))
    assert served(doors, form["key"]).status == 403


def test_a_file_goes_when_no_quiz_names_it(doors: Doors) -> None:
    """Stored once, listed with its quiz, kept as long as that is there, served no longer after."""
    data = picture()
    key = upload(doors, data)
    doors.admin("media.keep", key=key, name="p.png")
    assert ask(doors, data) == {"key": key, "stored": True}
    made = doors.admin("quiz.create", document=quiz_of(key, key))["quiz_id"]
    [shown] = [item for item in all_media(doors) if item["key"] == key]
    assert (shown["used_by"], shown["size"], shown["name"]) == ([made], len(data), "p.png")
    with pytest.raises(Refused, match=f"media_in_use.*{made}"):
        doors.admin("media.delete", key=key)
    assert served(doors, key).data == data
    doors.admin("quiz.delete", quiz_id=made)
    doors.admin("media.delete", key=key)
    assert served(doors, key).status == 403
    assert key not in {item["key"] for item in all_media(doors)}
    with pytest.raises(Refused, match="media_not_found"):
        doors.admin("media.delete", key=key)
    assert upload(doors, data) == key
    doors.admin("quiz.create", document=quiz_of(key))
    assert served(doors, key).data == data


def all_media(doors: Doors) -> list[dict[str, Any]]:
    """Every line of the list, in pages."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = doors.admin("media.list", cursor=cursor)
        found += page["media"]
        cursor = page["cursor"]
        if cursor is None:
            return found


@pytest.mark.parametrize(
    "name",
    [
        "pictures/map.png",
        "http://example.org/map.png",
        "media/abcdefghij0123456789.png",
        "uploads/abcdefghij0123456789.png",
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.test/x.png",
    ],
)
def test_other_names_for_media_are_refused(doors: Doors, name: str) -> None:
    """File names, plain HTTP, scripts, and keys under which there is nothing."""
    with pytest.raises(Refused, match="invalid_quiz"):
        doors.admin("quiz.create", document=quiz_of(name))
