"""`signup`, `login`, `logout`, `whoami`: accounts of players and hosts.

What is said never tells whether an account exists: a sign-up is answered in the same words
for a name or an address that is taken, a sign-in fails in one way only, and a code for a new
password is on its way "if there is such an account".
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quizkit.cli import asking
from quizkit.cli.context import Cli
from quizkit.cli.render import clean, moment
from quizkit.sdk.errors import CredentialsError, Misuse

if TYPE_CHECKING:
    from quizkit.local.accounts import Outbox
    from quizkit.sdk.accounts import Accounts, Tokens

_NAME_HINT = "name the account, such as: quizkit login ada"

Username = Annotated[
    str | None,
    typer.Argument(help="The account's name.", metavar="USERNAME", show_default=False),
]
PasswordStdin = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from the first line of stdin."),
]
Outputs = Annotated[
    Path | None,
    typer.Option(
        help="The stage's outputs, as quizkit outputs --json printed them; needed once, where "
        "there are no AWS credentials.",
        metavar="FILE",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (signup, login, logout, whoami):
        app.command()(command)


def signup(
    context: typer.Context,
    username: Username = None,
    email: Annotated[
        str | None, typer.Option(help="Your address; a code is mailed to it.", metavar="ADDRESS")
    ] = None,
    password_stdin: PasswordStdin = False,
    confirm: Annotated[
        str | None,
        typer.Option(help="Finish an earlier sign-up with the code mailed.", metavar="CODE"),
    ] = None,
    resend: Annotated[bool, typer.Option("--resend", help="Have another code mailed.")] = False,
    outputs: Outputs = None,
) -> None:
    """Make an account: a name, an address, a password; then the code from your mail."""
    from quizkit.sdk.accounts.client import check_new_account, check_password

    cli = Cli.of(context)
    if confirm is not None and resend:
        raise Misuse("A code is either given or asked for.", hint="leave --resend out")
    desk = _Desk(cli, outputs)
    name = asking.text(cli, username, "username", "name the account: quizkit signup NAME")
    if confirm is not None:
        desk.confirm(name, confirm)
        _confirmed(cli, {"username": name, "confirmed": True}, name)
        return
    if resend:
        desk.accounts.resend(name)
        told = "If this account waits to be confirmed, another code is on its way."
        cli.out.result({"username": name, "code_requested": True}, told)
        return
    address = asking.text(cli, email, "e-mail address", "add --email ADDRESS")
    check_new_account(name, address)
    secret = asking.password(cli, from_stdin=password_stdin, new=True, check=check_password)
    desk.accounts.sign_up(name, address, secret)
    cli.out.note(f"If the name and the address are new, a code is on its way to {clean(address)}.")
    confirmed = desk.confirm_now(name)
    document = {"username": name, "email": address, "confirmed": confirmed}
    if confirmed:
        _confirmed(cli, document, name)
        return
    later = cli.command(f"signup {name} --confirm CODE")
    cli.out.result(document, f"Finish with the code from your mail: {later}")


def login(
    context: typer.Context,
    username: Username = None,
    password_stdin: PasswordStdin = False,
    forgot: Annotated[
        bool, typer.Option("--forgot", help="Replace a forgotten password, with a code by mail.")
    ] = False,
    code: Annotated[
        str | None, typer.Option(help="With --forgot: the code mailed.", metavar="CODE")
    ] = None,
    outputs: Outputs = None,
) -> None:
    """Sign in; kept on this machine until you sign out, and refreshed by itself."""
    from quizkit.sdk.accounts import SignIn, stages

    cli = Cli.of(context)
    if code is not None and not forgot:
        raise Misuse("A code is for a forgotten password.", hint="add --forgot")
    desk = _Desk(cli, outputs)
    name = asking.text(cli, username, "username or address", _NAME_HINT)
    if forgot:
        found = desk.reset(name, code, from_stdin=password_stdin)
    else:
        found = desk.sign_in(name, asking.password(cli, from_stdin=password_stdin))
    if found is None:
        document = {"username": name, "code_requested": True}
        again = cli.command(f"login {name} --forgot --code CODE")
        cli.out.result(document, f"Go on with the code from your mail: {again}")
        return
    signed_in = SignIn(desk.accounts, cli.people.store, found)
    signed_in.keep()
    stages.remember(desk.accounts.stage)
    groups = f" ({', '.join(found.groups)})" if found.groups else ""
    cli.out.result(_document(cli, found), f"Signed in as {clean(found.username)}{groups}.")


def logout(
    context: typer.Context,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="End the sign-ins on all your machines.")
    ] = False,
) -> None:
    """Sign out and forget the sign-in kept here."""
    cli = Cli.of(context)
    found = cli.people.remembered()
    if found is None:
        cli.out.result({"signed_out": False}, "Nobody is signed in.")
        return
    name = found.tokens.username
    current = cli.people.sign_in() if everywhere else found
    (current or found).end(everywhere=everywhere)
    cli.out.result({"signed_out": True, "username": name}, f"{clean(name)} is signed out.")


def whoami(context: typer.Context) -> None:
    """Who is signed in, in which groups; exit 4 where nobody is."""
    cli = Cli.of(context)
    found = cli.people.required()
    found.bearer(fresh=True)  # whoever was made a host since sees it now
    tokens = found.tokens
    facts = {
        "address": tokens.email or "",
        "groups": ", ".join(tokens.groups),
        "stage": f"{cli.target.stage} on {cli.target.name}",
        "token until": f"{moment(tokens.expires_at)}, then refreshed",
    }
    lines = [f"  {name}: {clean(value)}" for name, value in facts.items() if value]
    cli.out.result(_document(cli, tokens), clean(tokens.username), *lines)


def _document(cli: Cli, tokens: Tokens) -> dict[str, Any]:
    return {
        "username": tokens.username,
        "email": tokens.email,
        "groups": list(tokens.groups),
        "target": cli.target.name,
        "stage": cli.target.stage,
        "expires_at": tokens.expires_at,
    }


def _confirmed(cli: Cli, document: dict[str, Any], name: str) -> None:
    cli.out.result(document, f"{clean(name)} is confirmed.")
    cli.out.note(f"sign in with: {cli.command('login ' + name)}", style="dim")


class _Desk:
    """Where accounts are seen to: the stage's, with this machine's outbox on the local target."""

    def __init__(self, cli: Cli, outputs: Path | None) -> None:
        from quizkit.sdk.accounts import Accounts, stages

        self._cli = cli
        if outputs is not None:
            cli.given = stages.read(outputs)
        self.accounts: Accounts = Accounts(cli.people.stage())
        self._outbox: Outbox | None = None
        if cli.target.is_local:
            from quizkit.local.accounts import Outbox

            self._outbox = Outbox(self.accounts.stage)
            self._outbox.mark()

    def confirm(self, name: str, code: str) -> None:
        """Confirm a sign-up; raises `wrong_code`."""
        self.accounts.confirm(name, code)
        if self._outbox is not None:
            from quizkit.local.accounts import mark_verified

            mark_verified(self.accounts.stage, name)

    def confirm_now(self, name: str) -> bool:
        """Confirm a sign-up that was just made; False where that is put off."""
        if asking.can_ask(self._cli):
            return self._ask_to_confirm(name)
        code = self._local_code()
        if code is None:
            return False
        self.confirm(name, code)
        return True

    def sign_in(self, name: str, password: str) -> Tokens:
        """Sign in; on a terminal a code may be given first, whatever was wrong."""
        try:
            return self._sign_in(name, password)
        except CredentialsError as exc:
            if exc.code != "sign_in_failed" or not asking.can_ask(self._cli):
                raise
            self._cli.out.note(exc.message, style="yellow")
            if not self._ask_to_confirm(name):
                raise
        return self._sign_in(name, password)

    def reset(self, name: str, code: str | None, *, from_stdin: bool) -> Tokens | None:
        """Replace a forgotten password and sign in; None where the code is still to come."""
        from quizkit.sdk.accounts.client import check_password

        if code is None:
            self.accounts.forgot(name)
            self._cli.out.note("If there is such an account, a code is on its way.")
            shown = self._local_code()
            if asking.can_ask(self._cli):
                code = asking.code(self._cli, "Enter: later") or None
            elif asking.is_given(from_stdin):
                code = shown
            if code is None:
                return None
        password = asking.password(self._cli, from_stdin=from_stdin, new=True, check=check_password)
        self.accounts.reset(name, code, password)
        return self._sign_in(name, password)

    def _sign_in(self, name: str, password: str) -> Tokens:
        def renew() -> str:
            return asking.password(self._cli, from_stdin=False, new=True)

        ask = asking.can_ask(self._cli)
        return self.accounts.sign_in(name, password, new_password=renew if ask else None)

    def _ask_to_confirm(self, name: str) -> bool:
        """Ask for the code until it is right; False where somebody has none."""
        self._local_code()
        while True:
            code = asking.code(self._cli, "r: send another, Enter: none")
            if not code:
                return False
            if code.lower() == "r":
                self.accounts.resend(name)
                self._local_code()
                continue
            try:
                self.confirm(name, code)
            except CredentialsError as exc:
                if exc.code != "wrong_code":
                    raise
                self._cli.out.note(exc.message, style="yellow")
            else:
                return True

    def _local_code(self) -> str | None:
        """The code in this machine's outbox, told; None on AWS and where none was written."""
        if self._outbox is None:
            return None
        code = self._outbox.code()
        if code is not None:
            self._cli.out.note(f"The local platform sends no mail; it would have said: {code}")
        return code
