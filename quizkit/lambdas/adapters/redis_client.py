"""Connecting to the cache: TLS and an IAM token on AWS, plain TCP on one machine.

ElastiCache takes, as password, a SigV4-presigned URL of its own making that is signed
without any network call and lives 15 minutes; a connection made with it lives 12 hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from redis import Redis
from redis.backoff import NoBackoff
from redis.credentials import CredentialProvider
from redis.retry import Retry

#: Never wait for Redis on a path that must answer.
CONNECT_SECONDS: Final = 0.25
ANSWER_SECONDS: Final = 0.5
_TOKEN_SECONDS: Final = 900


class IamToken(CredentialProvider):
    """Signs in as an IAM-authenticated ElastiCache user with the function's own role."""

    def __init__(self, session: Any, user: str, cluster: str, region: str) -> None:
        self._session = session
        self._user = user
        self._cluster = cluster
        self._region = region

    def get_credentials(self) -> tuple[str, str]:
        query = urlencode({"Action": "connect", "User": self._user})
        request = AWSRequest(method="GET", url=f"http://{self._cluster}/?{query}")
        credentials = self._session.get_credentials().get_frozen_credentials()
        SigV4QueryAuth(credentials, "elasticache", self._region, expires=_TOKEN_SECONDS).add_auth(
            request
        )
        return self._user, str(request.url).removeprefix("http://")


def connect(settings: Mapping[str, str], session: Any) -> Redis:
    """The client for the cache that `settings` (REDIS_*) name; it connects when used.

    Args:
        session: a botocore session, for the credentials that sign the token.
    """
    encrypted = settings["REDIS_TLS"] == "true"
    credentials = (
        IamToken(session, settings["REDIS_USER"], settings["REDIS_CLUSTER"], settings["AWS_REGION"])
        if encrypted
        else None
    )
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
