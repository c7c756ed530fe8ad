"""The leaderboard in Redis: one sorted set a session, absolute totals only.

The set is ordered by Redis alone: the score is the negative number of points, and the
member begins with the time and the moment of joining in fixed width, so that equal
scores sort by less time, then earlier join. A member ends in the nickname, so one range
read gives finished lines. The cost is that a moved line is another member: who moves it
must know the old one, and does (`Standing`).

Redis is a copy. Each write replaces the whole set under a new key and renames it, so a
half-written board is never read, and the set says which edition of the standings it is
(`Session.edition`), so a board restored from an older snapshot is not served.
Nothing here waits: short time-outs, no retries; away means None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final
from uuid import uuid4

from redis.exceptions import RedisError

from quizkit.core.scoring import Standing

_EXPIRE_SECONDS: Final = 3 * 24 * 3_600
#: A board whose writing was cut short is gone after this time.
_FRESH_SECONDS: Final = 300
_CHUNK: Final = 1_000


class RedisBoard:
    """`ports.Board` on a Redis or Valkey server.

    Args:
        connect: gives the client, connected lazily; called once.
    """

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._client: Any = None

    def _redis(self) -> Any:
        if self._client is None:
            self._client = self._connect()
        return self._client

    def write(
        self,
        session_id: str,
        edition: int,
        as_of: int,
        standings: Iterable[Standing],
        *,
        seconds: int | None = None,
    ) -> bool:
        board, meta, _ = _keys(session_id)
        fresh = f"{board}:{uuid4().hex}"
        lines = iter(standings)
        try:
            redis = self._redis()
            total = 0
            for chunk in _chunks(lines):
                total += redis.zadd(fresh, {_member(line): -line.score for line in chunk})
                redis.expire(fresh, _FRESH_SECONDS)
            pipe = redis.pipeline(transaction=True)
            if total:
                pipe.rename(fresh, board)
                pipe.expire(board, _EXPIRE_SECONDS)
            else:
                pipe.delete(board)
            pipe.hset(meta, mapping={"edition": edition, "as_of": as_of})
            pipe.expire(meta, seconds or _EXPIRE_SECONDS)
            pipe.execute()
        except RedisError:
            return False
        return True

    def move(self, session_id: str, before: Standing, after: Standing, as_of: int) -> None:
        board, _, moved = _keys(session_id)
        try:
            pipe = self._redis().pipeline(transaction=True)
            pipe.zrem(board, _member(before))
            pipe.zadd(board, {_member(after): -after.score})
            pipe.expire(board, _EXPIRE_SECONDS)
            # Under a key of its own: it must not bring an expired `meta` back.
            pipe.set(moved, as_of, ex=_EXPIRE_SECONDS)
            pipe.execute()
        except RedisError:
            return  # the board expires soon and is rebuilt from the answers then

    def top(
        self, session_id: str, edition: int, count: int
    ) -> tuple[int, int, list[Standing]] | None:
        board, meta, moved = _keys(session_id)
        try:
            pipe = self._redis().pipeline(transaction=True)
            pipe.hgetall(meta)
            pipe.get(moved)
            pipe.zcard(board)
            pipe.zrange(board, 0, count - 1, withscores=True)
            facts, moved_at, total, members = pipe.execute()
        except RedisError:
            return None
        if facts.get("edition") != str(edition) or (edition and not total):
            return None
        lines = [_standing(rank, *entry) for rank, entry in enumerate(members, start=1)]
        return max(int(facts["as_of"]), int(moved_at or 0)), int(total), lines


def _keys(session_id: str) -> tuple[str, str, str]:
    """The board, what is known of it (for as long as it may be served), its last move."""
    # One hash tag, so that the keys of a session share a slot in cluster mode.
    board = f"board:{{{session_id}}}"
    return board, f"{board}:meta", f"{board}:moved"


def _member(line: Standing) -> str:
    head = f"{line.time:012d}:{line.joined_at:013d}:{line.participant_id}"
    return f"{head}:{line.answered}:{line.nickname}"


def _standing(rank: int, member: str, score: float) -> Standing:
    time, joined_at, participant_id, answered, nickname = member.split(":", 4)
    return Standing(
        rank=rank,
        participant_id=participant_id,
        nickname=nickname,
        score=-int(score),
        time=int(time),
        joined_at=int(joined_at),
        answered=int(answered),
    )


def _chunks(lines: Iterator[Standing]) -> Iterator[list[Standing]]:
    while chunk := list(islice(lines, _CHUNK)):
        yield chunk
