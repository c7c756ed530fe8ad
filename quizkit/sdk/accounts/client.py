"""Accounts in a stage's user pool: signing up, in and out, and finding back in.

Requests are unsigned: nobody needs AWS credentials for an account of their own. Passwords go
out when an account is made or its password is replaced, over TLS; signing in only proves
that one knows it (`srp`).

Nobody learns here whether an account exists. Cognito hides it where it can, but says so in
some answers: a name that is taken, an account that waits for its code, a code for an
account that needs none. Those answers are met with the same result or error as their
opposite. What a password must look like is checked before anything is sent, since Cognito
says so for accounts that exist only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from quizkit.sdk.accounts.srp import Srp, UnsafeChallenge
from quizkit.sdk.accounts.tokens import Tokens
from quizkit.sdk.errors import CredentialsError, Misuse, NotFound, QuizkitError, Refused
from quizkit.sdk.target import blank_session

if TYPE_CHECKING:
    from types_boto3_cognito_idp import CognitoIdentityProviderClient

    from quizkit.sdk.accounts.stages import Stage

_CONNECT_TIMEOUT: Final = 5.0
_READ_TIMEOUT: Final = 20.0
_ATTEMPTS: Final = 3

_USERNAME: Final = re.compile(r"[^\s@]{1,128}")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PASSWORD: Final = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])\S(.{6,254})\S", re.DOTALL)

_EXISTS: Final = frozenset({"UsernameExistsException"})
#: Answers about an account that tell whether it is there, and in which state.
_TELLING: Final = frozenset(
    {
        "AliasExistsException",
        "CodeMismatchException",
        "ExpiredCodeException",
        "InvalidParameterException",
        "NotAuthorizedException",
        "PasswordResetRequiredException",
        "UserNotConfirmedException",
        "UserNotFoundException",
    }
)
_TOO_MANY: Final = frozenset(
    {"LimitExceededException", "TooManyFailedAttemptsException", "TooManyRequestsException"}
)


def check_new_account(username: str, email: str) -> None:
    """Refuse names and addresses that no account can have.

    Raises:
        Misuse: with what is wrong.
    """
    if not _USERNAME.fullmatch(username):
        raise Misuse(
            f"“{username}” cannot be a username.",
            hint="take up to 128 characters without spaces and without @",
        )
    if not _EMAIL.fullmatch(email):
        raise Misuse(f"“{email}” is no e-mail address.", hint="write it as ada@example.org")


def check_password(password: str) -> None:
    """Refuse a new password that the pool would refuse; it is not repeated.

    Raises:
        Misuse: `invalid_password`.
    """
    if not _PASSWORD.fullmatch(password):
        raise Misuse(
            "The password is too weak.",
            hint="take 8 characters or more, with a lower-case letter, an upper-case letter "
            "and a digit",
            code="invalid_password",
        )


def sign_in_failed() -> CredentialsError:
    """The one error for every way in which signing in fails."""
    return CredentialsError(
        "The name and the password do not match, or the account waits to be confirmed.",
        hint="confirm it with the code from your mail: quizkit signup NAME --confirm CODE; "
        "or take a new password: quizkit login NAME --forgot",
        code="sign_in_failed",
    )


def wrong_code() -> CredentialsError:
    """The one error for every way in which a code is of no use."""
    return CredentialsError(
        "The code is wrong, or has expired, or is not for this account.",
        hint="have another one sent; and since an address has one account only, sign in to "
        "the one that you may have already",
        code="wrong_code",
    )


def signed_out() -> CredentialsError:
    """The error where a sign-in has come to its end."""
    return CredentialsError(
        "Your sign-in has ended.", hint="run: quizkit login", code="not_signed_in"
    )


class Accounts:
    """The accounts of one stage.

    Every method raises `Unreachable` where Cognito does not answer, `NotFound` where the
    pool is gone, and `Refused` (`too_many_requests`) where it has been asked too often.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    # --- a new account -------------------------------------------------------------------

    def sign_up(self, username: str, email: str, password: str) -> None:
        """Make an account that waits for the code mailed to `email`.

        Where the name is taken nothing is made and nothing is mailed, and nothing tells.

        Raises:
            Misuse: the name, the address or the password cannot be one.
        """
        check_new_account(username, email)
        check_password(password)
        self._quietly(
            _EXISTS,
            "sign_up",
            ClientId=self.stage.client_id,
            Username=username,
            Password=password,
            UserAttributes=[{"Name": "email", "Value": email}],
        )

    def confirm(self, username: str, code: str) -> None:
        """Confirm the address with the code; the account can be used from now on.

        Raises:
            CredentialsError: `wrong_code`.
        """
        self._coded(
            "confirm_sign_up",
            ClientId=self.stage.client_id,
            Username=username,
            ConfirmationCode=code.strip(),
        )

    def resend(self, username: str) -> None:
        """Mail another code, where there is an account that waits for one."""
        self._quietly(
            _TELLING,
            "resend_confirmation_code",
            ClientId=self.stage.client_id,
            Username=username,
        )

    # --- a forgotten password ------------------------------------------------------------

    def forgot(self, username: str) -> None:
        """Mail a code for a new password, where there is such an account."""
        self._quietly(_TELLING, "forgot_password", ClientId=self.stage.client_id, Username=username)

    def reset(self, username: str, code: str, password: str) -> None:
        """Replace the password.

        Raises:
            Misuse: `invalid_password`.
            CredentialsError: `wrong_code`.
        """
        check_password(password)
        self._coded(
            "confirm_forgot_password",
            ClientId=self.stage.client_id,
            Username=username,
            ConfirmationCode=code.strip(),
            Password=password,
        )

    # --- signing in and out --------------------------------------------------------------

    def sign_in(
        self,
        username: str,
        password: str,
        *,
        new_password: Callable[[], str] | None = None,
    ) -> Tokens:
        """Sign in with a username or a confirmed e-mail address.

        Args:
            new_password: asked for one where an admin made the account with a password for
                its first use.

        Raises:
            CredentialsError: `sign_in_failed`; `new_password_required`.
        """
        srp = Srp(self.stage.pool_id)
        try:
            challenge = self._ask(
                "initiate_auth",
                ClientId=self.stage.client_id,
                AuthFlow="USER_SRP_AUTH",
                AuthParameters={"USERNAME": username, "SRP_A": srp.public},
            )
            if challenge.get("ChallengeName") != "PASSWORD_VERIFIER":
                raise _unknown(challenge)
            answer = self._respond(
                challenge, srp.answer(challenge.get("ChallengeParameters", {}), password)
            )
        except _Answer as exc:
            raise self._error(exc, _TELLING, sign_in_failed) from None
        except UnsafeChallenge as exc:
            raise Refused(f"The user pool does not answer as one does: {exc}.") from exc
        if answer.get("ChallengeName") == "NEW_PASSWORD_REQUIRED":
            answer = self._renew(answer, challenge, new_password)
        return self._tokens(answer)

    def refresh(self, tokens: Tokens) -> Tokens:
        """New tokens for the same sign-in.

        Raises:
            CredentialsError: `not_signed_in`: it has ended, by time or by signing out.
        """
        try:
            answer = self._ask(
                "initiate_auth",
                ClientId=self.stage.client_id,
                AuthFlow="REFRESH_TOKEN_AUTH",
                AuthParameters={"REFRESH_TOKEN": tokens.refresh_token},
            )
        except _Answer as exc:
            raise self._error(exc, _TELLING, signed_out) from None
        return self._tokens(answer, tokens.refresh_token)

    def sign_out(self, tokens: Tokens, *, everywhere: bool = False) -> None:
        """End this sign-in, or with `everywhere` all sign-ins of the account.

        Nothing can be refreshed afterwards; an ID token that is out lasts up to an hour. A
        sign-in that has ended already is fine.
        """
        if everywhere:
            self._quietly(_TELLING, "global_sign_out", AccessToken=tokens.access_token)
        self._quietly(
            _TELLING,
            "revoke_token",
            ClientId=self.stage.client_id,
            Token=tokens.refresh_token,
        )

    # --- how it is done ------------------------------------------------------------------

    def _renew(
        self,
        answer: Mapping[str, Any],
        challenge: Mapping[str, Any],
        new_password: Callable[[], str] | None,
    ) -> Mapping[str, Any]:
        """Answer the demand for a new password."""
        if new_password is None:
            raise CredentialsError(
                "This account needs a new password first.",
                hint="sign in on a terminal, which asks for it: quizkit login NAME",
                code="new_password_required",
            )
        password = new_password()
        check_password(password)
        user = challenge["ChallengeParameters"]["USERNAME"]
        try:
            return self._respond(answer, {"USERNAME": user, "NEW_PASSWORD": password})
        except _Answer as exc:
            raise self._error(exc, _TELLING, sign_in_failed) from None

    def _respond(
        self, challenge: Mapping[str, Any], responses: Mapping[str, str]
    ) -> Mapping[str, Any]:
        session = {"Session": challenge["Session"]} if challenge.get("Session") else {}
        return self._ask(
            "respond_to_auth_challenge",
            ClientId=self.stage.client_id,
            ChallengeName=challenge["ChallengeName"],
            ChallengeResponses=dict(responses),
            **session,
        )

    def _tokens(self, answer: Mapping[str, Any], refresh_token: str = "") -> Tokens:
        if answer.get("ChallengeName"):
            raise _unknown(answer)
        try:
            return Tokens.of(answer["AuthenticationResult"], refresh_token)
        except (KeyError, ValueError):
            raise Refused("The user pool answered a sign-in without tokens.") from None

    def _quietly(self, hidden: frozenset[str], operation: str, **arguments: Any) -> None:
        """Do something; a refusal among `hidden` looks like success."""
        try:
            self._ask(operation, **arguments)
        except _Answer as exc:
            if exc.code not in hidden:
                raise self._error(exc, frozenset(), wrong_code) from None

    def _coded(self, operation: str, **arguments: Any) -> None:
        try:
            self._ask(operation, **arguments)
        except _Answer as exc:
            raise self._error(exc, _TELLING, wrong_code) from None

    def _error(
        self, answer: _Answer, uniform: frozenset[str], meaning: Callable[[], CredentialsError]
    ) -> QuizkitError:
        """The error for a refusal: `meaning()` for those among `uniform`."""
        if answer.code in uniform:
            return meaning()
        if answer.code in _TOO_MANY:
            return Refused(
                "Too many attempts.", hint="wait a few minutes", code="too_many_requests"
            )
        if answer.code == "InvalidPasswordException":
            return Misuse("The password is refused.", code="invalid_password")
        if answer.code == "ResourceNotFoundException":
            return NotFound(
                f"The user pool of stage {self.stage.name} is gone.",
                hint="ask for the stage's outputs and sign in with --outputs FILE",
                code="user_pool_not_found",
            )
        return QuizkitError(f"The user pool refuses: {answer.code}.")

    def _ask(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """One call.

        Raises:
            _Answer: Cognito refuses it.
        """
        from botocore.exceptions import ClientError

        with self.stage.as_target.errors():
            client = _client(self.stage.region, self.stage.endpoint_url)
            try:
                answer: dict[str, Any] = getattr(client, operation)(**arguments)
            except ClientError as exc:
                error = exc.response.get("Error", {})
                if exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400) >= 500:
                    raise
                raise _Answer(str(error.get("Code", ""))) from None
        return answer


class _Answer(Exception):
    """Cognito's refusal; of its words nothing is kept, since they may repeat what was sent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _unknown(answer: Mapping[str, Any]) -> Refused:
    asked = answer.get("ChallengeName")
    return Refused(f"The user pool asks for {asked}, which quizkit does not know.")


@cache
def _client(region: str, endpoint_url: str | None) -> CognitoIdentityProviderClient:
    from botocore import UNSIGNED
    from botocore.config import Config

    if endpoint_url is not None:
        # The local gateway speaks plain HTTP; not verifying spares it the machine's CA settings.
        verify: bool | None = False
    else:
        verify = None
    return blank_session(region).client(
        "cognito-idp",
        endpoint_url=endpoint_url,
        verify=verify,
        config=Config(
            signature_version=UNSIGNED,
            connect_timeout=_CONNECT_TIMEOUT,
            read_timeout=_READ_TIMEOUT,
            retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"},
            user_agent_extra="quizkit",
        ),
    )
