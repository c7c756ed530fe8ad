"""`signup`, `login`, `logout`, `whoami` on a real platform: words, codes, and what is kept."""

from __future__ import annotations

import json
import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import QuizkitCommand
from tests.cli.people import NEW_PASSWORD, PASSWORD, log_in, new_name, nobody, sign_up
from tests.terminal import Terminal


@pytest.fixture(autouse=True)
def nobody_signed_in(quizkit: QuizkitCommand) -> Iterator[None]:
    """Before and after each test."""
    nobody(quizkit.deployed.home)
    yield
    nobody(quizkit.deployed.home)


@pytest.fixture
def ada(quizkit: QuizkitCommand) -> str:
    """A confirmed account."""
    return sign_up(quizkit)


def kept(quizkit: QuizkitCommand) -> list[Path]:
    """The files with sign-ins."""
    return list((quizkit.deployed.home / "state" / "accounts").glob("*"))


# --- without a terminal --------------------------------------------------------------------


def test_from_signing_up_to_signing_out(quizkit: QuizkitCommand) -> None:
    """Each step is one document; the local platform takes the code from its outbox."""
    name = new_name()
    address = f"{name}@example.org"
    made = quizkit.child(
        "--json", "signup", name, "--email", address, "--password-stdin", text=f"{PASSWORD}\n"
    )
    assert json.loads(made.stdout) == {"username": name, "email": address, "confirmed": True}
    assert "sends no mail" in made.stderr
    assert quizkit("whoami", code=4)["error"]["code"] == "not_signed_in"
    entered = quizkit.child("--json", "login", name, "--password-stdin", text=f"{PASSWORD}\n")
    document = json.loads(entered.stdout)
    assert document | {"expires_at": 0} == {
        "username": name,
        "email": address,
        "groups": [],
        "target": "local",
        "stage": "dev",
        "expires_at": 0,
    }
    assert document["expires_at"] > time.time() * 1_000
    assert quizkit("whoami").keys() == document.keys()
    told = quizkit.told("whoami")[0]
    assert name in told
    assert address in told
    assert quizkit("logout") == {"signed_out": True, "username": name}
    assert quizkit("logout") == {"signed_out": False}
    assert "quizkit login" in quizkit("whoami", code=4)["error"]["hint"]


def test_by_address_and_with_the_variable(
    quizkit: QuizkitCommand, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address signs in, too; a machine that tests names the password in QUIZKIT_PASSWORD."""
    monkeypatch.setenv("QUIZKIT_PASSWORD", PASSWORD)
    assert quizkit("login", f"{ada}@example.org")["username"] == ada


def test_a_forgotten_password(quizkit: QuizkitCommand, ada: str) -> None:
    """In two steps: a code is asked for; it and a new password sign in."""
    assert quizkit("login", ada, "--forgot") == {"username": ada, "code_requested": True}
    done = quizkit.child(
        *("--json", "login", ada, "--forgot", "--code", "654321", "--password-stdin"),
        text=f"{NEW_PASSWORD}\n",
    )
    assert json.loads(done.stdout)["username"] == ada
    again = quizkit.child("login", ada, "--password-stdin", text=f"{PASSWORD}\n")
    assert again.returncode == 4
    log_in(quizkit, ada, NEW_PASSWORD)


def test_a_forgotten_password_in_one_step(quizkit: QuizkitCommand, ada: str) -> None:
    """On the local platform the code is in the outbox, so a program need not wait for it."""
    done = quizkit.child(
        *("--json", "login", ada, "--forgot", "--password-stdin"), text=f"{NEW_PASSWORD}\n"
    )
    assert json.loads(done.stdout)["username"] == ada
    log_in(quizkit, ada, NEW_PASSWORD)


def test_a_code_later(quizkit: QuizkitCommand, ada: str) -> None:
    """`--resend` asks for one, `--confirm` brings it."""
    assert quizkit("signup", ada, "--resend") == {"username": ada, "code_requested": True}
    assert quizkit("signup", ada, "--confirm", "123456") == {"username": ada, "confirmed": True}


@pytest.mark.parametrize("everywhere", [(), ("--everywhere",)])
def test_signing_out_is_heard_of(
    quizkit: QuizkitCommand, ada: str, everywhere: tuple[str, ...]
) -> None:
    """A copy of what was kept cannot be refreshed afterwards."""
    log_in(quizkit, ada)
    [file] = kept(quizkit)
    copy = file.read_text()
    time.sleep(1.1)  # the emulator tells sign-ins before signing out by whole seconds
    quizkit("logout", *everywhere)
    assert kept(quizkit) == []
    file.write_text(copy)
    assert quizkit("whoami", code=4)["error"]["code"] == "not_signed_in"
    assert kept(quizkit) == []


@pytest.mark.parametrize(
    "argv",
    [
        ("login",),
        ("login", "ada"),
        ("login", "ada", "--code", "1"),
        ("login", "ada", "--forgot", "--code", "1"),
        ("signup",),
        ("signup", "ada"),
        ("signup", "a b", "--email", "ada@example.org", "--password-stdin"),
        ("signup", "ada", "--email", "ada", "--password-stdin"),
        ("signup", "ada", "--email", "ada@example.org", "--password-stdin"),
        ("signup", "ada", "--email", "ada@example.org"),
        ("signup", "ada", "--confirm", "1", "--resend"),
        ("login", "ada", "--password", "Correct1horse"),
    ],
)
def test_wrong_usage(quizkit: QuizkitCommand, argv: tuple[str, ...]) -> None:
    """Nobody to ask, or something that cannot be: 2, with what to do; no option for passwords."""
    done = quizkit.child("--json", *argv, text="weak\n")
    assert done.returncode == 2, done.stderr
    error = json.loads(done.stdout)["error"]
    assert error["hint"]
    assert "weak" not in error["message"].replace("too weak", "")


# --- nobody learns whether an account exists -----------------------------------------------


def test_every_failed_sign_in_looks_the_same(quizkit: QuizkitCommand, ada: str) -> None:
    """No such account, another password: the same words, document and exit code."""
    seen = set()
    for name, password in ((new_name(), PASSWORD), (ada, NEW_PASSWORD), (ada, "")):
        for options in ((), ("--json",)):
            done = quizkit.child(*options, "login", name, "--password-stdin", text=f"{password}\n")
            seen.add((options, done.returncode, done.stdout, done.stderr))
    assert len(seen) == 2
    assert {code for _, code, _, _ in seen} == {4}
    assert kept(quizkit) == []


def test_asking_for_codes_looks_the_same(quizkit: QuizkitCommand, ada: str) -> None:
    """For an account and for none, but for the name that was typed."""
    for argv in (("login", "NAME", "--forgot"), ("signup", "NAME", "--resend")):
        seen = set()
        for name in (ada, new_name()):
            done = quizkit.child("--json", *[name if word == "NAME" else word for word in argv])
            seen.add((done.returncode, done.stdout.replace(name, "NAME")))
        assert len(seen) == 1


# --- secrets -------------------------------------------------------------------------------


def test_what_is_kept_is_private(quizkit: QuizkitCommand, ada: str) -> None:
    """0600 in 0700; closed again where somebody opened it, with a word."""
    log_in(quizkit, ada)
    [file] = kept(quizkit)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    file.chmod(0o644)
    assert "could be read by others" in quizkit.told("whoami")[1]
    [file] = kept(quizkit)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_no_secret_is_ever_said(quizkit: QuizkitCommand, ada: str) -> None:
    """Neither tokens nor passwords, whatever is asked for and whatever goes wrong."""
    loud = ("--debug", "-vv")
    said = ""
    for argv in (
        ("login", ada, "--password-stdin"),
        ("whoami",),
        ("--json", "whoami"),
        ("--as", "host", "quiz", "list"),
        ("--as", "host", "--json", "quiz", "create", "nothing.yaml"),
        ("play", "000000", "--user"),
        ("login", "nobody", "--password-stdin"),
        ("signup", new_name(), "--email", "x@example.org", "--password-stdin"),
    ):
        done = quizkit.child(*loud, *argv, text=f"{PASSWORD}\n")
        said += done.stdout + done.stderr
    [file] = kept(quizkit)
    secrets = [*json.loads(file.read_text()).values(), PASSWORD]
    assert len(secrets) == 4
    for secret in secrets:
        assert secret not in said
        for part in secret.split("."):
            assert part not in said
    logs = [path.read_text(errors="replace") for path in quizkit.deployed.home.rglob("*.log")]
    assert logs
    for secret in secrets:
        assert not any(secret in log for log in logs)


# --- on a terminal -------------------------------------------------------------------------


def type_new_password(terminal: Terminal, password: str) -> None:
    """Answer both questions for a new password."""
    terminal.wait_for("new password: ")
    terminal.type(f"{password}\r")
    terminal.wait_for("once more: ")
    terminal.type(f"{password}\r")


def test_signing_up_on_a_terminal(quizkit: QuizkitCommand) -> None:
    """What is missing is asked for; the password is not shown; r sends another code."""
    name = new_name()
    with quizkit.terminal("signup") as screen:
        screen.wait_for("username: ")
        screen.type(f"{name}\r")
        screen.wait_for("e-mail address: ")
        screen.type(f"{name}@example.org\r")
        type_new_password(screen, PASSWORD)
        screen.wait_for(r"would have said: \d{6}")
        screen.wait_for("code .*: ")
        screen.forget()
        screen.type("r\r")
        code = screen.wait_for(r"would have said: (\d{6})")[1]
        screen.wait_for("code .*: ")
        screen.type(f"{code}\r")
        screen.wait_for("is confirmed")
        assert screen.finish() == 0
        assert screen.as_found()
        assert PASSWORD not in screen.text
    with quizkit.terminal("login", name) as screen:
        screen.wait_for("password: ")
        screen.type(f"{PASSWORD}\r")
        screen.wait_for(f"Signed in as {name}")
        assert screen.finish() == 0
        assert screen.as_found()
        assert PASSWORD not in screen.text


def test_a_code_put_off(quizkit: QuizkitCommand) -> None:
    """Enter leaves it for later; signing in asks for it then, and goes on."""
    name = new_name()
    with quizkit.terminal("signup", name, "--email", f"{name}@example.org") as screen:
        type_new_password(screen, PASSWORD)
        screen.wait_for("code .*: ")
        screen.type("\r")
        screen.wait_for(f"quizkit signup {name} --confirm CODE")
        assert screen.finish() == 0
    with quizkit.terminal("login", name) as screen:
        screen.wait_for("password: ")
        screen.type(f"{PASSWORD}\r")
        screen.wait_for("waits to be confirmed")
        screen.wait_for("code .*: ")
        screen.type("123456\r")
        screen.wait_for(f"Signed in as {name}")
        assert screen.finish() == 0


def test_a_wrong_password_on_a_terminal(quizkit: QuizkitCommand, ada: str) -> None:
    """For an account and for none the same is asked, and the same is said."""
    seen = set()
    for name in (ada, new_name()):
        with quizkit.terminal("login", name) as screen:
            screen.wait_for("password: ")
            screen.type(f"{NEW_PASSWORD}\r")
            screen.wait_for("code .*: ")
            screen.type("\r")
            assert screen.finish() == 4
            # The terminal's own echo of Enter may come before or after what is printed.
            seen.add(" ".join(screen.text.split()))
    assert len(seen) == 1, seen


def test_two_passwords_that_differ(quizkit: QuizkitCommand) -> None:
    """Nothing is made."""
    name = new_name()
    with quizkit.terminal("signup", name, "--email", f"{name}@example.org") as screen:
        screen.wait_for("new password: ")
        screen.type(f"{PASSWORD}\r")
        screen.wait_for("once more: ")
        screen.type(f"{NEW_PASSWORD}\r")
        assert screen.finish() == 2
        assert "differ" in screen.text
    log_in_fails = quizkit.child("login", name, "--password-stdin", text=f"{PASSWORD}\n")
    assert log_in_fails.returncode == 4


def test_a_weak_password_on_a_terminal(quizkit: QuizkitCommand) -> None:
    """It is refused before it has to be typed again."""
    name = new_name()
    with quizkit.terminal("signup", name, "--email", f"{name}@example.org") as screen:
        screen.wait_for("new password: ")
        screen.type("weak\r")
        assert screen.finish() == 2
        assert "too weak" in screen.text
        assert "once more" not in screen.text


def test_a_forgotten_password_on_a_terminal(quizkit: QuizkitCommand, ada: str) -> None:
    """The code is asked for, then a new password twice."""
    with quizkit.terminal("login", ada, "--forgot") as screen:
        code = screen.wait_for(r"would have said: (\d{6})")[1]
        screen.wait_for("code .*: ")
        screen.type(f"{code}\r")
        type_new_password(screen, NEW_PASSWORD)
        screen.wait_for(f"Signed in as {ada}")
        assert screen.finish() == 0
        assert NEW_PASSWORD not in screen.text


def test_interrupting_a_password(quizkit: QuizkitCommand, ada: str) -> None:
    """Ctrl-C ends with 130 and gives the terminal back as it was."""
    with quizkit.terminal("login", ada) as screen:
        screen.wait_for_prompt("password: ")
        screen.type("\x03")
        assert screen.finish() == 130
        assert screen.as_found()
        assert not re.search("Traceback", screen.text)
