"""What every command gets: flags, the target, and clients made on first use.

A command asks for what it needs and pays for nothing else: `quiz validate` never looks for
a platform, `--help` never imports boto3. The target is announced when it is first asked for,
before anything happens on it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from quizkit.cli.render import Output, clean
from quizkit.sdk.errors import InvalidInput, Misuse, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    import typer

    from quizkit.cli.people import People
    from quizkit.sdk.accounts import Stage
    from quizkit.sdk.admin import Admin
    from quizkit.sdk.player import PlayerApi
    from quizkit.sdk.project import Project
    from quizkit.sdk.target import Target


@dataclass(frozen=True, slots=True)
class Flags:
    """The options that say where; None where not given."""

    target: str | None = None
    stage: str | None = None
    profile: str | None = None
    region: str | None = None
    acting: str | None = None


@dataclass
class Cli:
    """One run of the command line.

    Attributes:
        out: where words go.
        flags: where to work.
        debug: show tracebacks.
        given: the stage on AWS whose outputs a file names, for signing in to it.
    """

    out: Output
    flags: Flags = field(default_factory=Flags)
    debug: bool = False
    given: Stage | None = None

    @staticmethod
    def of(context: typer.Context) -> Cli:
        """The run that a command belongs to."""
        cli = context.obj
        assert isinstance(cli, Cli), "commands run below quizkit.cli.main"
        return cli

    @cached_property
    def project(self) -> Project:
        """The nearest `quizkit.toml`."""
        from quizkit.sdk.project import load_project

        return load_project(Path.cwd())

    @property
    def names(self) -> tuple[str, str]:
        """The target and the stage that are asked for, as they stand; neither need be."""
        from quizkit.sdk.project import named

        flags = self.flags
        return named(
            target=flags.target, stage=flags.stage, environ=os.environ, project=self.project
        )

    @cached_property
    def target(self) -> Target:
        """The chosen target; announced."""
        target = self._choose(self.flags.target)
        self.announce(target)
        return target

    def settle_on_local(self) -> Target:
        """The local target, whatever the project file says; for commands that are local only.

        Raises:
            Misuse: another target is asked for on the command line.
        """
        if self.flags.target not in (None, "local"):
            raise Misuse(
                f"This command runs on the local platform, not on {self.flags.target}.",
                hint="leave --target out",
            )
        target = self._choose("local")
        if "target" not in self.__dict__:
            self.announce(target)
        self.__dict__["target"] = target
        return target

    def pass_over_project(self) -> InvalidInput | None:
        """Read the project file, and go on as without one where it is wrong; gives what is."""
        from quizkit.sdk.project import Project

        try:
            _ = self.project
        except InvalidInput as exc:
            self.__dict__["project"] = Project()
            return exc
        return None

    def settle_on(self, local_endpoint: str | None) -> Target:
        """The chosen target, of a local platform that is known already; not announced."""
        target = self._choose(self.flags.target, lambda: local_endpoint)
        self.__dict__["target"] = target
        return target

    def refresh_target(self) -> Target:
        """The target anew, once the local platform has been started."""
        target = self._choose(self.target.name)
        for name in ("outputs", "admin", "board", "people"):
            self.__dict__.pop(name, None)
        self.__dict__["target"] = target
        return target

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The deployed stack's outputs.

        Raises:
            NotFound: the stage is not deployed.
            Unreachable: the local platform has moved to other ports since.
        """
        from quizkit.sdk.deploy import outputs

        found = outputs(self.target)
        if self.target.is_local:
            from quizkit.local import platform
            from quizkit.local.status import MOVED

            if platform.status().moved:
                raise Unreachable(MOVED, hint=f"run: {self.command('deploy')}")
        return found

    @cached_property
    def people(self) -> People:
        """Who is signed in."""
        from quizkit.cli.people import People

        return People(self)

    @cached_property
    def admin(self) -> Admin:
        """The stage's administrator, or the host who is signed in; see `people.People.host`."""
        from quizkit.sdk.admin import Admin

        host = self.people.host()
        if host is None:
            return Admin(self.target, self.outputs)
        if not self.out.as_json:
            self.out.note(f"as host: {clean(host.tokens.username)}", style="dim")
        return Admin(self.target, {"HttpApiUrl": host.stage.http_url}, bearer=host.bearer)

    @cached_property
    def board(self) -> PlayerApi:
        """The stage's open HTTP doors."""
        from quizkit.sdk.player import PlayerApi

        return PlayerApi(self.admin.http_url)

    def command(self, rest: str) -> str:
        """A command of ours that works on the same target, for people to type."""
        parts = ["quizkit"]
        flags = self.flags
        for name in ("target", "stage", "profile", "region"):
            value = getattr(flags, name)
            if value is not None:
                parts.append(f"--{name} {value}")
        if flags.acting is not None:
            parts.append(f"--as {flags.acting}")
        return " ".join([*parts, rest])

    def announce(self, target: Target) -> None:
        """Say where this works."""
        self.announce_place(target.name, target.stage, None if target.is_local else target.region)

    def announce_place(self, name: str, stage: str, region: str | None = None) -> None:
        """Say where this works, as far as that is known."""
        if self.out.as_json:
            return
        place = [f"target: {name}", *([region] if region else []), f"stage {stage}"]
        self.out.note(" · ".join(place), style="dim")

    def _choose(
        self, name: str | None, local_endpoint: Callable[[], str | None] | None = None
    ) -> Target:
        from quizkit.sdk.project import choose

        return choose(
            target=name,
            stage=self.flags.stage,
            profile=self.flags.profile,
            region=self.flags.region,
            environ=os.environ,
            project=self.project,
            local_endpoint=local_endpoint or _local_endpoint,
            known_region=self._known_region,
        )

    def _known_region(self, stage: str) -> str | None:
        """The region of a stage on AWS that somebody signed in to, or that a file names."""
        from quizkit.sdk.accounts import stages

        known = self.given if self.given is not None else stages.recall("aws", stage)
        return known.region if known is not None else None


def _local_endpoint() -> str | None:
    """The running local platform's URL; None where it is down.

    Redis is not asked for: losing it costs the platform speed, not its work.

    Raises:
        Unreachable: one of the parts that nothing works without is missing.
    """
    from quizkit.local import platform

    status = platform.status()
    gateway, handlers = status.component("gateway"), status.component("handlers")
    if gateway.up and not handlers.up:
        raise Unreachable(
            f"The local platform's {handlers.title} does not run.", hint="run: quizkit local start"
        )
    return status.gateway_url if gateway.up else None
