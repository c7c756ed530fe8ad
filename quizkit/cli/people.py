"""Who is signed in, and with whose rights a command acts.

The rule, in this order: `--as admin` takes AWS credentials, `--as host` the sign-in; then
QUIZKIT_AS says the same; then whoever signed in to this very stage as a host acts as that
host; everybody else acts with AWS credentials. Signing in is something that a person did for
one target and one stage, so nothing is inferred from credentials that lie around; and who
acts is printed before anything is done.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from quizkit.sdk.accounts import SignIn, Stage, stages
from quizkit.sdk.errors import CredentialsError, Misuse

if TYPE_CHECKING:
    from quizkit.cli.context import Cli
    from quizkit.sdk.accounts.store import Store

ROLES: Final = ("admin", "host")


class People:
    """The sign-in of one run of the command line."""

    def __init__(self, cli: Cli) -> None:
        self._cli = cli
        self._store: Store | None = None

    @property
    def store(self) -> Store:
        """Where sign-ins are kept; opened when it is first asked for."""
        if self._store is None:
            from quizkit.sdk.accounts.store import open_store

            self._store = open_store(lambda text: self._cli.out.note(text, style="yellow"))
        return self._store

    def stage(self) -> Stage:
        """What it takes to sign in.

        On AWS that of the file given, else what an earlier sign-in left, else the stack's
        outputs, which takes AWS credentials.

        Raises:
            Misuse: the file given is of another stage or region.
            CredentialsError: nothing is known of the stage here.
        """
        target, given = self._cli.target, self._cli.given
        if given is not None:
            wanted = ("aws", given.name, given.region)
            if (target.name, target.stage, target.region) != wanted:
                raise Misuse(
                    f"The outputs are of stage {given.name} on aws in {given.region}.",
                    hint=f"add: --target aws --stage {given.name} --region {given.region}",
                )
            return given
        known = stages.recall(target.name, target.stage)
        if known is not None and not target.is_local and known.region == target.region:
            return known
        try:
            return Stage.of(target, self._cli.outputs)
        except CredentialsError as exc:
            raise CredentialsError(
                exc.message,
                hint="name the stage's outputs with --outputs FILE; an admin makes the file: "
                "quizkit outputs --json > FILE",
                code=exc.code,
            ) from exc

    def remembered(self) -> SignIn | None:
        """The sign-in as it was left here, without asking the stage; None where there is none."""
        target = self._cli.target
        known = stages.recall(target.name, target.stage)
        if known is None or known.region != target.region:
            return None
        return SignIn.find(known, self.store)

    def sign_in(self) -> SignIn | None:
        """Who is signed in to the stage; None where nobody is."""
        if self.remembered() is None:
            return None
        return SignIn.find(self.stage(), self.store)

    def required(self) -> SignIn:
        """Who is signed in.

        Raises:
            CredentialsError: `not_signed_in`.
        """
        found = self.sign_in()
        if found is None:
            target = self._cli.target
            raise CredentialsError(
                f"Nobody is signed in to stage {target.stage} on {target.name}.",
                hint=f"run: {self._cli.command('login')}",
                code="not_signed_in",
            )
        return found

    def host(self) -> SignIn | None:
        """The host whose rights are used; None for AWS credentials. See the module's rule.

        Raises:
            Misuse: there is no such role.
            CredentialsError: a host is asked for, and nobody is signed in.
        """
        asked = self._asked()
        if asked == "admin":
            return None
        if asked == "host":
            return self.required()
        found = self.sign_in()
        return found if found is not None and found.is_host else None

    def need_admin(self, why: str) -> None:
        """Refuse a host's rights where they are asked for and cannot do.

        Args:
            why: what takes AWS credentials, as a sentence.

        Raises:
            Misuse: there is no such role.
            CredentialsError: a host's rights are asked for.
        """
        if self._asked() == "host":
            hint = "leave --as host and QUIZKIT_AS out, or add: --as admin"
            raise CredentialsError(why, hint=hint, code="forbidden")

    def _asked(self) -> str | None:
        """The role that is asked for by name."""
        asked = self._cli.flags.acting or os.environ.get("QUIZKIT_AS") or None
        if asked not in (*ROLES, None):
            raise Misuse(f"There is no role “{asked}”.", hint="roles are admin and host")
        return asked
