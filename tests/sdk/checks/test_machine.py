"""What this machine needs, each judged from facts."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from quizkit.sdk.checks import machine
from quizkit.sdk.deploy.readiness import Advice, Node
from quizkit.sdk.errors import InvalidInput, Problem
from quizkit.sdk.project import Project

SUPPORTED = ((3, 11), (3, 12), (3, 13))
GOOD = Node("wheel", "/node", "v24.1.0", None)
BAD = Node("wheel", "/node", None, "it does not run: bad CPU")
PLENTY = 10**12


def test_this_python_is_one_of_those_in_the_metadata() -> None:
    """What is supported is read from the installed package, and goes by its classifiers."""
    assert machine.supported_pythons() == SUPPORTED


@pytest.mark.parametrize(
    ("version", "status"),
    [((3, 10, 9), "failed"), ((3, 11, 0), "ok"), ((3, 13, 5), "ok"), ((3, 14, 0), "warning")],
)
def test_python_has_to_be_supported(version: tuple[int, int, int], status: str) -> None:
    """Too old fails, too new is only untested; both tell which to take."""
    found = machine.python(version, SUPPORTED)
    assert found.status == status
    assert ".".join(map(str, version)) in found.message
    assert (found.fix is None) == (status == "ok")
    assert found.fix is None or "3.11 to 3.13" in found.fix


def test_a_copy_that_is_not_installed_cannot_tell() -> None:
    """Without metadata nothing says which Pythons are supported."""
    assert machine.python((3, 12, 0), ()).status == "skipped"


def test_versions_of_distributions() -> None:
    """One that is installed has a version, and what is pinned has one version."""
    assert machine.installed("boto3")
    assert machine.installed("no-such-distribution") is None
    assert machine.pinned("ministack") == machine.installed("ministack")
    assert machine.pinned("boto3") is None


def test_no_project_file_is_fine() -> None:
    """Nothing has to be written down."""
    assert machine.project(Project(), "dev", {}).status == "ok"


def test_a_project_file_that_is_right() -> None:
    """It is named, with its stages."""
    found = machine.project(Project(Path("/q.toml"), stages={"prod": {}}), "dev", {"prod": None})
    assert found.status == "ok"
    assert "/q.toml: stage prod" in found.message


def test_a_project_file_that_is_wrong_tells_all_of_it() -> None:
    """Each problem is named, not the first alone."""
    error = InvalidInput("/q.toml: a", problems=[Problem("a"), Problem("b")])
    found = machine.project(error, "dev", {})
    assert (found.status, found.message) == ("failed", "/q.toml: a; b")
    assert found.fix


@pytest.mark.parametrize(("stage", "status"), [("prod", "failed"), ("dev", "warning")])
def test_settings_of_another_stage_stop_nobody(stage: str, status: str) -> None:
    """Wrong settings fail for the stage that is asked for, and are told for others."""
    project = Project(Path("/q.toml"), stages={"prod": {}, "test": {}})
    found = machine.project(project, stage, {"prod": "unknown setting 'x'", "test": None})
    assert found.status == status
    assert "stage prod: unknown setting 'x'" in found.message
    assert "test" not in found.message


def test_folders_that_can_be_made(tmp_path: Path) -> None:
    """Folders need not be there yet, and looking makes none."""
    folders = [tmp_path / "a" / "b", tmp_path]
    found = machine.directories(folders, home="/home", free=lambda _: 3 * 10**9)
    assert (found.status, found.message) == ("ok", "/home; 3.0 GB free")
    assert list(tmp_path.iterdir()) == []


def test_without_a_home_of_their_own_the_folders_are_named(tmp_path: Path) -> None:
    """Where QUIZKIT_HOME is not set, people see where things are; each place once."""
    found = machine.directories([tmp_path, tmp_path / "x", tmp_path], home=None)
    assert found.message.startswith(f"{tmp_path}, {tmp_path / 'x'};")


def test_a_file_in_the_way(tmp_path: Path) -> None:
    """Nothing can be made below a file."""
    (tmp_path / "file").touch()
    found = machine.directories([tmp_path / "file" / "state"], home=None)
    assert found.status == "failed"
    assert f"{tmp_path / 'file'} is in the way" in found.message
    assert "QUIZKIT_HOME" in (found.fix or "")


@pytest.mark.parametrize(("name", "what"), [("", "be written"), ("new", "be made below")])
def test_a_folder_that_may_not_be_written(tmp_path: Path, name: str, what: str) -> None:
    """The folder is named, with the command that makes it one's own again."""
    found = machine.directories([tmp_path / name], home=None, writable=lambda path: False)
    assert found.status == "failed"
    assert f"{tmp_path / name} cannot {what}" in found.message
    assert f'chown -R "$(id -un)" {tmp_path}' in (found.fix or "")


def as_somebody(look: Callable[[], str]) -> str:
    """What `look` gives to somebody whom permissions bind, as they do not bind root."""
    if os.geteuid() != 0:
        return look()
    ours, theirs = os.pipe()
    with warnings.catch_warnings():
        # Beside threads a fork is a risk for who goes on in it; this one looks and is gone.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            os.setuid(65_534)
            os.write(theirs, look().encode())
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, encoding="utf-8") as said:
        text = said.read()
    os.waitpid(child, 0)
    return text


def test_a_folder_that_may_not_be_entered() -> None:
    """What is below it is not seen, so it is the one to tell of."""
    with tempfile.TemporaryDirectory() as name:
        folder, closed = Path(name), Path(name, "closed")
        folder.chmod(0o755)
        closed.mkdir(mode=0)

        def look() -> str:
            found = machine.directories([closed / "state"], home=None)
            return f"{found.status}: {found.message}"

        said = as_somebody(look)
        closed.chmod(0o700)
    assert said.startswith("failed: ")
    assert f"made below {closed}" in said


@pytest.mark.parametrize(
    ("free", "status"), [(600_000_000, "ok"), (499_000_000, "warning"), (1_000_000, "failed")]
)
def test_space_that_is_left(tmp_path: Path, free: int, status: str) -> None:
    """The folder with the least space decides."""
    space = {tmp_path: PLENTY, tmp_path / "small": free}
    (tmp_path / "small").mkdir()
    found = machine.directories(space, home=None, free=space.__getitem__)
    assert found.status == status


def test_everything_to_deploy_with() -> None:
    """Versions are told."""
    found = machine.deploy_extra({"aws-cdk-lib": "2.1", "jsii": "1.2"}, None, needed=True)
    assert (found.status, found.message) == ("ok", "aws-cdk-lib 2.1, jsii 1.2")


@pytest.mark.parametrize(("needed", "status"), [(True, "failed"), (False, "warning")])
def test_the_extra_that_deploys_is_missing(needed: bool, status: str) -> None:
    """Without it nothing is deployed; who only hosts on AWS needs none."""
    found = machine.deploy_extra({"jsii": None, "redis": "8"}, None, needed=needed)
    assert found.status == status
    assert "Missing: jsii." in found.message
    assert found.fix == 'run: pip install "quizkit[deploy]"'


def test_a_bundle_that_cannot_be_made() -> None:
    """Another version of a pinned dependency stops a deployment, and says so before it."""
    found = machine.deploy_extra({"redis": "7"}, Advice("redis 7", "run: pip"), needed=True)
    assert (found.status, found.message, found.fix) == ("failed", "redis 7", "run: pip")


def test_a_node_that_runs() -> None:
    """Which one, and who names it."""
    found = machine.node(GOOD, needed=True)
    assert (found.status, found.message) == ("ok", "Node v24.1.0 at /node (from wheel)")


@pytest.mark.parametrize(("needed", "status"), [(True, "failed"), (False, "warning")])
def test_a_node_that_does_not_run(needed: bool, status: str) -> None:
    """The wheel's is mended by installing it again."""
    found = machine.node(BAD, needed=needed)
    assert found.status == status
    assert "bad CPU" in found.message
    assert "pip install" in (found.fix or "")


def test_a_node_that_somebody_chose() -> None:
    """A wrong choice is mended by taking it back."""
    found = machine.node(Node("JSII_NODE", "/opt/node", None, "gone"), needed=True)
    assert "unset JSII_NODE" in (found.fix or "")


class Keyring:
    """Some backend."""


@pytest.mark.parametrize(
    ("backend", "present", "home", "told"),
    [
        (Keyring(), True, None, "Keyring)"),
        (None, True, "/home", "QUIZKIT_HOME is set"),
        (None, False, None, "“keyring” is not installed"),
        (None, True, None, "offers no keyring"),
    ],
)
def test_where_sign_ins_are_kept(
    backend: object, present: bool, home: str | None, told: str
) -> None:
    """Each place will do, and people are told which it is and why."""
    found = machine.keyring(backend, present=present, home=home, folder=Path("/accounts"))
    assert found.status == "ok"
    assert told in found.message
