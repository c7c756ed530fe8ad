"""quizkit.core.media: what a file's first bytes tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.core import media
from tests import media_samples as samples


def test_every_type_is_known_by_its_content() -> None:
    """A small file of each type, and only as that type."""
    assert samples.GOOD.keys() == media.EXTENSIONS.keys()
    for content_type, data in samples.GOOD.items():
        for claimed in media.EXTENSIONS:
            reason = media.refusal(data, len(data), claimed)
            if claimed == content_type:
                assert reason is None
            else:
                assert reason == f"its content is {content_type}, not {claimed}"


@pytest.mark.parametrize(
    "data",
    [
        samples.png(640, 480),
        samples.gif(640, 480),
        samples.jpeg(640, 480),
        samples.jpeg(640, 480, marker=0xC2),
        # Padding, a bare marker and the tables that other encoders put first.
        samples.jpeg(640, 480, before=b"\xff\xff\xff\xd0\xff\xc4\x00\x04\x00\x00"),
        samples.jpeg(640, 480, before=b"\xff\xe1\xff\xff" + b"x" * 65_533),
        samples.webp_lossy(640, 480),
        samples.webp_lossless(640, 480),
        samples.webp_extended(640, 480),
    ],
)
def test_dimensions_of_pictures_are_read(data: bytes) -> None:
    """Width before height, in each format and variant."""
    found = media.inspect(data)
    assert found is not None
    assert found.dimensions == (640, 480)


@pytest.mark.parametrize(
    ("data", "claimed"),
    [
        (samples.png(50_000, 50_000), "image/png"),
        (samples.png(media.MAX_SIDE + 1, 1), "image/png"),
        (samples.png(1, media.MAX_SIDE + 1), "image/png"),
        (samples.png(8_000, 7_000), "image/png"),
        (samples.png(0, 1), "image/png"),
        (samples.png(1, 0), "image/png"),
        (samples.gif(50_000, 50_000), "image/gif"),
        (samples.jpeg(50_000, 50_000), "image/jpeg"),
        (samples.webp_extended(50_000, 50_000), "image/webp"),
        (samples.webp_lossless(16_000, 16_000), "image/webp"),
    ],
)
def test_absurd_dimensions_are_refused(data: bytes, claimed: str) -> None:
    """However few bytes say so; also nothing at all on one side."""
    assert "pixels" in str(media.refusal(data, len(data), claimed))


def test_the_largest_picture_is_taken() -> None:
    """Both bounds are inclusive."""
    for width, height in ((media.MAX_SIDE, 2_500), (2_500, media.MAX_SIDE)):
        data = samples.png(width, height)
        assert width * height == media.MAX_PIXELS
        assert media.refusal(data, len(data), "image/png") is None


@pytest.mark.parametrize("size", [-1, 0, media.MAX_BYTES + 1])
def test_empty_and_large_files_are_refused(size: int) -> None:
    """Whatever they hold."""
    assert f"{size} bytes" in str(media.refusal(samples.png(), size, "image/png"))


@pytest.mark.parametrize("size", [1, media.MAX_BYTES])
def test_the_bounds_of_size_are_inclusive(size: int) -> None:
    """One byte is too few for any type, so another reason is given."""
    reason = media.refusal(samples.png(), size, "image/png")
    assert reason is None


@pytest.mark.parametrize("claimed", media.EXTENSIONS)
@pytest.mark.parametrize(
    "data",
    [samples.SVG, samples.HTML, b"  \r\n<html>", b"\xef\xbb\xbf<?xml version='1.0'?>"],
)
def test_markup_is_refused_under_any_name(data: bytes, claimed: str) -> None:
    """SVG and HTML can hold scripts."""
    assert "markup" in str(media.refusal(data, len(data), claimed))


@pytest.mark.parametrize(
    "data",
    [
        b"\x00",
        b"MZ\x90\x00",
        b"%PDF-1.7",
        b"PK\x03\x04",
        samples.png()[:23],
        b"\x89PNG\r\n\x1a\n" + b"a picture, it says",
        samples.gif()[:9],
        b"GIF88a" + b"\x01" * 10,
        b"\xff\xd8\xff",
        samples.jpeg()[:24],
        samples.jpeg(before=b"\x00\x00"),
        b"\xff\xd8" + samples.jpeg()[-12:] + b"\x00" * 20,
        samples.webp_lossy()[:29],
        samples.webp(b"ALPH", b"\x00" * 20),
        samples.webp(b"VP8 ", b"\x00" * 20),
        samples.webp(b"VP8L", b"\x00" * 20),
        b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\x00" * 20,
        b"ID3\x01\x00\x00\x00",
        b"\xff\xfe<\x00h\x00t\x00m\x00l\x00",  # markup in UTF-16
        b"\xff\xfb",
        b"\xff\xea\x90\x64",  # no such version of MPEG
        b"\xff\xfb\x00\x64",  # no fixed bit rate
        b"\xff\xfb\xf0\x64",  # no such bit rate
        b"\xff\xfb\x9c\x64",  # no such sample rate
        samples.ogg(b"\x80theora"),
        samples.ogg()[:27],
        samples.mp4(b"heic"),
        samples.mp4(b"qt  "),
        samples.webm(b"matr"),
        b"\x1a\x45\xdf\xa3" + b"\x00" * 200,
    ],
)
def test_other_and_broken_files_are_refused(data: bytes) -> None:
    """Also headers that are cut, or of a relative that browsers do not show."""
    assert media.inspect(data) is None
    assert "none of these" in str(media.refusal(data, len(data), "image/png"))


def test_variants_of_sound_and_video() -> None:
    """Untagged MP3, the codecs of Ogg, brands of MP4, and a padded header of WebM."""
    assert media.inspect(samples.MP3_BARE) == media.Found("audio/mpeg")
    for codec in (b"\x01vorbis", b"\x7fFLAC", b"Speex   "):
        assert media.inspect(samples.ogg(codec)) == media.Found("audio/ogg")
    for brand in (b"mp42", b"iso6", b"avc1", b"M4V "):
        assert media.inspect(samples.mp4(brand)) == media.Found("video/mp4")
    padded = samples.webm().replace(b"\x42\x82\x84", b"\x42\x82\x01\x00\x00\x00\x00\x00\x00\x04")
    assert media.inspect(padded) == media.Found("video/webm")


def test_a_polyglot_counts_as_what_it_begins_as() -> None:
    """It is served as a picture, and `nosniff` keeps it one; nothing else is claimed for it."""
    assert media.refusal(samples.POLYGLOT, 100, "image/gif") is None
    for claimed in set(media.EXTENSIONS) - {"image/gif"}:
        assert media.refusal(samples.POLYGLOT, 100, claimed) is not None


@given(st.binary(max_size=200), st.sampled_from(sorted(samples.GOOD)))
def test_no_bytes_break_the_check(tail: bytes, content_type: str) -> None:
    """Any bytes, also behind a good beginning, give an answer."""
    good = samples.GOOD[content_type]
    for data in (tail, good + tail, good[: len(tail)] + tail):
        media.refusal(data, len(data), content_type)


def test_keys_of_uploaded_objects() -> None:
    """A random name and the extension of a type that is taken; nothing to climb with."""
    assert media.is_key("media/abcdefghij0123456789.png")
    assert media.is_key("media/abcdefghij0123456789.webm")
    for bad in (
        "abcdefghij0123456789.png",
        "media/short.png",
        "media/ABCDEFGHIJ0123456789.png",
        "media/../abcdefghij0123456789.png",
        "media/abcdefghij0123456789.svg",
        "media/abcdefghij0123456789.html",
        "media/abcdefghij0123456789.png\n",
        "uploads/abcdefghij0123456789.png",
        "https://example.org/abcdefghij0123456789.png",
        "",
    ):
        assert not media.is_key(bad), bad


def test_keys_are_named_for_their_content() -> None:
    """The same content has one key, which tells the content back."""
    key = media.key_of("0" * 64, "image/jpeg")
    assert key == f"media/{'0' * 64}.jpg"
    assert media.is_key(key)
    assert media.digest_of(key) == "0" * 64
    for other in ("media/abcdefghij0123456789.png", f"media/{'g' * 64}.png", key + "\n", "", "x"):
        assert media.digest_of(other) is None, other
    assert media.is_digest("0" * 64)
    for bad in ("", "A" * 64, "0" * 63, "0" * 65, "0" * 64 + "\n"):
        assert not media.is_digest(bad)
