"""The media bucket: forms for uploading one exact object, and looking at what came."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from quizkit.core.errors import QuizError
from quizkit.core.media import HEAD_BYTES, MAX_BYTES
from quizkit.lambdas.services.media_check import Upload

_GONE: Final = {"404", "NoSuchKey", "NotFound"}
#: Without the right to list, S3 says 403 of an object that is not there.
_ABSENT: Final = _GONE | {"403", "AccessDenied"}
_CHANGED: Final = {"412", "PreconditionFailed"}
_PREFIX: Final = "media/"
_UPLOADS: Final = "uploads/"
# The name is the content's, so its object never changes.
_CACHE: Final = "public, max-age=31536000, immutable"


class S3Media:
    """`media_check.MediaStore`."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def upload(self, key: str, content_type: str, size: int, seconds: int) -> dict[str, Any]:
        form: dict[str, Any] = self._client.generate_presigned_post(
            self._bucket,
            _upload_of(key),
            Fields={"Content-Type": content_type},
            Conditions=[
                {"Content-Type": content_type},
                ["content-length-range", size, size],
            ],
            ExpiresIn=seconds,
        )
        return form

    def look(self, key: str) -> Upload | None:
        try:
            head = self._client.head_object(Bucket=self._bucket, Key=_upload_of(key))
            # Asking for a part of nothing is an error.
            data, sha256 = self._read(key, head) if head["ContentLength"] else (b"", "")
        except ClientError as exc:
            if _code(exc) in _ABSENT | _CHANGED:
                return None
            raise _unavailable(exc) from exc
        except BotoCoreError as exc:
            raise _unavailable(exc) from exc
        return Upload(data, head["ContentLength"], head["ETag"], sha256)

    def _read(self, key: str, head: Any) -> tuple[bytes, str]:
        """The beginning, and the digest of the whole unless it is too large anyway."""
        whole = head["ContentLength"] <= MAX_BYTES
        answer = self._client.get_object(
            Bucket=self._bucket,
            Key=_upload_of(key),
            IfMatch=head["ETag"],
            **({} if whole else {"Range": f"bytes=0-{HEAD_BYTES - 1}"}),
        )
        with answer["Body"] as body:
            data: bytes = body.read()
        return data[:HEAD_BYTES], hashlib.sha256(data).hexdigest() if whole else ""

    def serve(self, key: str, upload: Upload, content_type: str) -> bool:
        try:
            self._client.copy_object(
                Bucket=self._bucket,
                Key=key,
                CopySource={"Bucket": self._bucket, "Key": _upload_of(key)},
                CopySourceIfMatch=upload.version,
                MetadataDirective="REPLACE",
                ContentType=content_type,
                CacheControl=_CACHE,
            )
        except ClientError as exc:
            if _code(exc) in _GONE | _CHANGED:
                return False
            raise _unavailable(exc) from exc
        except BotoCoreError as exc:
            raise _unavailable(exc) from exc
        return True

    def served(self, key: str) -> bool:
        try:
            self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as exc:
            if _code(exc) in _ABSENT:
                return False
            raise _unavailable(exc) from exc
        except BotoCoreError as exc:
            raise _unavailable(exc) from exc
        return True

    def remove(self, key: str) -> None:
        """In a versioned bucket this marks the object deleted; what it was expires later."""
        try:
            self._client.delete_object(Bucket=self._bucket, Key=key)
        except (BotoCoreError, ClientError) as exc:
            raise _unavailable(exc) from exc


def _upload_of(key: str) -> str:
    """Where an upload lies until it has been looked at."""
    return _UPLOADS + key.removeprefix(_PREFIX)


def _code(exc: ClientError) -> str:
    return str(exc.response["Error"]["Code"])


def _unavailable(exc: Exception) -> QuizError:
    return QuizError("unavailable", f"the media bucket cannot be reached: {exc}")
