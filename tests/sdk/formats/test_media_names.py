"""What a question may name as its media."""

from __future__ import annotations

import pytest

from quizkit.sdk.errors import InvalidInput
from quizkit.sdk.formats import load
from quizkit.sdk.formats.media_names import refusal


@pytest.mark.parametrize(
    "media",
    [
        "x.png",
        "images/x y.png",
        "a..b/x.png",
        "media/abcdefghijklmnop.png",
        "https://example.org/x.png",
        "https://EXAMPLE.org:8080/x?y=1.2",
        "https://1.1.1.1/x.png",
        "https://[2606:4700::1111]/x.png",
        "https://münchen.example/x.png",
        "https://10.example.org/x",
        "https://1234.example/x",
    ],
)
def test_what_may_be_used(media: str) -> None:
    """Files beside the quiz, stored objects, and public addresses."""
    assert refusal(media) is None


@pytest.mark.parametrize(
    ("media", "reason"),
    [
        ("../x.png", "outside"),
        ("a/../../x.png", "outside"),
        ("..\\x.png", "outside"),
        ("/etc/passwd", "outside"),
        ("\\\\server\\share\\x.png", "outside"),
        ("C:\\x.png", "outside"),
        ("c:x.png", "outside"),
        ("//example.org/x.png", "outside"),
        ("file:///etc/passwd", "scheme 'file'"),
        ("javascript:alert(1)", "scheme 'javascript'"),
        ("data:image/png;base64,AA", "scheme 'data'"),
        ("ftp://example.org/x", "scheme 'ftp'"),
        ("http" + "://example.org/x", "begins with https://"),
        ("HTTPS://example.org/x", "in lower case"),
        ("https:///x", "not a URL"),
        ("https://[::1", "not a URL"),
        ("https://me:secret@example.org/x", "user name or password"),
        ("https://169.254.169.254/latest/meta-data", "not public"),
        ("https://127.0.0.1/x", "not public"),
        ("https://127.1/x", "not public"),
        ("https://2130706433/x", "not public"),
        ("https://0x7f.0.0.1/x", "not public"),
        ("https://0177.0.0.1/x", "not public"),
        ("https://10.1.2.3/x", "not public"),
        ("https://192.168.0.1./x", "not public"),
        ("https://172.16.0.1/x", "not public"),
        ("https://100.64.0.1/x", "not public"),
        ("https://0.0.0.0/x", "not public"),
        ("https://224.0.0.1/x", "not public"),
        ("https://[::1]/x", "not public"),
        ("https://[fe80::1%25eth0]/x", "not public"),
        ("https://[fd00:ec2::254]/x", "not public"),
        ("https://[::ffff:169.254.169.254]/x", "not public"),
        ("https://localhost:8000/x", "not public"),
        ("https://router.local/x", "not public"),
        ("https://metadata.google.internal/x", "not public"),
        ("https://99999999999/x", "not public"),
    ],
)
def test_what_is_refused(media: str, reason: str) -> None:
    """Paths that lead out, schemes that run or read, and addresses of inner networks."""
    said = refusal(media)
    assert said is not None
    assert reason in said


def test_problems_stand_where_the_media_are() -> None:
    """All of them, beside the quiz's other problems."""
    content = (
        "title: T\nquestions:\n"
        "- {text: q, options: [x, y], media: ../a.png}\n"
        "- {text: q, options: [x, y], correct: a, media: 'https://10.0.0.1/'}\n"
    )
    with pytest.raises(InvalidInput) as caught:
        load(content.encode())
    assert [(p.line, p.column) for p in caught.value.problems] == [(3, 13), (3, 37), (4, 49)]
