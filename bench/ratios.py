"""CPU and time as ratios, each to a baseline that is measured in the same run.

Both sides of a ratio talk to the same server in another process, so only their own CPU time
counts; rounds alternate, and the best round of each side is taken, since everything that a
busy machine does to a round makes it longer. No figure here is a test.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import boto3

from bench.counts import quiet
from bench.seeding import Seeding
from bench.sink import sink
from bench.stage import KEY, REGION, Stage
from quizkit.core.scoring import ClosedQuestion
from quizkit.infra import bundle
from quizkit.infra.function_table import FUNCTIONS, FunctionSpec
from quizkit.lambdas.wiring import Wiring

_ROUNDS: Final = 5
_ANSWERS: Final = 200
_POSTS: Final = 600
#: Of the calls in the closing's baseline so many are made, the rest is multiplied.
_SAMPLE: Final = 1_000
#: What the runtime on AWS brings along.
_RUNTIME: Final = ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six")


#: Is told how the bench gets on.
Teller = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ratio:
    """Something of ours beside its baseline, both in milliseconds."""

    ours: float
    baseline: float

    @property
    def times(self) -> float:
        """How many times the baseline."""
        return self.ours / self.baseline


def _best(ours: Callable[[], float], baseline: Callable[[], float]) -> Ratio:
    rounds = [(ours(), baseline()) for _ in range(_ROUNDS)]
    return Ratio(min(first for first, _ in rounds), min(second for _, second in rounds))


def _cpu_ms(act: Callable[[int], object], times: int) -> float:
    begun = time.process_time()
    for number in range(times):
        act(number)
    return (time.process_time() - begun) * 1_000 / times


def answer(stage: Stage) -> Ratio:
    """CPU per answer: the whole function, against `put_item` of the same row.

    Args:
        stage: one that is not counted; its functions talk to the emulator.
    """
    with quiet():
        session = stage.session(stage.quiz(1, 600))
        players = stage.enter(session, 1)
        _open_quietly(stage, session["session_id"])
        client = stage.client("dynamodb")
        table = stage.made["ANSWERS_TABLE"]
        numbers = iter(range(1_000_000))

        def ours(_: int) -> None:
            # The same player under ever new ids: every answer is stored.
            number = next(numbers)
            players[0].identity["participant_id"] = f"00{number:016x}"
            players[0].connection_id = f"socket{number}"
            said = stage.answer(players[0], "q1", "b")
            if said["action"] != "answer_accepted":
                raise RuntimeError(f"the answer was refused: {said}")

        def baseline(_: int) -> None:
            item = {
                "pk": {"S": f"{session['session_id']}#01"},
                "sk": {"S": f"q1#01{next(numbers):016x}"},
                "answer": {"L": [{"S": "b"}]},
                "received_at": {"N": "1800000000000"},
                "expires_at": {"N": "1800000000"},
            }
            client.put_item(
                TableName=table,
                Item=item,
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )

        for act in (ours, baseline):
            act(0)
        found = _best(lambda: _cpu_ms(ours, _ANSWERS), lambda: _cpu_ms(baseline, _ANSWERS))
        client.close()
    return found


def _open_quietly(stage: Stage, session_id: str) -> None:
    """Open the first question by hand, where functions cannot call one another."""
    from quizkit.core.session import Command, Move, Plan, step

    session = stage.wiring.sessions.load(session_id)
    assert session is not None
    plan = Plan("q1", "choice", 4, 1_000, 600)
    opened, _ = step(session, Move(Command.START, session.created_at - 1_000, plan))
    stage.wiring.sessions.save(opened, was=session.version, events=1, effects=True)


@contextmanager
def _one_core() -> Iterator[None]:
    """On one core, where the system can do that: no function of ours has more.

    On two idle ones threads wait for one another's lock busily, three times the CPU in all.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def post() -> Ratio:
    """CPU per broadcast post: our sender against `post_to_connection`, to the same sink."""
    frame = b'{"action":"new_question","text":"' + b"x" * 350 + b'"}'
    frames = [(f"connection{number}=", [frame]) for number in range(_POSTS)]
    with sink() as url:
        environ = {
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": KEY,
            "CALLBACK_URL": f"{url}/bench",
        }
        sockets = Wiring(environ).sockets
        session: Any = boto3.session.Session()
        client = session.client(
            "apigatewaymanagementapi",
            region_name=REGION,
            endpoint_url=f"{url}/bench",
            aws_access_key_id=KEY,
            aws_secret_access_key=KEY,
        )

        def baseline(_: int) -> None:
            for connection_id, bodies in frames:
                client.post_to_connection(ConnectionId=connection_id, Data=bodies[0])

        def ours(_: int) -> None:
            sockets.post(frames)

        with _one_core():
            found = _best(lambda: _cpu_ms(ours, 1), lambda: _cpu_ms(baseline, 1))
        client.close()
    return Ratio(found.ours / _POSTS, found.baseline / _POSTS)


def imports(scratch: Path, rounds: int = 5) -> dict[str, Ratio]:
    """CPU of importing and building each function, against `import boto3, redis`.

    As on a fresh machine of AWS: the bundle carries no bytecode and none is kept, while the
    runtime's own packages have theirs.

    Args:
        scratch: an empty directory.
        rounds: how often each is done; the median is taken.
    """
    staged, runtime = scratch / "task", scratch / "runtime"
    with zipfile.ZipFile(bundle.build(scratch / "bundle").path) as archive:
        archive.extractall(staged)
    runtime.mkdir()
    for package in _RUNTIME:
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (runtime / source.name).symlink_to(source)

    def cost(statement: str) -> float:
        code = (
            f"import sys, time; sys.path += [{str(staged)!r}, {str(runtime)!r}]\n"
            f"begun = time.process_time()\n{statement}\n"
            "print((time.process_time() - begun) * 1000)"
        )
        run = subprocess.run(
            [sys.executable, "-I", "-S", "-B", "-c", code],
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=True,
        )
        return float(run.stdout)

    def typical(statement: str) -> float:
        return statistics.median(cost(statement) for _ in range(rounds))

    baseline = typical("import boto3, redis")
    return {spec.name: Ratio(typical(_building(spec)), baseline) for spec in FUNCTIONS}


def _building(spec: FunctionSpec) -> str:
    """What a function does before its first event, as a program."""
    values = dict.fromkeys(("STAGE", *spec.env), "1")
    values |= {name: "https://x.example/dev" for name in values if name.endswith("_URL")}
    values |= {"AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": KEY}
    module = spec.handler.rpartition(".")[0]
    return f"import {module} as module; module.build({values!r})"


def closing(stage: Stage, answers: int) -> Ratio:
    """Time of folding and storing a question's answers, against one update for each player."""
    stored = stage.load(stage.session(stage.quiz(1, 20)))
    seeding = Seeding(stage)
    people = seeding.players(stored, answers, hosts=0)
    seeding.answers(stored, people, "q1", stored.created_at)
    seeding.close()
    question = ClosedQuestion(
        question_id="q1",
        index=0,
        opens_at=stored.created_at,
        closes_at=stored.created_at + 20_000,
        time_limit=20,
        points=1_000,
        correct=("b",),
        options=4,
    )
    client = stage.client("dynamodb")
    table = stage.made["PARTICIPANTS_TABLE"]
    sample = people[: min(_SAMPLE, answers)]
    begun = time.perf_counter()
    stage.wiring.standings().settle(replace(stored, settled=1), question)
    ours = time.perf_counter() - begun
    begun = time.perf_counter()
    for who in sample:
        shard = int(who.participant_id[:2], 16)
        client.update_item(
            TableName=table,
            Key={
                "pk": {"S": f"{stored.session_id}#{shard:02x}"},
                "sk": {"S": who.participant_id},
            },
            UpdateExpression="ADD score :points",
            ExpressionAttributeValues={":points": {"N": "1000"}},
        )
    baseline = (time.perf_counter() - begun) * answers / len(sample)
    client.close()
    return Ratio(ours * 1_000, baseline * 1_000)
