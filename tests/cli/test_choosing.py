"""Which session is meant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from quizkit.cli.choosing import the_pin, the_session, the_session_id
from quizkit.cli.context import Cli
from quizkit.cli.render import Output
from quizkit.sdk.errors import Misuse, NotFound


@dataclass
class FakeAdmin:
    """An administrator of some sessions; `asked` lists what it was asked for by name."""

    sessions: list[dict[str, Any]]
    asked: list[str] = field(default_factory=list)

    def list_sessions(self, *, live: bool = False) -> list[dict[str, Any]]:
        """The sessions, or the live ones."""
        return [item for item in self.sessions if not live or item["state"] != "finished"]

    def get_session(self, name: str) -> dict[str, Any]:
        """A session by id or PIN."""
        self.asked.append(name)
        names = ("session_id", "pin")
        found = [item for item in self.sessions if name in [item[key] for key in names]]
        if not found:
            raise NotFound("no session", code="session_not_found")
        return found[0]


def session(name: str, state: str = "open", finished_at: int | None = None) -> dict[str, Any]:
    """A session whose PIN is its name doubled."""
    return {
        "session_id": name,
        "pin": name * 2,
        "title": f"Quiz {name}",
        "state": state,
        "created_at": 1,
        "finished_at": finished_at,
    }


def cli_of(*sessions: dict[str, Any]) -> tuple[Cli, FakeAdmin]:
    """A command line on a stage with these sessions."""
    cli, admin = Cli(Output()), FakeAdmin(list(sessions))
    cli.__dict__["admin"] = cast(Any, admin)
    return cli, admin


def test_the_one_live_session_needs_no_name() -> None:
    """Finished sessions do not count."""
    cli, _ = cli_of(session("111"), session("222", "finished"))
    assert the_session(cli, None)["session_id"] == "111"
    assert the_session_id(cli, None) == "111"
    assert the_pin(cli) == "111111"


def test_several_live_sessions_have_to_be_named() -> None:
    """The error lists them with their PINs."""
    cli, _ = cli_of(session("111"), session("222"))
    with pytest.raises(Misuse, match=r"111111 \(Quiz 111\), 222222 \(Quiz 222\)"):
        the_session_id(cli, None)


def test_where_none_is_live_the_last_one_is_named() -> None:
    """The hint says how to start one, and which one finished last."""
    cli, _ = cli_of(session("111", "finished", 5), session("222", "finished", 9))
    with pytest.raises(NotFound) as caught:
        the_pin(cli)
    assert "session start" in str(caught.value.hint)
    assert "222" in str(caught.value.hint)
    with pytest.raises(NotFound) as caught:
        the_pin(cli_of()[0])
    assert "last one" not in str(caught.value.hint)


def test_an_id_is_taken_as_it_is() -> None:
    """Only a PIN has to be looked up."""
    cli, admin = cli_of(session("111"))
    assert the_session_id(cli, "abc") == "abc"
    assert admin.asked == []
    assert the_session_id(cli, "111111") == "111"
    assert admin.asked == ["111111"]
