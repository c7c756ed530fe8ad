"""Sessions with many players, stored in batches: as if they had joined and answered.

The adapters make the rows, so they are the functions' own; only the table under them
collects what they put, and writes it 25 rows at a time.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from typing import Final

from bench.stage import Stage
from quizkit.core.scoring import AnswerRow
from quizkit.core.session import Session
from quizkit.lambdas.adapters.dynamo import Item, Table
from quizkit.lambdas.adapters.json_api import JsonApi
from quizkit.lambdas.adapters.stores import DynamoAnswers, DynamoParticipants
from quizkit.lambdas.ids import digest, host_id, participant_id
from quizkit.lambdas.ports import Participant

#: Four options; three in four take the right one.
_TAKEN: Final = ("b", "b", "b", "c")


class Collected(Table):
    """A table that keeps what is put, for one `flush`."""

    def __init__(self, api: JsonApi, name: str) -> None:
        super().__init__(api, name)
        self._items: list[Item] = []

    def put(self, item: Item, *, if_absent: bool = False) -> None:
        """Keep an item."""
        self._items.append(item)

    def put_all(self, items: Sequence[Item], *, absent: Sequence[bool]) -> None:
        """Keep several."""
        self._items += items

    def flush(self) -> None:
        """Write what was kept."""
        self.write(self._items)
        self._items = []


class Seeding:
    """Puts players and answers into a stage's tables."""

    def __init__(self, stage: Stage) -> None:
        self._api = stage.tables()
        self._tables = stage.made
        self._rng = random.Random(1)

    def close(self) -> None:
        """Close the connections."""
        self._api.connections.close()

    def players(
        self, session: Session, count: int, *, hosts: int = 1, connected: bool = True
    ) -> list[Participant]:
        """Store players, with sockets or without, and hosts beside them."""
        table = Collected(self._api, self._tables["PARTICIPANTS_TABLE"])
        store = DynamoParticipants(table)
        made = [
            Participant(
                session_id=session.session_id,
                participant_id=participant_id(session.shards),
                nickname=f"Player {number:05d}",
                joined_at=session.created_at + number,
                connection_id=uuid.uuid4().hex[:16] if connected else None,
                secret=digest(str(number)),
            )
            for number in range(count)
        ]
        people = made + [
            Participant(
                session_id=session.session_id,
                participant_id=host_id(),
                nickname="host",
                joined_at=session.created_at,
                role="host",
                connection_id=uuid.uuid4().hex[:16],
            )
            for _ in range(hosts)
        ]
        for who in people:
            store.add(who)
        table.flush()
        return made

    def answers(
        self, session: Session, players: Sequence[Participant], question_id: str, opens_at: int
    ) -> None:
        """Store an answer of every player to one question, each within its first second."""
        table = Collected(self._api, self._tables["ANSWERS_TABLE"])
        store = DynamoAnswers(table)
        for who in players:
            at = opens_at + self._rng.randrange(1_000)
            row = AnswerRow(who.participant_id, question_id, (self._rng.choice(_TAKEN),), at)
            store.put(session.session_id, row, patient=True)
        table.flush()
