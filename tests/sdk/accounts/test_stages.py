"""quizkit.sdk.accounts.stages: what signing in takes, from outputs and files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from quizkit.sdk.accounts import Stage
from quizkit.sdk.accounts.stages import read, recall, remember
from quizkit.sdk.errors import InvalidInput, NotFound
from quizkit.sdk.target import Target

AWS = Target("aws", "prod", "eu-central-1")
OUTPUTS = {
    "HttpApiUrl": "https://abc.execute-api.eu-central-1.amazonaws.com/",
    "WebSocketApiUrl": "wss://def.execute-api.eu-central-1.amazonaws.com/prod",
    "UserPoolId": "eu-central-1_Ab12Cd34E",
    "UserPoolClientId": "1h57kf5cpq17m0eml12EXAMPLE",
    "Region": "eu-central-1",
}
STAGE = Stage(
    target="aws",
    name="prod",
    region="eu-central-1",
    http_url="https://abc.execute-api.eu-central-1.amazonaws.com",
    pool_id="eu-central-1_Ab12Cd34E",
    client_id="1h57kf5cpq17m0eml12EXAMPLE",
)


def test_a_stage_of_its_outputs() -> None:
    """The rest of the outputs is of no account."""
    assert Stage.of(AWS, OUTPUTS) == STAGE
    assert STAGE.as_target == AWS


def test_a_local_stage() -> None:
    """It has the gateway's address, and plain HTTP on this machine is fine."""
    target = Target("local", endpoint_url="http://127.0.0.1:4566")
    url = "http://127.0.0.1:4566/_aws/execute-api/x"
    stage = Stage.of(target, {**OUTPUTS, "HttpApiUrl": url, "Region": "us-east-1"})
    assert (stage.http_url, stage.endpoint_url) == (url, "http://127.0.0.1:4566")


@pytest.mark.parametrize("missing", ["HttpApiUrl", "UserPoolId", "UserPoolClientId", "Region"])
def test_outputs_that_lack_something(missing: str) -> None:
    """A stage without accounts is told as not there."""
    with pytest.raises(NotFound, match=missing):
        Stage.of(AWS, {key: OUTPUTS[key] for key in OUTPUTS if key != missing})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HttpApiUrl", "http://abc.example"),
        ("HttpApiUrl", "http://127.0.0.1:4566"),
        ("HttpApiUrl", "https://"),
        ("HttpApiUrl", "abc.example"),
        ("Region", "evil.example/x"),
        ("Region", "eu-central-1.evil.example"),
        ("UserPoolId", "../x"),
        ("UserPoolClientId", "a b"),
    ],
)
def test_outputs_that_lead_astray(name: str, value: str) -> None:
    """A proof or a token is sent over TLS only, and to a region's own Cognito only."""
    with pytest.raises(InvalidInput, match=name):
        Stage.of(AWS, {**OUTPUTS, name: value})


def written(path: Path, document: object) -> Path:
    """A file with a document."""
    file = path / "outputs.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    return file


def test_the_file_that_outputs_prints(tmp_path: Path) -> None:
    """`quizkit outputs --json > FILE` is all that a host needs."""
    document = {"target": "aws", "stage": "prod", "outputs": OUTPUTS}
    assert read(written(tmp_path, document)) == STAGE


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "{}",
        {"target": "aws", "stage": "prod"},
        {"target": "aws", "stage": "../prod", "outputs": OUTPUTS},
        {"target": "aws", "stage": "prod", "outputs": {}},
        {"target": "aws", "stage": "prod", "outputs": {**OUTPUTS, "Region": 7}},
        {"target": "local", "stage": "prod", "outputs": OUTPUTS},
        {"error": {"code": "credentials"}},
    ],
)
def test_files_that_hold_something_else(tmp_path: Path, document: Any) -> None:
    """Are told by name."""
    with pytest.raises(InvalidInput) as caught:
        read(written(tmp_path, document))
    assert caught.value.code == "invalid_outputs"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Is told the same way."""
    with pytest.raises(InvalidInput, match=r"none\.json"):
        read(tmp_path / "none.json")


def test_stages_are_remembered(quizkit_home: Path) -> None:
    """Each by its target and name, anew after another sign-in."""
    assert recall("aws", "prod") is None
    remember(STAGE)
    other = replace(STAGE, pool_id="eu-central-1_Zz9")
    remember(replace(STAGE, name="test"))
    assert recall("aws", "prod") == STAGE
    assert recall("local", "prod") is None
    remember(other)
    assert recall("aws", "prod") == other
    assert (quizkit_home / "config" / "stages" / "aws-prod.json").is_file()


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"target": "aws"}', "null", '"x"', '{"a": 1}']
)
def test_what_cannot_be_read_is_not_remembered(quizkit_home: Path, content: str) -> None:
    """A broken file means nobody is signed in, not a broken command."""
    remember(STAGE)
    (quizkit_home / "config" / "stages" / "aws-prod.json").write_text(content)
    assert recall("aws", "prod") is None


def test_a_file_under_another_name(quizkit_home: Path) -> None:
    """What was remembered of one stage is not believed of another."""
    remember(STAGE)
    folder = quizkit_home / "config" / "stages"
    (folder / "aws-prod.json").rename(folder / "aws-dev.json")
    assert recall("aws", "dev") is None
