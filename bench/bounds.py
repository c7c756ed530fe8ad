"""How much each step may take at most: what the tests hold, and what the table shows beside.

Billed units have their bounds in `quizkit.core.costs.STEPS`; here are the figures that
nobody bills but players feel. A bound that has become too high is to be lowered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: Network round trips, posts to sockets left out. A player's step: for one player.
TRIPS: Final[Mapping[str, float]] = {
    # The PIN is looked up once a second, not for each.
    "join": 3.5,
    "connect": 1,
    # And once a second somebody sees to the lobby's news.
    "arrive": 2.5,
    "answer": 1,
    "leave": 1,
    "session": 5,
    "lobby": 22,
    "lobby_hosts": 16,
    "ask": 23,
    # The answer that has to read the session reads it once more if that one was stale.
    "lease": 3,
    "count": 6,
    "close": 4,
    "settle": 69,
    "finish": 70,
}
#: Commands to the cache; whatever the number of players, up to 1,000 a command.
REDIS: Final[Mapping[str, int]] = {"answer": 0, "settle": 10, "finish": 10}
#: Frames that a player gets for one question, beside the acknowledgement.
FRAMES: Final[Mapping[str, int]] = {"new_question": 1, "question_closed": 1, "leaderboard": 1}
#: Bytes of such a frame, for the bench's question (four options of a word, an explanation
#: of a sentence) and nicknames of 12 letters.
BYTES: Final[Mapping[str, int]] = {
    "new_question": 400,
    "question_closed": 320,
    "leaderboard": 1_000,
    "answer_accepted": 130,
}
#: Read units for each answer, where so many come within one lease to one environment.
READS_PER_ANSWER: Final = 0.01
ANSWERS_A_LEASE: Final = 200
#: A 1,000-player, 10-question game in US$: what is aimed at, and what it comes to at most.
DOLLARS_AIM: Final = 0.05
DOLLARS: Final = 0.083
