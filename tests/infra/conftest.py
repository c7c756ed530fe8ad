"""Synthesis is slow: one Node process a session, and each set of settings once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quizkit.infra import node
from quizkit.infra.settings import Settings
from tests.infra.synthesis import Template

Synthesise = Callable[[Settings], Template]


@pytest.fixture(scope="session")
def synthesise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synthesise]:
    """The template for given settings."""
    known: dict[Settings, Template] = {}

    def template(settings: Settings) -> Template:
        from quizkit.infra import app

        if settings not in known:
            out: Path = tmp_path_factory.mktemp(settings.stage)
            app.synthesise(settings, out)
            known[settings] = Template.read(out)
        return known[settings]

    with pytest.MonkeyPatch.context() as patch:
        environ = dict(os.environ)
        node.use_wheel(environ)
        patch.setenv(node.VARIABLE, environ.get(node.VARIABLE, "node"))
        yield template


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
