"""Every physical name of a stage, and the ARNs that permissions are scoped to.

Names are explicit so that two stages can never share a resource and so that permissions can
be written before the resources exist: roles refer to names, not to resources, which leaves
the dependency graph free of cycles. The cost: a property whose change needs a replacement
also needs another name. Strings with `${...}` are CloudFormation `Fn::Sub` text.
"""

from __future__ import annotations

from dataclasses import dataclass

PROJECT = "quizkit"
METRICS_NAMESPACE = "QuizPlatform"
EVENT_SOURCE = "quiz.platform"
EVENT_DETAIL_TYPE = "Quiz Control"
TABLES = ("sessions", "questions", "keys", "salts", "participants", "answers", "tickets")
# Where in the media bucket files lie: as they were uploaded, and once they have been checked.
UPLOADS = "uploads"
MEDIA = "media"

_REGIONAL = "${AWS::Region}:${AWS::AccountId}"


def arn(service: str, resource: str) -> str:
    """`Fn::Sub` text of the ARN of a resource in this account and region."""
    return f"arn:${{AWS::Partition}}:{service}:{_REGIONAL}:{resource}"


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one stage."""

    stage: str

    @property
    def stack(self) -> str:
        """Also the prefix of every other name, and the name where only one of a kind exists."""
        return f"{PROJECT}-{self.stage}"

    @property
    def media_bucket(self) -> str:
        """`Fn::Sub` text; account and region because bucket names are shared by everybody."""
        return f"{self.stack}-media-${{AWS::AccountId}}-${{AWS::Region}}"

    @property
    def assets_bucket(self) -> str:
        """The deployer makes this bucket, `cdk deploy` uploads into it; see quizkit.infra.app."""
        return f"{self.stack}-assets-${{AWS::AccountId}}-${{AWS::Region}}"

    @property
    def control_queue(self) -> str:
        """Queue through which everything that moves a session comes."""
        return f"{self.stack}-control"

    @property
    def dead_queue(self) -> str:
        """Queue of what could not be processed."""
        return f"{self.stack}-control-dead"

    @property
    def winners_topic(self) -> str:
        """Topic that announces winners, once a session."""
        return f"quiz-winners-{self.stage}"

    @property
    def operations_topic(self) -> str:
        """Topic that the alarms notify."""
        return f"quiz-operations-{self.stage}"

    @property
    def dashboard(self) -> str:
        """CloudWatch dashboard."""
        return f"quiz-platform-{self.stage}"

    def table(self, table: str) -> str:
        """One of TABLES."""
        return f"{self.stack}-{table}"

    def function(self, function: str) -> str:
        """One of the functions of `function_table`."""
        return f"{self.stack}-{function}"

    def log_group(self, function: str) -> str:
        """Where a function logs."""
        return f"/aws/lambda/{self.function(function)}"

    def api_log_group(self, api: str) -> str:
        """Where an API logs its requests."""
        # This prefix spares the account's log resource policy, which has a size limit.
        return f"/aws/vendedlogs/{self.stack}-{api}"

    @property
    def websocket_url(self) -> str:
        """`Fn::Sub` text of what players connect to."""
        return f"wss://{self._websocket_host}/{self.stage}"

    @property
    def callback_url(self) -> str:
        """`Fn::Sub` text of the endpoint that posts to connections."""
        return f"https://{self._websocket_host}/{self.stage}"

    @property
    def http_url(self) -> str:
        """`Fn::Sub` text of the HTTP API's base, without a trailing slash."""
        return "https://${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}"

    @property
    def _websocket_host(self) -> str:
        return "${WebSocketApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}"

    def resources(self) -> dict[str, tuple[str, ...]]:
        """`Fn::Sub` ARNs by the keys that `function_table` grants on.

        Those with a `*` have a reason in `function_table.WILDCARDS`.
        """
        functions = ("control", "broadcast", "board")
        bucket = f"arn:${{AWS::Partition}}:s3:::{self.media_bucket}"
        sockets = f"${{WebSocketApi}}/{self.stage}"
        return {
            **{t: (arn("dynamodb", f"table/{self.table(t)}"),) for t in TABLES},
            "answers-stream": ("${TablesAnswers.StreamArn}",),
            "control-queue": (arn("sqs", self.control_queue),),
            "dead-queue": (arn("sqs", self.dead_queue),),
            "winners": (arn("sns", self.winners_topic),),
            "uploads": (f"{bucket}/{UPLOADS}/*",),
            "media": (f"{bucket}/{MEDIA}/*",),
            "schedules": (arn("scheduler", f"schedule/{self.stack}/*"),),
            "any-group": ("*",),
            "schedule-role": ("${EventsScheduleRole.Arn}",),
            "sockets-send": (arn("execute-api", f"{sockets}/POST/@connections/*"),),
            "sockets-close": (arn("execute-api", f"{sockets}/DELETE/@connections/*"),),
            "cache": (
                arn("elasticache", f"replicationgroup:{self.stack}"),
                arn("elasticache", f"user:{self.stack}"),
            ),
            **{
                f"function-{f}": (arn("lambda", f"function:{self.function(f)}"),) for f in functions
            },
        }
