"""The server that takes everything."""

from __future__ import annotations

import pytest
import urllib3

from bench.sink import sink


def test_it_takes_every_request_over_one_connection_and_ends() -> None:
    """Kept alive for all of them; gone with the block."""
    with sink() as url:
        pool = urllib3.HTTPConnectionPool(
            url.removeprefix("http://").split(":")[0], int(url.rpartition(":")[2])
        )
        answers = [
            pool.request(method, "/any", body=b"x" * size)
            for method, size in (("POST", 5), ("POST", 50_000), ("DELETE", 0))
        ]
        assert [(answer.status, answer.data) for answer in answers] == [(200, b"{}")] * 3
        assert pool.num_connections == 1
        pool.close()
    pool = urllib3.HTTPConnectionPool("127.0.0.1", int(url.rpartition(":")[2]), retries=False)
    with pytest.raises(urllib3.exceptions.NewConnectionError):
        pool.request("GET", "/")
    pool.close()
