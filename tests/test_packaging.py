"""What is shipped: the wheel, its metadata, the locks, and what imports without them."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from email.parser import HeaderParser
from pathlib import Path
from zipfile import ZipFile

import pytest

import quizkit

ROOT = Path(__file__).parents[1]
LOCKS = (ROOT / "requirements" / "all.txt", ROOT / "requirements" / "dev.txt")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout with the locked backend."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    done = subprocess.run(
        [*command, str(ROOT)], capture_output=True, text=True, check=False, cwd=out
    )
    assert done.returncode == 0, done.stderr
    (built,) = out.glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_holds_the_whole_package(wheel: Path) -> None:
    """Every source file, the samples and the type marker are shipped, and nothing else."""
    shipped = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "quizkit"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    assert shipped == {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}
    assert {"quizkit/py.typed", "quizkit/samples/capitals.yaml"} <= shipped


@pytest.mark.slow
def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    """Version, licence, extras and the command are in the metadata."""
    archive = ZipFile(wheel)
    info = f"quizkit-{quizkit.__version__}.dist-info"
    metadata = HeaderParser().parsestr(archive.read(f"{info}/METADATA").decode())
    assert metadata["Version"] == quizkit.__version__
    assert metadata["License-Expression"] == "MIT"
    assert set(metadata.get_all("Provides-Extra", [])) == {"all", "deploy", "keyring", "local"}
    entry_points = archive.read(f"{info}/entry_points.txt").decode()
    assert "quizkit = quizkit.cli.main:main" in entry_points


def test_the_version_has_one_value() -> None:
    """The package and its project file agree."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == quizkit.__version__


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_has_hashes_and_names_no_host(lock: Path) -> None:
    """Every requirement is pinned with hashes, and no line says where to get it."""
    text = lock.read_text("utf-8")
    entries = [entry for entry in re.split(r"\n(?=[A-Za-z0-9])", text) if entry.strip()]
    assert entries
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,-]+\])?==", entry), entry
        assert "--hash=sha256:" in entry, entry
    assert "://" not in text
    assert not re.search(r"--(index-url|extra-index-url|find-links|trusted-host)", text)


def test_the_locks_agree() -> None:
    """What `make test` checks is what `make demo` runs: one version of everything."""
    of = [
        set(re.findall(r"^([A-Za-z0-9._-]+==[^ ;\\]+)", p.read_text("utf-8"), re.M)) for p in LOCKS
    ]
    assert of[0] <= of[1]


def test_the_bundle_runs_the_redis_that_is_installed() -> None:
    """The extras pin exactly the redis that the lock has, since it is what Lambda gets."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    pins = {
        requirement
        for extra in ("deploy", "local")
        for requirement in extras["optional-dependencies"][extra]
        if requirement.startswith("redis=")
    }
    (pin,) = pins
    assert f"\n{pin} " in LOCKS[0].read_text("utf-8")


def test_core_needs_nothing_but_python() -> None:
    """Every module of core imports in an interpreter without site-packages."""
    program = (
        "import importlib, pkgutil, sys; sys.path.insert(0, sys.argv[1]); import quizkit.core; "
        "[importlib.import_module(m.name) "
        "for m in pkgutil.walk_packages(quizkit.core.__path__, 'quizkit.core.')]"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_help_loads_nothing_heavy() -> None:
    """`quizkit --help` pays for neither boto3 nor the CDK nor a socket library."""
    program = (
        "import sys\n"
        "sys.argv = ['quizkit', '--help']\n"
        "from quizkit.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "heavy = {'boto3', 'botocore', 'aws_cdk', 'websockets', 'ministack', 'redis'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
