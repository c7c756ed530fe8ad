"""S8 and S9: accounts and media as deployed; who may sign up, sign in, and upload what."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from typing import Any

import pytest

from tests.contract.client import Connection
from tests.contract.doors import Doors
from tests.contract.game import question

# --- S8 --------------------------------------------------------------------------------


def test_s8_the_user_pool(doors: Doors) -> None:
    """S8: the password rule, e-mail verified and alone for recovery, no secret, hosts' group."""
    cognito = doors.aws("cognito-idp")
    pool_id = doors.output("UserPoolId")
    pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    policy = pool["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] == 8
    assert (policy["RequireLowercase"], policy["RequireUppercase"], policy["RequireNumbers"]) == (
        True,
        True,
        True,
    )
    assert "email" in pool["AutoVerifiedAttributes"]
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is False
    recovery = pool["AccountRecoverySetting"]["RecoveryMechanisms"]
    assert [mechanism["Name"] for mechanism in recovery] == ["verified_email"]
    client = cognito.describe_user_pool_client(
        UserPoolId=pool_id, ClientId=doors.output("UserPoolClientId")
    )["UserPoolClient"]
    assert not client.get("ClientSecret")
    assert {"ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH"} <= set(client["ExplicitAuthFlows"])
    groups = cognito.list_groups(UserPoolId=pool_id)["Groups"]
    assert "hosts" in {group["GroupName"] for group in groups}


@pytest.mark.parametrize("password", ["Short1x", "nouppercase1", "NOLOWERCASE1", "NoDigitsHere"])
def test_s8_a_weak_password_is_refused(doors: Doors, password: str) -> None:
    """S8: 8 characters with lower case, upper case and a digit."""
    cognito = doors.aws("cognito-idp")
    with pytest.raises(cognito.exceptions.InvalidPasswordException):
        cognito.sign_up(
            ClientId=doors.output("UserPoolClientId"),
            Username=f"weak-{password.lower()}",
            Password=password,
            UserAttributes=[{"Name": "email", "Value": "weak@example.com"}],
        )


def signed_in(doors: Doors, name: str, *, host: bool = False, by: str | None = None) -> str:
    """Sign somebody up and in; the id token. `by`: what they sign in with."""
    cognito = doors.aws("cognito-idp")
    client_id, pool_id = doors.output("UserPoolClientId"), doors.output("UserPoolId")
    password = "Correct1horse"
    try:
        cognito.sign_up(
            ClientId=client_id,
            Username=name,
            Password=password,
            UserAttributes=[{"Name": "email", "Value": f"{name}@example.com"}],
        )
        cognito.admin_confirm_sign_up(UserPoolId=pool_id, Username=name)
        cognito.admin_update_user_attributes(
            UserPoolId=pool_id,
            Username=name,
            UserAttributes=[{"Name": "email_verified", "Value": "true"}],
        )
    except cognito.exceptions.UsernameExistsException:
        pass
    if host:
        cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=name, GroupName="hosts")
    answer = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": by or name, "PASSWORD": password},
    )
    return str(answer["AuthenticationResult"]["IdToken"])


async def test_s8_signed_in_players_join(doors: Doors) -> None:
    """S8: whoever signed up joins by `POST /join/member`, signed in by name or by e-mail."""
    async with await doors.room({"title": "Members", "questions": [question("x", "a")]}) as room:
        for by in (None, "member@example.com"):
            token = await asyncio.to_thread(signed_in, doors, "member", by=by)
            nickname = "by name" if by is None else "by mail"
            reply = await doors.http.post(
                "/join/member", {"pin": room.pin, "nickname": nickname}, token
            )
            assert reply.status == 200, reply.text
            line = await Connection.open(reply.body["websocket_url"], reply.body["ticket"])
            room.lines.append(line)
            assert (await line.join_quiz())["nickname"] == nickname


async def test_s8_hosts_are_members_of_the_group(doors: Doors) -> None:
    """S8: a signed-in host runs sessions over HTTP; somebody signed in who is no host may not."""
    player = await asyncio.to_thread(signed_in, doors, "player")
    host = await asyncio.to_thread(signed_in, doors, "hostess", host=True)
    reply = await doors.http.post("/host/session.list", {}, player)
    assert (reply.status, reply.code) == (403, "forbidden")
    reply = await doors.http.post("/host/session.list", {}, host)
    assert reply.status == 200, reply.text
    assert isinstance(reply.body["sessions"], list)


# --- S9 --------------------------------------------------------------------------------


def test_s9_the_media_bucket(doors: Doors) -> None:
    """S9: versioned, encrypted, closed to the public, no foreign origins."""
    s3 = doors.aws("s3")
    bucket = doors.output("MediaBucketName")
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] in ("AES256", "aws:kms")
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    with pytest.raises(s3.exceptions.ClientError):
        s3.get_bucket_cors(Bucket=bucket)


def post_form(doors: Doors, form: dict[str, Any], content: bytes, **changed: str) -> int:
    """Send an upload form as a browser does; the status of the answer."""
    fields = {**form["fields"], **changed, "file": ("picture.png", content, "image/png")}
    return doors.http.raw(form["url"], "POST", fields).status


async def test_s9_an_upload_has_exactly_the_promised_type_and_size(doors: Doors) -> None:
    """S9: the presigned form takes the object it was made for and nothing else."""
    content = b"\x89PNG\r\n\x1a\n" + uuid.uuid4().bytes + b"p" * 500

    def upload(body: bytes, **changed: str) -> int:
        form = doors.admin(
            "media.upload",
            name="p.png",
            content_type="image/png",
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        return post_form(doors, form, body, **changed)

    s3, bucket = doors.aws("s3"), doors.output("MediaBucketName")
    before = keys_of(s3, bucket)
    for wrong in (content + b"p", content[:-1], b""):
        assert await asyncio.to_thread(upload, wrong) >= 400
    other_type = {"Content-Type": "text/html"}
    assert await asyncio.to_thread(lambda: upload(content, **other_type)) >= 400
    assert keys_of(s3, bucket) == before
    assert await asyncio.to_thread(upload, content) in (200, 201, 204)
    (new,) = keys_of(s3, bucket) - before
    found = s3.get_object(Bucket=bucket, Key=new)
    assert (found["ContentType"], found["Body"].read()) == ("image/png", content)


def keys_of(s3: Any, bucket: str) -> set[str]:
    """The keys of a small bucket."""
    return {item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}
