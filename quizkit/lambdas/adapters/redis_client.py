"""Connecting to the cache: TLS and an IAM token on AWS, plain TCP on one machine.

ElastiCache takes, as password, a SigV4-presigned URL of its own making that is signed
without any network call and lives 15 minutes; a connection made with it lives 12 hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.credentials import CredentialProvider
from redis.retry import Retry

from quizkit.lambdas.adapters.signing import Signer, credentials_in

#: Never wait for Redis on a path that must answer.
CONNECT_SECONDS: Final = 0.25
ANSWER_SECONDS: Final = 0.5
_TOKEN_SECONDS: Final = 900


class IamToken(CredentialProvider):
    """Signs in as an IAM-authenticated ElastiCache user with the function's own role."""

    def __init__(self, signer: Signer, user: str, cluster: str) -> None:
        self._signer = signer
        self._user = user
        self._cluster = cluster

    def get_credentials(self) -> tuple[str, str]:
        query = {"Action": "connect", "User": self._user}
        return self._user, self._signer.url(self._cluster, "/", query, _TOKEN_SECONDS)


def connect(settings: Mapping[str, str]) -> Redis:
    """The client for the cache that `settings` (REDIS_*) name; it connects when used.

    With TLS the settings hold the credentials, too, that sign the token.
    """
    encrypted = settings["REDIS_TLS"] == "true"
    credentials = _iam_token(settings) if encrypted else None
    return Redis(
        host=settings["REDIS_HOST"],
        port=int(settings["REDIS_PORT"]),
        ssl=encrypted,
        credential_provider=credentials,
        decode_responses=True,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
        max_connections=64,
    )


def _iam_token(settings: Mapping[str, str]) -> IamToken:
    signer = Signer(credentials_in(settings), "elasticache", settings["AWS_REGION"])
    return IamToken(signer, settings["REDIS_USER"], settings["REDIS_CLUSTER"])
