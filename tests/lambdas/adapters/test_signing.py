"""quizkit.lambdas.adapters.signing: the same signatures as botocore's signer."""

from __future__ import annotations

import calendar
import time
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from quizkit.lambdas.adapters.signing import Credentials, Signer, credentials_in

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
PATHS = st.lists(st.text("abc-._~%40@ +=é", min_size=1, max_size=8), max_size=3).map(
    lambda parts: "/" + "/".join(part for part in parts if part not in (".", ".."))
)


def theirs(request: AWSRequest, service: str, token: str | None) -> dict[str, str]:
    """The headers of botocore's signer, names in lower case."""
    SigV4Auth(BotocoreCredentials(KEY, SECRET, token), service, "eu-west-1").add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


@given(
    method=st.sampled_from(["GET", "POST", "DELETE"]),
    path=PATHS,
    body=st.binary(max_size=40),
    token=st.none() | st.just("session-token=="),
    value=st.text("abc  ,;", max_size=12),
)
def test_headers_are_signed_as_botocore_does(
    method: str, path: str, body: bytes, token: str | None, value: str
) -> None:
    """Whatever is sent: path, body, headers and the token of a role."""
    headers = {"X-Amz-Target": f"a{value}b"}
    url = f"https://api.example:8443{path}"
    expected = theirs(AWSRequest(method, url, headers, body), "execute-api", token)
    made_at = calendar.timegm(time.strptime(expected["x-amz-date"], "%Y%m%dT%H%M%SZ"))
    signer = Signer(Credentials(KEY, SECRET, token), "execute-api", "eu-west-1", lambda: made_at)
    sent = {**headers, "Content-Type": "not/signed"}
    found = signer.headers(method, "api.example:8443", urlsplit(url).path, sent, body)
    assert found.pop("content-type") == "not/signed"
    assert found == expected


@pytest.mark.parametrize("token", [None, "a/token=="])
def test_urls_are_signed_as_botocore_does(token: str | None) -> None:
    """The query carries the signature; nothing else has to be sent along."""
    query = {"User": "quiz user", "Action": "connect"}
    request = AWSRequest("GET", "http://cluster/?Action=connect&User=quiz%20user")
    credentials = BotocoreCredentials(KEY, SECRET, token)
    SigV4QueryAuth(credentials, "elasticache", "eu-west-1", expires=900).add_auth(request)
    expected = dict(parse_qsl(urlsplit(str(request.url)).query))
    made_at = calendar.timegm(time.strptime(expected["X-Amz-Date"], "%Y%m%dT%H%M%SZ"))
    signer = Signer(Credentials(KEY, SECRET, token), "elasticache", "eu-west-1", lambda: made_at)
    url = signer.url("cluster", "/", query, 900)
    assert url.startswith("cluster/?")
    assert dict(parse_qsl(urlsplit(f"http://{url}").query)) == expected


def test_a_signature_holds_for_its_day() -> None:
    """The key kept from yesterday is not used today."""
    now = [1_700_000_000.0]
    signer = Signer(Credentials(KEY, SECRET), "dynamodb", "eu-west-1", lambda: now[0])
    first = signer.headers("POST", "h", "/", {}, b"x")
    now[0] += 24 * 3_600
    second = signer.headers("POST", "h", "/", {}, b"x")
    fresh = Signer(Credentials(KEY, SECRET), "dynamodb", "eu-west-1", lambda: now[0])
    assert second == fresh.headers("POST", "h", "/", {}, b"x")
    assert second["authorization"] != first["authorization"]


def test_credentials_of_the_environment() -> None:
    """As Lambda sets them; an empty token is none, and secrets are not shown."""
    environ = {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_SESSION_TOKEN": "",
    }
    found = credentials_in(environ)
    assert found == Credentials(KEY, SECRET, None)
    assert credentials_in({**environ, "AWS_SESSION_TOKEN": "t"}).token == "t"
    assert SECRET not in repr(found)
    with pytest.raises(KeyError, match="AWS_ACCESS_KEY_ID"):
        credentials_in({})
