"""ID tokens as they should be, and every way in which they should not be.

The emulator keeps the user pools' signing keys beside its state, so that a token can be signed
that is wrong in one point only: a gateway that forgot that point would let it in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from tests.contract.doors import Doors


def read(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token."""
    header, claims, _ = token.split(".")
    return _decode(header), _decode(claims)


def signed(doors: Doors, claims: dict[str, Any], *, pool_id: str | None = None) -> str:
    """A token with these claims, signed with a pool's own key."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    pool = pool_id or doors.output("UserPoolId")
    [file] = doors.platform.home.rglob(f"cognito-pool-keys/{pool}-id.pem")
    key = serialization.load_pem_private_key(file.read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    body = f"{_encode({'alg': 'RS256', 'kid': key_id(doors, pool)})}.{_encode(claims)}"
    signature = key.sign(body.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{body}.{_text(signature)}"


def key_id(doors: Doors, pool_id: str) -> str:
    """The name of the key that a pool signs ID tokens with."""
    url = f"{doors.platform.gateway_url}/{pool_id}/.well-known/jwks.json"
    return str(json.loads(doors.http.raw(url).data)["keys"][1]["kid"])


def unsigned(doors: Doors, claims: dict[str, Any]) -> str:
    """`alg: none`, under the name of the real key."""
    header = {"alg": "none", "kid": key_id(doors, doors.output("UserPoolId"))}
    return f"{_encode(header)}.{_encode(claims)}."


def confused(doors: Doors, claims: dict[str, Any]) -> str:
    """Signed by HMAC with the public key, for a gateway that believes the header."""
    pool_id = doors.output("UserPoolId")
    url = f"{doors.platform.gateway_url}/{pool_id}/.well-known/jwks.json"
    key = json.loads(doors.http.raw(url).data)["keys"][1]
    body = f"{_encode({'alg': 'HS256', 'kid': key['kid']})}.{_encode(claims)}"
    proof = hmac.digest(key["n"].encode(), body.encode(), hashlib.sha256)
    return f"{body}.{_text(proof)}"


def expired(claims: dict[str, Any]) -> dict[str, Any]:
    """The claims of two hours ago."""
    now = int(time.time())
    return claims | {"iat": now - 7_200, "auth_time": now - 7_200, "exp": now - 3_600}


def tampered(token: str, **changed: Any) -> str:
    """Other claims under the same signature."""
    header, _, signature = token.split(".")
    return f"{header}.{_encode(read(token)[1] | changed)}.{signature}"


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _encode(document: dict[str, Any]) -> str:
    return _text(json.dumps(document).encode())


def _decode(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found
