"""quizkit.sdk.accounts.srp: against another implementation's answers, and a verifier of our own."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizkit.sdk.accounts.srp import Srp, UnsafeChallenge

POOL = "eu-central-1_Ab12Cd34E"
NOW = datetime(2030, 1, 5, 7, 8, 9, tzinfo=UTC)
BLOCK = base64.b64encode(b"block-\x00\xff").decode()


# --- a server ------------------------------------------------------------------------------


def pi(bits: int) -> int:
    """π · 2^bits, rounded down: Machin's formula in whole numbers."""
    unity = 1 << (bits + 32)

    def arctan(inverse: int) -> int:
        power = total = unity // inverse
        n, sign = 3, -1
        while power:
            power //= inverse * inverse
            total += sign * (power // n)
            n, sign = n + 2, -sign
        return total

    return 4 * (4 * arctan(5) - arctan(239)) >> 32


#: As RFC 3526 defines the group of 3,072 bits; the code has it as digits.
PRIME = 2**3072 - 2**3008 - 1 + 2**64 * (pi(2942) + 1690314)


def octets(number: int) -> bytes:
    """Hexadecimal digits as Cognito hashes them: whole bytes, never a set highest bit."""
    digits = f"{number:x}"
    digits = "0" * (len(digits) % 2) + digits
    return bytes.fromhex("00" + digits if digits[0] in "89abcdef" else digits)


def digest(*parts: bytes) -> int:
    """SHA-256 as a number."""
    return int(hashlib.sha256(b"".join(parts)).hexdigest(), 16)


class Server:
    """The other side: it has a verifier and never sees a password."""

    def __init__(self, pool: str, user_id: str, password: str, salt: int) -> None:
        self._name, self._user_id, self._salt = pool.split("_")[1], user_id, salt
        inner = hashlib.sha256(f"{self._name}{user_id}:{password}".encode()).digest()
        self._verifier = pow(2, digest(octets(salt), inner), PRIME)

    def challenge(self, public: str, secret: int) -> dict[str, str]:
        """What is sent for a client's public value."""
        self._public, self._secret = int(public, 16), secret
        multiplier = digest(octets(PRIME), octets(2))
        self._own = (multiplier * self._verifier + pow(2, secret, PRIME)) % PRIME
        return {
            "USERNAME": self._user_id,
            "USER_ID_FOR_SRP": self._user_id,
            "SALT": f"{self._salt:x}",
            "SRP_B": f"{self._own:x}",
            "SECRET_BLOCK": BLOCK,
        }

    def accepts(self, responses: dict[str, str]) -> bool:
        """Whether the proof is one."""
        scramble = digest(octets(self._public), octets(self._own))
        shared = pow(self._public * pow(self._verifier, scramble, PRIME), self._secret, PRIME)
        extracted = hmac.digest(octets(scramble), octets(shared), "sha256")
        key = hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]
        block = base64.b64decode(responses["PASSWORD_CLAIM_SECRET_BLOCK"])
        message = f"{self._name}{self._user_id}".encode() + block
        message += responses["TIMESTAMP"].encode()
        proof = base64.b64encode(hmac.digest(key, message, "sha256")).decode()
        return hmac.compare_digest(proof, responses["PASSWORD_CLAIM_SIGNATURE"])


NUMBERS = st.integers(min_value=1, max_value=2**128 - 1)
SECRETS = st.integers(min_value=2, max_value=2**1024 - 1)
TEXTS = st.text(min_size=1, max_size=20)


@settings(max_examples=30)
@given(user_id=TEXTS, password=TEXTS, salt=NUMBERS, ours=SECRETS, theirs=SECRETS)
def test_a_verifier_accepts_the_password(
    user_id: str, password: str, salt: int, ours: int, theirs: int
) -> None:
    """Whatever the numbers look like: short, odd in digits, with the highest bit set."""
    server = Server(POOL, user_id, password, salt)
    client = Srp(POOL, ours)
    assert server.accepts(client.answer(server.challenge(client.public, theirs), password))


@settings(max_examples=30)
@given(password=TEXTS, other=TEXTS, salt=NUMBERS, ours=SECRETS, theirs=SECRETS)
def test_a_verifier_refuses_another_password(
    password: str, other: str, salt: int, ours: int, theirs: int
) -> None:
    """The verifier of these tests can say no."""
    server = Server(POOL, "ada", password, salt)
    client = Srp(POOL, ours)
    responses = client.answer(server.challenge(client.public, theirs), other)
    assert server.accepts(responses) is (password == other)


# --- known answers -------------------------------------------------------------------------

#: pool, user id, password, client's secret, salt, SRP_B, and what pycognito 2024.5.1 signs.
VECTORS = [
    (
        POOL,
        "ada",
        "Correct1horse",
        int("c0ffee" * 10, 16),
        "a1b2c3d4e5f60718293a4b5c6d7e8f90",
        "8badf00d" * 8,
        "r8CJ7MTfVzprpvlFuLIPkpfRaFY/596vZvxnR9K7Ts8=",
    ),
    (
        "us-east-1_x",
        "zoë",
        "Пароль1Aa",
        int("5eed" * 16, 16),
        "7fb2c3d4e5f60718293a4b5c6d7e8f9",
        "7ea" * 21,
        "CEpqZfwA5EEeEBDdLDeYtwMPwedgFjfFuGRcKS5xWR0=",
    ),
    (
        "us-east-1_Pool",
        "0b2c-uuid",
        "p",
        int("decade" * 42, 16),
        "1",
        "3",
        "bzw+zqU8kiuNwm2W6aZXdDOCln5q+ARtc/kUrIpMmk4=",
    ),
]


@pytest.mark.parametrize(
    ("pool", "user_id", "password", "secret", "salt", "server", "signature"), VECTORS
)
def test_the_answers_of_another_implementation(
    pool: str, user_id: str, password: str, secret: int, salt: str, server: str, signature: str
) -> None:
    """Byte for byte, with salts and values of odd digits and with the highest bit set."""
    challenge = {
        "USER_ID_FOR_SRP": user_id,
        "SALT": salt,
        "SRP_B": server,
        "SECRET_BLOCK": BLOCK,
    }
    assert Srp(pool, secret).answer(challenge, password, NOW) == {
        "USERNAME": user_id,
        "TIMESTAMP": "Sat Jan 5 07:08:09 UTC 2030",
        "PASSWORD_CLAIM_SECRET_BLOCK": BLOCK,
        "PASSWORD_CLAIM_SIGNATURE": signature,
    }


# --- what is never answered ----------------------------------------------------------------

GOOD = {"USER_ID_FOR_SRP": "ada", "SALT": "1", "SRP_B": "3", "SECRET_BLOCK": BLOCK}


@pytest.mark.parametrize(
    "bad",
    [
        {"SRP_B": "0"},
        {"SRP_B": f"{PRIME:x}"},
        {"SRP_B": f"{2 * PRIME:x}"},
        {"SRP_B": "none"},
        {"SRP_B": ""},
        {"SALT": "?"},
        {"SECRET_BLOCK": "%%%"},
    ],
)
def test_values_of_no_honest_server(bad: dict[str, str]) -> None:
    """With B a multiple of the prime any password would do, so nothing is answered."""
    with pytest.raises(UnsafeChallenge):
        Srp(POOL, 7).answer({**GOOD, **bad}, "p")


@pytest.mark.parametrize("missing", GOOD)
def test_a_challenge_with_parts_missing(missing: str) -> None:
    """It is none."""
    with pytest.raises(UnsafeChallenge):
        Srp(POOL, 7).answer({key: GOOD[key] for key in GOOD if key != missing}, "p")


def test_every_sign_in_has_a_secret_of_its_own() -> None:
    """And shows nothing of it, nor of the password."""
    first, second = Srp(POOL), Srp(POOL)
    assert first.public != second.public
    assert int(first.public, 16) < PRIME
    assert "Correct1horse" not in str(first.answer(GOOD, "Correct1horse"))
    assert "Correct1horse" not in repr(vars(first))
