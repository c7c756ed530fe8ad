"""The status as data."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from quizkit.local.status import Component, Status

PART = Component("gateway", "MiniStack", True, 7, 4566, 10, Path("/logs/gateway.log"))
STATUS = Status(
    components=(
        PART,
        replace(PART, name="redis", port=46379),
        replace(PART, name="handlers", port=4567),
    )
)


def test_urls_and_settings_follow_the_ports() -> None:
    """Endpoints and boto3 settings lead to the components' ports on the loopback interface."""
    assert STATUS.gateway_url == "http://127.0.0.1:4566"
    assert STATUS.handlers_url == "http://127.0.0.1:4567"
    assert STATUS.redis_port == 46379
    settings = STATUS.boto_settings()
    assert settings.endpoint_url == STATUS.gateway_url
    assert (settings.region, settings.access_key_id) == ("us-east-1", "test")


def test_running_means_every_component() -> None:
    """One component down, or none known, is not running."""
    assert STATUS.running
    assert not replace(STATUS, components=(PART, replace(PART, up=False))).running
    assert not Status(components=()).running


def test_document_is_json() -> None:
    """The status prints as one JSON document."""
    document = json.loads(json.dumps(STATUS.as_dict()))
    assert document["running"] is True
    assert document["components"][0]["log"] == "/logs/gateway.log"


def test_ports_of_a_platform_never_started_are_unknown() -> None:
    """Asking for them is an error, not a wrong URL."""
    never = Status(components=(replace(PART, port=None),))
    with pytest.raises(LookupError):
        _ = never.gateway_url
    with pytest.raises(KeyError):
        never.component("nothing")
