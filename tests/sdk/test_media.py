"""Media of a quiz file: found, checked, uploaded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from quizkit.core.media import MAX_BYTES
from quizkit.sdk.documents import UploadForm
from quizkit.sdk.errors import InvalidInput, NotFound, Refused, Unreachable
from quizkit.sdk.formats import LoadedQuiz, load
from quizkit.sdk.media import (
    MediaFile,
    check_file,
    check_files,
    collect,
    find_media,
    upload,
    with_keys,
)
from tests import media_samples as samples
from tests.sdk.fake_aws import FakeAws, fake_aws


@pytest.fixture
def aws() -> Iterator[FakeAws]:
    """A running endpoint with a bucket."""
    with fake_aws() as running:
        yield running


def quiz(media: str) -> LoadedQuiz:
    """A quiz whose one question has this medium."""
    content = f"title: T\nquestions:\n- text: q\n  options: [x, y]\n  correct: a\n  media: {media}"
    return load(content.encode(), "t.yaml")


@pytest.mark.parametrize("media", ["https://example.org/x.png", f"media/{'a' * 20}.png"])
def test_what_needs_no_upload(media: str) -> None:
    """URLs and keys of objects uploaded before stay as they are."""
    assert find_media(quiz(media), None) == {}


def test_a_file_beside_the_quiz(tmp_path: Path) -> None:
    """A relative path is a file in the quiz file's folder, whatever the case of its ending."""
    (tmp_path / "x.JPG").write_bytes(samples.jpeg())
    found = find_media(quiz("x.JPG"), tmp_path)
    digest = sha256(samples.jpeg()).hexdigest()
    assert found == {0: MediaFile(tmp_path / "x.JPG", "image/jpeg", len(samples.jpeg()), digest)}
    assert found[0].key == f"media/{digest}.jpg"


@pytest.mark.parametrize(
    ("media", "reason"),
    [
        ("missing.png", "no media file"),
        ("empty.png", "0 bytes"),
        ("big.png", "bytes"),
        ("program.exe", "must be one of"),
        ("picture.svg", "must be one of"),
        ("folder.png", "no media file"),
        ("renamed.png", "its content is image/gif, not image/png"),
        ("script.png", "markup"),
        ("giant.png", "50000 × 50000 pixels"),
        ("http://example.org/x.png", "begins with https://"),
        ("HTTPS://example.org/x.png", "begins with https://"),
        ("../outside.png", "outside"),
        ("/etc/outside.png", "outside"),
        ("..\\\\outside.png", "outside"),
    ],
)
def test_what_is_not_taken(tmp_path: Path, media: str, reason: str) -> None:
    """Missing, empty, too big, of other types or content, and files outside of the folder."""
    folder = tmp_path / "quiz"
    (folder / "folder.png").mkdir(parents=True)
    (tmp_path / "outside.png").write_bytes(b"secret")
    (folder / "empty.png").touch()
    (folder / "program.exe").write_bytes(b"x")
    (folder / "renamed.png").write_bytes(samples.gif())
    (folder / "script.png").write_bytes(samples.SVG)
    (folder / "giant.png").write_bytes(samples.png(50_000, 50_000))
    with (folder / "big.png").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(InvalidInput, match=reason) as caught:
        find_media(quiz(f'"{media}"'), folder)
    assert (caught.value.problems[0].line, caught.value.problems[0].column) == (6, 10)


def test_a_link_out_of_the_folder(tmp_path: Path) -> None:
    """A symbolic link does not lead out either."""
    folder = tmp_path / "quiz"
    folder.mkdir()
    (tmp_path / "outside.png").write_bytes(b"secret")
    (folder / "inside.png").symlink_to(tmp_path / "outside.png")
    with pytest.raises(InvalidInput, match="outside"):
        find_media(quiz("inside.png"), folder)


def test_no_folder() -> None:
    """A quiz without a file has no paths."""
    with pytest.raises(InvalidInput, match="beside"):
        find_media(quiz("x.png"), None)


def form(aws: FakeAws, url: str | None = None) -> UploadForm:
    """A presigned form."""
    fields = {"key": "media/k.png", "Content-Type": "image/png"}
    url = url or f"{aws.url}/bucket"
    return UploadForm(key="media/k.png", stored=False, url=url, fields=fields)


def test_upload(aws: FakeAws, tmp_path: Path) -> None:
    """The file arrives with its type; refusals and silence are errors of ours."""
    path = tmp_path / "x.png"
    content = samples.png(body=bytes(range(256)))
    path.write_bytes(content)
    file = check_file(path)
    sent: list[int] = []
    upload(form(aws), file, sent.append)
    assert aws.uploads == {"media/k.png": ("image/png", content)}
    assert sum(sent) > len(content)
    aws.bucket_refuses = "Policy expired"
    with pytest.raises(Refused, match="Policy expired"):
        upload(form(aws), file)
    with pytest.raises(Unreachable):
        upload(form(aws, "http://127.0.0.1:9/bucket"), file)


def test_a_name_that_is_no_text(aws: FakeAws, tmp_path: Path) -> None:
    """Old disks have such names; the file is sent all the same."""
    path = tmp_path / os.fsdecode(b'caf\xe9 "1"\n.png')
    path.write_bytes(samples.png())
    file = check_file(path)
    assert file.name == 'caf? "1"\n.png'
    upload(form(aws), file)
    assert aws.uploads["media/k.png"] == ("image/png", samples.png())


def test_a_document_with_keys(tmp_path: Path) -> None:
    """Paths become keys; the document that came in stays as it is."""
    (tmp_path / "x.png").write_bytes(samples.png())
    loaded = quiz("x.png")
    files = find_media(loaded, tmp_path)
    made = with_keys(loaded.document, files)
    assert made["questions"][0]["media"] == files[0].key
    assert loaded.document["questions"][0]["media"] == "x.png"
    assert {**made, "questions": []} == {**loaded.document, "questions": []}


def test_collecting(tmp_path: Path) -> None:
    """Files as they are named, folders with all media below them; nothing twice, nothing hidden."""
    for name in ("b/x.png", "b/c/y.MP3", "b/.z.png", "b/.git/z.png", "b/notes.txt", "a.exe"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "outside.png").touch()
    (tmp_path / "b" / "link.png").symlink_to(tmp_path / "outside.png")
    found = collect([tmp_path / "a.exe", tmp_path / "b" / "x.png", tmp_path / "b"])
    assert found == [tmp_path / name for name in ("a.exe", "b/x.png", "b/c/y.MP3")]
    (tmp_path / "empty").mkdir()
    for name, reason in (("empty", "no media in"), ("none.png", "no file")):
        with pytest.raises(NotFound, match=reason):
            collect([tmp_path / name])


def test_every_file_is_looked_at_before_one_is_sent(tmp_path: Path) -> None:
    """What is wrong with each is told at once."""
    names = {"good.png": samples.png(), "bad.png": samples.gif(), "worse.gif": samples.SVG}
    for name, content in names.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInput, match="2 files cannot be used, so nothing was sent") as caught:
        check_files(tmp_path / name for name in names)
    assert [str(problem)[:8] for problem in caught.value.problems] == ["bad.png ", "worse.gi"]
    assert [file.path.name for file in check_files([tmp_path / "good.png"])] == ["good.png"]
