"""The port of media: its fake, and its adapter on a bucket."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import urllib3

from quizkit.core.errors import QuizError
from quizkit.core.media import HEAD_BYTES, MAX_BYTES
from quizkit.lambdas.adapters.media import S3Media
from quizkit.lambdas.services.media_check import MediaStore
from tests.fakes.cloud import cloud
from tests.fakes.media import FakeMedia

KEY = "media/abcdefghij0123456789.png"


@dataclass
class Place:
    """A store, and how to put and read behind its back."""

    store: MediaStore
    put: Callable[[str, bytes], None]
    read: Callable[[str], tuple[str, bytes] | None]


@pytest.fixture(params=["fake", "s3"])
def place(request: pytest.FixtureRequest) -> Place:
    """An empty store."""
    if request.param == "fake":
        fake = FakeMedia()
        return Place(fake, fake.uploads.__setitem__, fake.media.get)
    client, bucket = cloud().client("s3"), new_bucket()

    def put(key: str, data: bytes) -> None:
        upload = key.replace("media/", "uploads/")
        client.put_object(Bucket=bucket, Key=upload, Body=data, ContentType="text/html")

    def read(key: str) -> tuple[str, bytes] | None:
        try:
            found = client.get_object(Bucket=bucket, Key=key)
        except client.exceptions.NoSuchKey:
            return None
        with found["Body"] as body:
            return found["ContentType"], body.read()

    return Place(S3Media(client, bucket), put, read)


_BUCKETS: Iterator[int] = iter(range(1_000))


def new_bucket() -> str:
    """A bucket of the test's own."""
    name = f"media-{next(_BUCKETS)}"
    cloud().client("s3").create_bucket(Bucket=name)
    return name


def test_what_is_not_there(place: Place) -> None:
    """Neither uploaded nor served."""
    assert place.store.look(KEY) is None
    assert place.store.served(KEY) is False


@pytest.mark.parametrize("size", [0, 1, HEAD_BYTES, HEAD_BYTES + 1])
def test_looking_gives_the_beginning(place: Place, size: int) -> None:
    """All of a small upload, and of a large one as much as is looked at; and the whole's digest."""
    data = bytes(number % 251 for number in range(size))
    place.put(KEY, data)
    found = place.store.look(KEY)
    assert found is not None
    assert (found.head, found.size) == (data[:HEAD_BYTES], size)
    assert not size or found.sha256 == hashlib.sha256(data).hexdigest()


def test_what_is_too_large_has_no_digest(place: Place) -> None:
    """It is refused for its size; nobody reads it whole."""
    data = bytes(MAX_BYTES + 1)
    place.put(KEY, data)
    found = place.store.look(KEY)
    assert found is not None
    assert (found.head, found.size, found.sha256) == (data[:HEAD_BYTES], len(data), "")


def test_removing(place: Place) -> None:
    """It is served no longer, and may be served again; what is not there can be removed, too."""
    place.store.remove(KEY)
    place.put(KEY, b"picture")
    upload = place.store.look(KEY)
    assert upload is not None
    for _ in range(2):
        assert place.store.serve(KEY, upload, "image/png") is True
        assert place.store.served(KEY) is True
        place.store.remove(KEY)
        assert place.store.served(KEY) is False
        assert place.read(KEY) is None


def test_a_removed_object_stays_as_an_old_version_for_a_while() -> None:
    """In the bucket as it is deployed: versioned."""
    client, bucket = cloud().client("s3"), new_bucket()
    on = {"Status": "Enabled"}
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=on)
    client.put_object(Bucket=bucket, Key=KEY, Body=b"picture")
    S3Media(client, bucket).remove(KEY)
    listed = client.list_object_versions(Bucket=bucket, Prefix=KEY)
    assert len(listed["Versions"]) == len(listed["DeleteMarkers"]) == 1


def test_serving_gives_an_upload_its_type(place: Place) -> None:
    """Whatever type it was uploaded with; before, nothing is served."""
    place.put(KEY, b"picture")
    upload = place.store.look(KEY)
    assert upload is not None
    assert place.read(KEY) is None
    assert place.store.serve(KEY, upload, "image/png") is True
    assert place.store.served(KEY) is True
    assert place.read(KEY) == ("image/png", b"picture")


def test_only_what_was_looked_at_is_served(place: Place) -> None:
    """An upload that has changed since is refused."""
    place.put(KEY, b"picture")
    upload = place.store.look(KEY)
    assert upload is not None
    place.put(KEY, b"<script>")
    assert place.store.serve(KEY, upload, "image/png") is False
    assert place.store.served(KEY) is False


def test_upload_forms_are_exact() -> None:
    """The signed policy allows one key, one type and one size, apart from what is served."""
    form = S3Media(cloud().client("s3"), "bucket").upload(KEY, "image/png", 5, 60)
    policy = json.loads(base64.b64decode(form["fields"]["policy"]))
    assert {"Content-Type": "image/png"} in policy["conditions"]
    assert ["content-length-range", 5, 5] in policy["conditions"]
    assert {"key": "uploads/abcdefghij0123456789.png"} in policy["conditions"]
    assert {"bucket": "bucket"} in policy["conditions"]
    assert form["fields"]["Content-Type"] == "image/png"


def test_an_upload_by_form_is_found() -> None:
    """What a browser or the SDK posts is what is looked at."""
    client, bucket = cloud().client("s3"), new_bucket()
    store = S3Media(client, bucket)
    assert post(store.upload(KEY, "image/png", 7, 60), b"picture") in (200, 201, 204)
    found = store.look(KEY)
    assert found is not None
    assert found.head == b"picture"


def post(form: dict[str, Any], data: bytes) -> int:
    """Upload by a form."""
    fields = {**form["fields"], "file": ("x.png", data, form["fields"]["Content-Type"])}
    with urllib3.PoolManager() as pool:
        return pool.request("POST", form["url"], fields=fields, retries=False).status


def test_a_bucket_that_cannot_be_reached(place: Place) -> None:
    """It is told as such, not as a file that is missing."""
    import boto3
    from botocore.config import Config

    client: Any = boto3.session.Session().client(
        "s3",
        endpoint_url="http://127.0.0.1:9",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    store = S3Media(client, "bucket")
    place.put(KEY, b"picture")
    upload = place.store.look(KEY)
    assert upload is not None
    for ask in (
        lambda: store.look(KEY),
        lambda: store.served(KEY),
        lambda: store.remove(KEY),
        lambda: store.serve(KEY, upload, "image/png"),
    ):
        with pytest.raises(QuizError) as caught:
            ask()
        assert caught.value.code == "unavailable"
    client.close()
