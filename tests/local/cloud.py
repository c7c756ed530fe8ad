"""A small way to make things in a running MiniStack: clients that get closed, functions, APIs."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from pathlib import Path
from typing import Any

import boto3

from quizkit.local.differences import localise
from quizkit.local.hosting.ministack import session_of
from quizkit.local.status import Status

SAMPLES = Path(__file__).parent / "sample"
ROLE = "arn:aws:iam::000000000000:role/anything"


class Cloud:
    """MiniStack of a running platform, seen with boto3."""

    def __init__(self, status: Status) -> None:
        self.status = status
        self._session = session_of(status.boto_settings())
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """The boto3 client of a service."""
        if service not in self._clients:
            endpoint = self.status.boto_settings().endpoint_url
            # The service's name is no literal here, so there is no overload to pick.
            make: Any = self._session.client
            self._clients[service] = make(service, endpoint_url=endpoint)
        return self._clients[service]

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            client.close()

    def native_function(self, code: str, *, variables: dict[str, str] | None = None) -> str:
        """Create a function that MiniStack's own runner runs; its name."""
        return self._create("python3.13", "index.handler", {"index.py": code}, variables or {})

    def hosted_function(self, *, variables: dict[str, str] | None = None, role: str = ROLE) -> str:
        """Create a sample function that the handler host runs; its name."""
        proxy = {"MINISTACK_LAMBDA_PROXY_URL": self.status.handlers_url}
        return self._create(
            "provided.al2023",
            "sample_functions.handler",
            {"bootstrap": "#!/bin/sh\n"},
            {**(variables or {}), **proxy},
            role,
        )

    def role(self, name: str, action: str) -> str:
        """Create a role for functions that may do `action` anywhere; its ARN."""
        may = {"Effect": "Allow", "Action": action, "Resource": "*"}
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        roles = self.client("iam")
        made = roles.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))
        roles.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=_policy(may))
        return str(made["Role"]["Arn"])

    def as_role(self, arn: str) -> boto3.Session:
        """A session with the role's credentials."""
        given = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        return boto3.Session(
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
            region_name=self.status.boto_settings().region,
        )

    def invoke(self, name: str, event: Any) -> tuple[Any, str | None]:
        """Invoke a function: its result, and the kind of its failure if it failed."""
        answer = self.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
        body = answer["Payload"].read()
        return json.loads(body or b"null"), answer.get("FunctionError")

    def socket_api(self, function: str) -> str:
        """Create a WebSocket API before a function, by a localised template; its URL."""
        arn = self.client("lambda").get_function(FunctionName=function)
        return self.stack_output(socket_template(arn["Configuration"]["FunctionArn"]), "Url")

    def stack_output(self, template: dict[str, Any], output: str) -> str:
        """Create a stack from the localised template and give one of its outputs."""
        local = localise(template, self.status.gateway_url, None)
        name = f"test-{uuid.uuid4().hex[:8]}"
        stacks = self.client("cloudformation")
        stacks.create_stack(StackName=name, TemplateBody=json.dumps(local))
        stacks.get_waiter("stack_create_complete").wait(
            StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
        outputs = stacks.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
        return next(str(one["OutputValue"]) for one in outputs if one["OutputKey"] == output)

    def _create(
        self,
        runtime: str,
        handler: str,
        files: dict[str, str],
        variables: dict[str, str],
        role: str = ROLE,
    ) -> str:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for path, text in files.items():
                archive.writestr(path, text)
        name = f"test-{uuid.uuid4().hex[:8]}"
        self.client("lambda").create_function(
            FunctionName=name,
            Runtime=runtime,
            Handler=handler,
            Role=role,
            Timeout=20,
            MemorySize=256,
            Code={"ZipFile": buffer.getvalue()},
            Environment={"Variables": variables},
        )
        return name


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def socket_template(function_arn: str) -> dict[str, Any]:
    """A WebSocket API whose every route is the function; URL forms as in the real stack."""
    uri = (
        f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function_arn}/invocations"
    )
    route = {"ApiId": {"Ref": "Api"}, "Target": {"Fn::Sub": "integrations/${Integration}"}}
    host = "${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/dev"
    return {
        "Resources": {
            "Api": {
                "Type": "AWS::ApiGatewayV2::Api",
                "Properties": {
                    "Name": "test",
                    "ProtocolType": "WEBSOCKET",
                    "RouteSelectionExpression": "$request.body.action",
                },
            },
            "Integration": {
                "Type": "AWS::ApiGatewayV2::Integration",
                "Properties": {
                    "ApiId": {"Ref": "Api"},
                    "IntegrationType": "AWS_PROXY",
                    "IntegrationUri": uri,
                },
            },
            "Connect": {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {**route, "RouteKey": "$connect"},
            },
            "Default": {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {**route, "RouteKey": "$default"},
            },
            "Stage": {
                "Type": "AWS::ApiGatewayV2::Stage",
                "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "dev", "AutoDeploy": True},
            },
        },
        "Outputs": {
            "Url": {"Value": {"Fn::Sub": f"wss://{host}"}},
            "Callback": {"Value": {"Fn::Sub": f"https://{host}"}},
        },
    }
