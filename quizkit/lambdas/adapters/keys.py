"""How rows are named, and how long they are kept.

Everything of a session that a fold or a broadcast walks through is spread over the
session's shards: `pk = <session>#<shard>`. A participant's shard stands in the first two
digits of the participant id, so no look-up is needed to find a row. Ids of sessions and
participants are random; they hold no `#`.

    sessions      <session>  state | question#000 | standings#00 | tally#q1 | claim#winners
                  pin#<pin>  pin
                  sessions, live   <created_at>#<session>
    participants  <session>#<shard>  <participant>;  <session>#host  <host>
                  <session>#name  <folded nickname>;  <session>#banned  <user>
    answers       <session>#<shard>  <question>#<participant>
    questions     <quiz>  head | version#000001 | source#000001
                  <quiz>  q#000 of version 1, v000002#q#000 of version 2, and so on
                  quizzes  <created_at>#<quiz>;  names#<owner>  name#<name>
    keys          <quiz>  q#000, v000002#q#000;  <session>  salt
    tickets       <sha256>  ticket
                  miss#<sha256 of window and source>, miss#<window>#<counter>  misses
                  seats#<session>  seats
"""

from __future__ import annotations

from typing import Final

from quizkit.core.session import Session

#: Finished sessions stay readable this long after they were created.
KEEP_SECONDS: Final = 400 * 24 * 3_600


def partition(session_id: str, shard: int) -> str:
    """The partition key of one shard of a session."""
    return f"{session_id}#{shard:02x}"


def partitions(session: Session) -> list[str]:
    """The partition keys of all shards of a session."""
    return [partition(session.session_id, shard) for shard in range(session.shards)]
