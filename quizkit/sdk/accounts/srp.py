"""Cognito's SRP sign-in: a password is proved and never sent.

SRP-6a (RFC 5054) with SHA-256 over the 3,072-bit group of RFC 3526, generator 2, as
Cognito's `USER_SRP_AUTH` speaks it. Where Cognito goes its own way: numbers are hashed as
big-endian bytes with a leading zero byte where the highest bit is set; the identity is the
pool's name and the user's id; the key is 16 bytes of an HKDF; and the proof is an HMAC over
the identity, the server's secret block and a timestamp in English.

Why not a library: the one that is kept for Python, pycognito, brings four more packages
(requests among them), asks the client for nothing but itself, and uses calls that Python
has deprecated. Its answers are the test vectors here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

_PRIME: Final = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A0879"
    "8E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B"
    "0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA4836"
    "1C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804"
    "F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6"
    "955817183995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64"
    "ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D226"
    "1AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2"
    "08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
_GENERATOR: Final = 2
_INFO: Final = b"Caldera Derived Key\x01"
_KEY_BYTES: Final = 16
_SECRET_BITS: Final = 1_024
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


class UnsafeChallenge(Exception):
    """The server's values would give the password away, or are not values at all."""


class Srp:
    """One sign-in: `public` goes out with the name, `answer` with what comes back.

    Args:
        pool_id: such as `eu-central-1_Ab12Cd34E`.
        secret: the client's secret number; a random one unless a test names it.
    """

    def __init__(self, pool_id: str, secret: int | None = None) -> None:
        self._pool_name = pool_id.partition("_")[2]
        self._secret = secrets.randbits(_SECRET_BITS) if secret is None else secret
        self._public = pow(_GENERATOR, self._secret, _PRIME)

    @property
    def public(self) -> str:
        """`SRP_A`, in hexadecimal."""
        return f"{self._public:x}"

    def answer(
        self, challenge: Mapping[str, str], password: str, now: datetime | None = None
    ) -> dict[str, str]:
        """The responses to a `PASSWORD_VERIFIER` challenge.

        Args:
            challenge: its `ChallengeParameters`.
            now: in UTC; the present moment unless a test names it.

        Raises:
            UnsafeChallenge: no honest server sends this; nothing may be answered.
        """
        try:
            user_id = challenge["USER_ID_FOR_SRP"]
            block = challenge["SECRET_BLOCK"]
            server = int(challenge["SRP_B"], 16)
            salt = int(challenge["SALT"], 16)
            secret_block = base64.b64decode(block, validate=True)
        except (KeyError, ValueError) as exc:
            raise UnsafeChallenge("the challenge lacks what a challenge has") from exc
        key = self._key(user_id, password, server, salt)
        timestamp = _timestamp(now or datetime.now(UTC))
        identity = (self._pool_name + user_id).encode()
        proof = hmac.digest(key, identity + secret_block + timestamp.encode(), "sha256")
        return {
            "USERNAME": challenge.get("USERNAME", user_id),
            "TIMESTAMP": timestamp,
            "PASSWORD_CLAIM_SECRET_BLOCK": block,
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(proof).decode(),
        }

    def _key(self, user_id: str, password: str, server: int, salt: int) -> bytes:
        scramble = _hash(_pad(self._public), _pad(server))
        if server % _PRIME == 0 or scramble == 0:
            raise UnsafeChallenge("the server's public value is not one")
        identity = hashlib.sha256(f"{self._pool_name}{user_id}:{password}".encode()).digest()
        private = _hash(_pad(salt), identity)
        multiplier = _hash(_pad(_PRIME), _pad(_GENERATOR))
        base = (server - multiplier * pow(_GENERATOR, private, _PRIME)) % _PRIME
        shared = pow(base, self._secret + scramble * private, _PRIME)
        extracted = hmac.digest(_pad(scramble), _pad(shared), "sha256")
        return hmac.digest(extracted, _INFO, "sha256")[:_KEY_BYTES]


def _pad(number: int) -> bytes:
    """Big-endian bytes, the highest bit always clear."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hash(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


def _timestamp(now: datetime) -> str:
    """As Java writes dates, in English on every machine: `Tue Jan 1 12:00:00 UTC 2030`."""
    day, month = _DAYS[now.weekday()], _MONTHS[now.month - 1]
    return f"{day} {month} {now.day} {now:%H:%M:%S} UTC {now.year}"
