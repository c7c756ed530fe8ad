"""Media on this machine: requests for a distribution, by path instead of by host name.

MiniStack serves a distribution to whoever asks for its host name, which leads nowhere from
here. So the handler host takes `/cdn/{host name}/{path}` and asks in that name. What comes
back, with its headers, is the distribution's answer; media have another origin than the APIs
here too.
"""

from __future__ import annotations

import http.client
import json
import re
from typing import Final
from urllib.parse import urlsplit

from quizkit.local.hosting.functions import Reply

PREFIX: Final = "/cdn/"
_TARGET: Final = re.compile(rf"{PREFIX}(?P<host>[a-z0-9]+\.cloudfront\.net)(?P<path>/[^?#]*)")
_TIMEOUT_S: Final = 30.0
_FORWARDED: Final = ("range", "if-none-match")
_KEPT: Final = frozenset(
    {
        "accept-ranges",
        "cache-control",
        "content-range",
        "content-security-policy",
        "content-type",
        "etag",
        "referrer-policy",
        "strict-transport-security",
        "x-content-type-options",
        "x-frame-options",
    }
)


def fetch(gateway_url: str, target: str, headers: dict[str, str]) -> Reply:
    """Ask a distribution of MiniStack's for an object.

    Args:
        gateway_url: MiniStack's endpoint.
        target: path of the request, with PREFIX.
        headers: of the request, names in lower case.
    """
    match = _TARGET.fullmatch(target.partition("?")[0])
    if match is None:
        return _failure(404, "Not Found")
    address = urlsplit(gateway_url)
    connection = http.client.HTTPConnection(
        address.hostname or "", address.port, timeout=_TIMEOUT_S
    )
    asked = {name: headers[name] for name in _FORWARDED if name in headers}
    try:
        # The distribution takes https only, as on AWS; what is between here and there is ours.
        connection.request(
            "GET",
            match["path"],
            headers={"Host": match["host"], "X-Forwarded-Proto": "https"} | asked,
        )
        answer = connection.getresponse()
        body = answer.read()
    except OSError as exc:
        return _failure(502, f"MiniStack does not answer: {exc}")
    finally:
        connection.close()
    kept = {name: value for name, value in answer.getheaders() if name.lower() in _KEPT}
    return Reply(answer.status, body, kept)


def _failure(status: int, message: str) -> Reply:
    return Reply(status, json.dumps({"message": message}).encode())
