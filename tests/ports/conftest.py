"""Each port twice: its fake, and its adapter on the real thing."""

from __future__ import annotations

import pytest

from quizkit.lambdas.adapters.quizzes import DynamoQuestions
from quizkit.lambdas.adapters.sessions import DynamoSessions
from quizkit.lambdas.adapters.stores import (
    DynamoAnswers,
    DynamoMisses,
    DynamoParticipants,
    DynamoSeatCounts,
    DynamoTickets,
)
from quizkit.lambdas.ports import (
    Answers,
    Misses,
    Participants,
    Questions,
    SeatCounts,
    Sessions,
    Tickets,
)
from tests.fakes.cloud import cloud
from tests.fakes.sessions import FakeSessions
from tests.fakes.stores import (
    FakeAnswers,
    FakeMisses,
    FakeParticipants,
    FakeQuestions,
    FakeSeatCounts,
    FakeTickets,
)

both = pytest.fixture(params=["fake", "dynamodb"])


@both
def sessions(request: pytest.FixtureRequest) -> Sessions:
    """An empty store of sessions."""
    return FakeSessions() if request.param == "fake" else DynamoSessions(cloud().store())


@both
def participants(request: pytest.FixtureRequest) -> Participants:
    """An empty store of participants."""
    return FakeParticipants() if request.param == "fake" else DynamoParticipants(cloud().store())


@both
def answers(request: pytest.FixtureRequest) -> Answers:
    """An empty store of answers."""
    return FakeAnswers() if request.param == "fake" else DynamoAnswers(cloud().store())


@both
def tickets(request: pytest.FixtureRequest) -> Tickets:
    """An empty store of tickets."""
    return FakeTickets() if request.param == "fake" else DynamoTickets(cloud().store())


@both
def misses(request: pytest.FixtureRequest) -> Misses:
    """An empty store of wrong guesses."""
    return FakeMisses() if request.param == "fake" else DynamoMisses(cloud().store())


@both
def seat_counts(request: pytest.FixtureRequest) -> SeatCounts:
    """No seat is taken anywhere."""
    return FakeSeatCounts() if request.param == "fake" else DynamoSeatCounts(cloud().store())


@both
def questions(request: pytest.FixtureRequest) -> Questions:
    """An empty store of quizzes."""
    if request.param == "fake":
        return FakeQuestions()
    return DynamoQuestions(cloud().store(), cloud().store(), cloud().store())
