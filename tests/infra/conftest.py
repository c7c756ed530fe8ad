"""Synthesis is slow: one Node process a session, and each set of settings once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from quizkit.infra import node
from quizkit.infra.settings import Settings
from tests.infra.synthesis import Flavours, Template, every_flavour

# Before any test module is imported: aws_cdk starts its Node when it is.
node.use_wheel(os.environ)

Synthesise = Callable[[Settings], Template]


@pytest.fixture(scope="session")
def synthesise(tmp_path_factory: pytest.TempPathFactory) -> Synthesise:
    """The template for given settings."""
    known: dict[Settings, Template] = {}

    def template(settings: Settings) -> Template:
        from quizkit.infra import app

        if settings not in known:
            out: Path = tmp_path_factory.mktemp(settings.stage)
            app.synthesise(settings, out)
            known[settings] = Template.read(out)
        return known[settings]

    return template


@pytest.fixture(scope="session")
def dev(synthesise: Synthesise) -> Template:
    """A stage with the default settings."""
    return synthesise(Settings(stage="dev"))


@pytest.fixture(scope="session")
def prod(synthesise: Synthesise) -> Template:
    """A protected stage with web origins and an operator."""
    return synthesise(
        Settings(
            stage="prod",
            protected=True,
            origins=("https://quiz.example.org",),
            operations_email="ops@example.org",
            websocket_access_log=True,
        )
    )


@pytest.fixture(scope="session")
def lean(synthesise: Synthesise) -> Template:
    """A stage without cache and without guests."""
    return synthesise(Settings(stage="lean", cache=False, guests=False))


@pytest.fixture(scope="session")
def flavours(tmp_path_factory: pytest.TempPathFactory) -> Flavours:
    """Every flavour of the stack in one assembly, looked at by cdk-nag."""
    return every_flavour(tmp_path_factory.mktemp("flavours"))
