"""The platform's HTTP doors: joining, returning, answering, the board, and hosts' operations.

`PlayerApi` is synchronous; the live client calls it in threads. Requests go through urllib3,
which is there with boto3. Requests that may be repeated (all but joining as somebody new) are
tried again after a lost answer or a 503. A first join that may already have been carried out
is not: the second one would find the nickname taken, by oneself. It is tried again only where
no connection came about or the gateway took nothing (429).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import quote, urlsplit

from quizkit.sdk.errors import (
    CredentialsError,
    NotFound,
    QuizkitError,
    Refused,
    Unreachable,
    refusal,
)

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager, Retry

    from quizkit.sdk.live_events import Answer

CONNECT_TIMEOUT: Final = 5.0
READ_TIMEOUT: Final = 15.0
#: The gateway gives an operation 30 seconds.
OPERATION_TIMEOUT: Final = 35.0
_HINT: Final = "check that the platform is up (quizkit status), then try again"

#: What a gateway's own refusals mean; they come without an error code of the platform.
_GATEWAY_CODES: Final[Mapping[int, str]] = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    413: "message_too_large",
}


@dataclass(frozen=True, slots=True)
class Seat:
    """A participant's place in a session, as joining gives it.

    Attributes:
        pin: the code it was joined with; needed to return.
        resume_token: proves later that one is this participant; keep it secret.
        ticket: opens one WebSocket, once, for a short while.
    """

    session_id: str
    participant_id: str
    nickname: str
    websocket_url: str
    pin: str
    resume_token: str = field(repr=False)
    ticket: str = field(repr=False)


class Bearer(Protocol):
    """Gives ID tokens of the user pool, such as `accounts.SignIn.bearer`."""

    def __call__(self, *, fresh: bool = False) -> str:
        """A token that is good for a while; with `fresh` one that is newly made."""


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine; proxies are not asked for it."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class PlayerApi:
    """What anybody may ask of a stage over HTTP, without AWS credentials.

    Args:
        url: the stack's output `HttpApiUrl`.
        bearer: gives the tokens of somebody who is signed in; guests have none.

    All methods raise `Unreachable` where the platform does not answer, and for its
    refusals the error that `quizkit.sdk.errors.refusal` gives.
    """

    def __init__(self, url: str, *, bearer: Bearer | None = None) -> None:
        self.url = url.rstrip("/")
        self._bearer = bearer
        self._pool = _pool(self.url)

    def join(self, pin: str, nickname: str) -> Seat:
        """Join the session with this PIN as a new participant."""
        return self._join(pin, {"nickname": nickname})

    def resume(self, pin: str, resume_token: str) -> Seat:
        """Return to a session with the name and score that one had."""
        return self._join(pin, {"resume_token": resume_token})

    def answer(self, resume_token: str, question_id: str, answer: Answer, ref: str) -> Any:
        """Answer without a socket; the acknowledgement is the socket's.

        Args:
            answer: as for `LiveSession.answer`.
        """
        body = {"question_id": question_id, "answer": answer, "ref": ref}
        return self._request("POST", "/answer", body, token=resume_token)

    def leaderboard(self, session_id: str, top: int | None = None) -> Any:
        """The board: `{"session_id", "as_of", "source", "total", "entries"}`."""
        query = "" if top is None else f"?top={top}"
        return self._request("GET", f"/leaderboard/{quote(session_id, safe='')}{query}")

    def operate(self, operation: str, arguments: Mapping[str, object], *, repeatable: bool) -> Any:
        """Do an operation as the host who is signed in.

        Args:
            repeatable: whether it may be sent again where its answer is lost.
        """
        path = f"/host/{quote(operation, safe='.')}"
        return self._as_member(
            path, arguments, repeatable=repeatable, read_timeout=OPERATION_TIMEOUT
        )

    def close(self) -> None:
        """Close the kept connections."""
        self._pool.clear()

    def _join(self, pin: str, body: Mapping[str, str]) -> Seat:
        given = {"pin": pin, **body}
        repeatable = "nickname" not in body
        if self._bearer is None:
            answer = self._as_guest(given, repeatable=repeatable)
        else:
            answer = self._as_member("/join/member", given, repeatable=repeatable)
        try:
            return Seat(
                session_id=answer["session_id"],
                participant_id=answer["participant_id"],
                nickname=answer["nickname"],
                websocket_url=answer["websocket_url"],
                pin=pin,
                resume_token=answer["resume_token"],
                ticket=answer["ticket"],
            )
        except (KeyError, TypeError) as exc:
            raise Refused(f"{self.url} does not answer as a quizkit platform does.") from exc

    def _as_guest(self, body: Mapping[str, str], *, repeatable: bool) -> Any:
        """A request without an account, at the door that stages without guests do not have."""
        try:
            return self._request("POST", "/join", body, repeatable=repeatable)
        except NotFound as exc:
            # Somebody who returns was let in once: there the platform is only just starting.
            if exc.code != NotFound.default_code or "nickname" not in body:
                raise
            raise NotFound(
                f"{self.url} has no door for guests: the stage takes players with an account only, "
                "or this is no quizkit platform.",
                hint="sign in with quizkit login, then play with --user; else check the URL",
                code="no_guests",
            ) from exc

    def _as_member(
        self,
        path: str,
        body: Mapping[str, object],
        *,
        repeatable: bool,
        read_timeout: float = READ_TIMEOUT,
    ) -> Any:
        """A request with an ID token; one that is refused is replaced once."""
        bearer = self._bearer
        if bearer is None:
            raise CredentialsError(
                "Nobody is signed in.", hint="run: quizkit login", code="not_signed_in"
            )

        def send(token: str) -> Any:
            return self._request(
                "POST", path, body, token=token, repeatable=repeatable, read_timeout=read_timeout
            )

        try:
            return send(bearer())
        except CredentialsError as exc:
            if exc.code != "unauthorized":
                raise
            # Refused by the gateway, so nothing was done: clocks differ, or keys were changed.
            return send(bearer(fresh=True))

    def _request(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        token: str | None = None,
        repeatable: bool = True,
        read_timeout: float = READ_TIMEOUT,
    ) -> Any:
        from urllib3 import Timeout
        from urllib3.exceptions import HTTPError

        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            response = self._pool.request(
                method,
                self.url + path,
                body=None if body is None else json.dumps(body).encode(),
                headers=headers,
                retries=_retries(repeatable),
                timeout=Timeout(connect=CONNECT_TIMEOUT, read=read_timeout),
            )
        except HTTPError as exc:
            raise Unreachable(f"{self.url} does not answer: {_reason(exc)}.", hint=_HINT) from exc
        return _answer(response)


def _reason(exc: Exception) -> str:
    """What went wrong, without the objects and the retries that urllib3 tells of."""
    said = str(getattr(exc, "reason", None) or exc)
    return said.rpartition("): ")[2]


def _retries(repeatable: bool) -> Retry:
    from urllib3 import Retry

    return Retry(
        total=2,
        read=1 if repeatable else 0,
        redirect=0,
        other=0,
        status_forcelist=(429, 503) if repeatable else (429,),
        allowed_methods=None,
        raise_on_status=False,
        backoff_factor=0.3,
        backoff_jitter=0.3,
        respect_retry_after_header=False,
    )


def _answer(response: BaseHTTPResponse) -> Any:
    """The JSON of a response, or the error that it stands for."""
    try:
        body = json.loads(response.data)
    except ValueError:
        body = None
    if response.status < 400 and isinstance(body, dict):
        return body
    raise _error(response.status, body)


def _error(status: int, body: object) -> QuizkitError:
    fields = body if isinstance(body, dict) else {}
    error = fields.get("error")
    if isinstance(error, dict) and status < 500:
        return refusal(error)
    # The gateway's own refusals have a message and no code.
    said = (error if isinstance(error, dict) else fields).get("message") or "no reason given"
    message = f"The platform answered with HTTP status {status}: {said}."
    if status >= 500 or status == 429:
        return Unreachable(message, hint=_HINT, code="unavailable")
    if status == 404:
        return NotFound(message, hint="check the URL of the HTTP API")
    return refusal({"code": _GATEWAY_CODES.get(status, Refused.default_code), "message": message})


def _pool(url: str) -> PoolManager:
    """A connection pool, through the proxy that the environment names for this host."""
    from urllib.request import getproxies, proxy_bypass

    from urllib3 import PoolManager, ProxyManager

    parts = urlsplit(url)
    if not is_loopback(url) and not proxy_bypass(parts.hostname or ""):
        proxy = getproxies().get(parts.scheme)
        if proxy:
            return ProxyManager(proxy, maxsize=32)
    return PoolManager(maxsize=32)
