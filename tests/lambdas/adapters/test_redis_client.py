"""quizkit.lambdas.adapters.redis_client: TLS and an IAM token where asked for."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from quizkit.lambdas.adapters.redis_client import IamToken, connect
from quizkit.lambdas.adapters.signing import Credentials, Signer

SIGNER = Signer(Credentials("AKIDEXAMPLE", "secret", "session-token"), "elasticache", "eu-west-1")


def test_the_token_is_a_presigned_url() -> None:
    """For this cluster and user, 15 minutes long, signed without a call; without its scheme."""
    user, token = IamToken(SIGNER, "quiz-user", "quiz-cluster").get_credentials()
    assert user == "quiz-user"
    assert token.startswith("quiz-cluster/?")
    query = parse_qs(urlsplit(f"http://{token}").query)
    assert (query["Action"], query["User"]) == (["connect"], ["quiz-user"])
    assert query["X-Amz-Expires"] == ["900"]
    assert "/eu-west-1/elasticache/aws4_request" in query["X-Amz-Credential"][0]
    assert query["X-Amz-Security-Token"] == ["session-token"]
    assert "X-Amz-Signature" in query


def test_tls_and_sign_in_on_aws() -> None:
    """The settings of a deployed function encrypt and sign in; nothing is opened yet."""
    settings = {
        "REDIS_HOST": "cache.example",
        "REDIS_PORT": "6379",
        "REDIS_TLS": "true",
        "REDIS_USER": "quiz-user",
        "REDIS_CLUSTER": "quiz-cluster",
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    options = connect(settings).connection_pool.connection_kwargs
    assert isinstance(options["credential_provider"], IamToken)
    assert options["host"] == "cache.example"
    assert "ssl" in str(connect(settings).connection_pool.connection_class).lower()


def test_plain_on_one_machine() -> None:
    """The local platform's Redis has neither."""
    settings = {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": "1", "REDIS_TLS": "false"}
    pool = connect(settings).connection_pool
    assert pool.connection_kwargs.get("credential_provider") is None
    assert "ssl" not in str(pool.connection_class).lower()
