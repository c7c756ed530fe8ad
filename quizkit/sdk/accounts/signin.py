"""Somebody's sign-in on this machine: kept, refreshed, ended.

`SignIn.bearer` is what the platform's doors are given: it refreshes the ID token shortly before its
end, so that a game may last longer than the hour that one is good for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Final

from quizkit.sdk.accounts.client import Accounts, signed_out
from quizkit.sdk.accounts.store import Store, key_of
from quizkit.sdk.accounts.tokens import Tokens
from quizkit.sdk.errors import CredentialsError, Unreachable

if TYPE_CHECKING:
    from quizkit.sdk.accounts.stages import Stage

#: The group whose members may create quizzes and run sessions.
HOSTS_GROUP: Final = "hosts"
#: An ID token that ends within this time is replaced, milliseconds.
MARGIN_MS: Final = 120_000


def _now() -> int:
    return time.time_ns() // 1_000_000


class SignIn:
    """One sign-in; may be used by several threads.

    Args:
        accounts: of the stage that it is for.
        store: where it is kept.
        clock: epoch milliseconds.
    """

    def __init__(
        self,
        accounts: Accounts,
        store: Store,
        tokens: Tokens,
        *,
        clock: Callable[[], int] = _now,
    ) -> None:
        self._accounts = accounts
        self._store = store
        self._tokens = tokens
        self._clock = clock
        self._lock = Lock()

    @classmethod
    def find(cls, stage: Stage, store: Store) -> SignIn | None:
        """The one that is kept for a stage, or None."""
        text = store.load(key_of(stage))
        if text is None:
            return None
        try:
            tokens = Tokens.from_text(text)
        except ValueError:
            return None
        return cls(Accounts(stage), store, tokens)

    @property
    def stage(self) -> Stage:
        """What it is for."""
        return self._accounts.stage

    @property
    def tokens(self) -> Tokens:
        """The tokens as they are now."""
        return self._tokens

    @property
    def is_host(self) -> bool:
        """Whether the account was a host's when its ID token was made."""
        return HOSTS_GROUP in self._tokens.groups

    def keep(self) -> None:
        """Keep it on this machine, in place of the one before."""
        self._store.save(key_of(self.stage), self._tokens.to_text())

    def bearer(self, *, fresh: bool = False) -> str:
        """An ID token that is good for a while.

        Args:
            fresh: take a new one in any case.

        Raises:
            CredentialsError: `not_signed_in`: the sign-in has ended; it is forgotten then.
            Unreachable: a new one is needed, and Cognito does not answer.
        """
        with self._lock:
            left = self._tokens.expires_at - self._clock()
            if fresh or left < MARGIN_MS:
                try:
                    self._refresh()
                except Unreachable:
                    if fresh or left <= 0:
                        raise
            return self._tokens.id_token

    def end(self, *, everywhere: bool = False) -> None:
        """Sign out: here, or with `everywhere` on every machine.

        Raises:
            Unreachable: Cognito does not answer. Here the sign-in is forgotten all the
                same; with `everywhere` it is kept, so that one can try again.
        """
        with self._lock:
            if everywhere:
                try:
                    self._refresh()
                except CredentialsError:
                    return
            try:
                self._accounts.sign_out(self._tokens, everywhere=everywhere)
            finally:
                self._store.forget(key_of(self.stage))

    def _refresh(self) -> None:
        kept = SignIn.find(self.stage, self._store)
        if kept is None:
            raise signed_out()  # in another terminal
        # Or somebody else has signed in there meanwhile; what is kept is theirs then.
        ours = kept.tokens.username == self._tokens.username
        try:
            self._tokens = self._accounts.refresh(self._tokens)
        except CredentialsError:
            if ours:
                self._store.forget(key_of(self.stage))
            raise
        if ours:
            self.keep()
