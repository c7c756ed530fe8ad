"""The functions' bundle: reproducible, trustworthy, complete."""

from __future__ import annotations

import hashlib
import importlib
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from quizkit.infra import bundle
from quizkit.infra.errors import BundleError
from quizkit.infra.function_table import FUNCTIONS, FunctionSpec

# What the Lambda runtime brings along, and nothing else.
RUNTIME_PACKAGES = (
    *("boto3", "botocore", "jmespath", "dateutil", "s3transfer", "urllib3"),
    "six",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> bundle.Bundle:
    """The bundle as it would be deployed."""
    return bundle.build(tmp_path_factory.mktemp("bundle"))


@pytest.fixture(scope="module")
def staged(built: bundle.Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle unpacked, as Lambda does it."""
    directory = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(built.path) as archive:
        archive.extractall(directory)
    return directory


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the packages of the Lambda runtime only."""
    directory = tmp_path_factory.mktemp("runtime")
    for package in RUNTIME_PACKAGES:
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (directory / source.name).symlink_to(source)
    return directory


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A small package in the shape of quizkit."""
    root = tmp_path / "quizkit"
    for name in ("__init__.py", "core/__init__.py", "lambdas/__init__.py", "cli/__init__.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"# {name}\n")
    return root


def test_the_name_is_the_hash_of_the_bytes(built: bundle.Bundle) -> None:
    """A deployment sees by the name whether anything changed."""
    assert built.sha256 == hashlib.sha256(built.path.read_bytes()).hexdigest()
    assert built.path.name == f"{built.sha256}.zip"


def test_times_modes_and_order_of_the_files_do_not_matter(package: Path, tmp_path: Path) -> None:
    """A fresh checkout gives the bundle of yesterday's."""
    first = bundle.build(tmp_path / "a", source=package)
    copy = tmp_path / "copy" / "quizkit"
    shutil.copytree(package, copy)
    for path in copy.rglob("*.py"):
        os.utime(path, (1, 1))
        path.chmod(0o755)
    assert bundle.build(tmp_path / "b", source=copy).sha256 == first.sha256


def test_a_changed_line_changes_the_name(package: Path, tmp_path: Path) -> None:
    """Or a deployment would keep the old code."""
    first = bundle.build(tmp_path / "a", source=package)
    (package / "core" / "__init__.py").write_text("# changed\n")
    assert bundle.build(tmp_path / "a", source=package).sha256 != first.sha256


def test_it_holds_the_rules_the_handlers_and_redis(built: bundle.Bundle) -> None:
    """Reference flaw: `redis` was not in the bundle."""
    with zipfile.ZipFile(built.path) as archive:
        names = archive.namelist()
    assert names == sorted(names)
    assert "quizkit/__init__.py" in names
    assert "quizkit/core/scoring.py" in names
    assert "redis/__init__.py" in names
    for spec in FUNCTIONS:
        assert f"quizkit/lambdas/handlers/{spec.name}.py" in names
    tops = {name.split("/")[0] for name in names}
    assert tops == {"quizkit", "redis", f"redis-{bundle.PINS['redis']}.dist-info"}


def test_it_holds_nothing_compiled_cached_or_of_other_rooms(built: bundle.Bundle) -> None:
    """One bundle runs on arm64 whatever this machine is; licences stay with the code."""
    with zipfile.ZipFile(built.path) as archive:
        names = archive.namelist()
    assert not [n for n in names if n.endswith((".so", ".pyd", ".pyc")) or "__pycache__" in n]
    assert {n.split("/")[1] for n in names if n.startswith("quizkit/")} == {
        *("__init__.py", "core", "lambdas"),
    }
    assert f"redis-{bundle.PINS['redis']}.dist-info/licenses/LICENSE" in names


def test_data_files_come_along_and_litter_does_not(package: Path) -> None:
    """A word list is part of the rules; an editor's backup is not."""
    (package / "core" / "words.txt").write_text("one\n")
    (package / "core" / ".words.txt.swp").write_text("x")
    (package / "core" / "__pycache__").mkdir()
    (package / "core" / "__pycache__" / "a.txt").write_text("x")
    own = {name for name in bundle.contents(package) if name.startswith("quizkit/")}
    assert own == {
        "quizkit/__init__.py",
        "quizkit/core/__init__.py",
        "quizkit/core/words.txt",
        "quizkit/lambdas/__init__.py",
    }


@pytest.mark.parametrize("spec", FUNCTIONS, ids=lambda spec: spec.name)
def test_a_handler_imports_and_builds_from_the_bundle_alone(
    staged: Path, runtime: Path, spec: FunctionSpec
) -> None:
    """With the runtime's packages and exactly the settings of its row, and nothing else.

    The emulator runs functions with this machine's interpreter, whose site-packages would
    hide what the bundle lacks.
    """
    values = dict.fromkeys(("STAGE", *spec.env), "1")
    values |= {
        name: "https://x.example/dev" for name in values if name.endswith(("_URL", "_ENDPOINT"))
    }
    values |= {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    module = spec.handler.rpartition(".")[0]
    code = (
        "import importlib, sys\n"
        f"sys.path += [{str(staged)!r}, {str(runtime)!r}]\n"
        f"module = importlib.import_module({module!r})\n"
        f"assert callable(module.handler) and callable(module.build({values!r}))\n"
        "import redis\n"
        f"assert redis.__file__.startswith({str(staged)!r})\n"
        f"assert redis.__version__ == {bundle.PINS['redis']!r}, redis.__version__\n"
        "ours = [m.__file__ for n, m in sys.modules.items() if n.startswith('quizkit.')]\n"
        f"assert all(f.startswith({str(staged)!r}) for f in ours), ours\n"
    )
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", code],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


# --- distributions that must not be shipped ---------------------------------------------


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site directory of our own, first on the path, into which a fake redis can go."""
    directory = tmp_path / "site"
    directory.mkdir()
    monkeypatch.syspath_prepend(directory)
    return directory


def install(site: Path, *, version: str, files: dict[str, str], record: list[str]) -> None:
    """Lay a distribution of redis out as an installer would."""
    info = site / f"redis-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: redis\nVersion: {version}\n")
    (info / "RECORD").write_text("\n".join(record) + "\n")
    for name, content in files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(content)
    # What was looked up in this directory within the same tick of its clock would be kept.
    importlib.invalidate_caches()


def test_another_version_is_refused(site: Path, package: Path) -> None:
    """What was tested is what is shipped."""
    install(site, version="7.0.0", files={}, record=[])
    with pytest.raises(BundleError, match=r"redis 7\.0\.0 is installed.*pip install redis=="):
        bundle.contents(package)


def test_a_modified_file_is_refused(site: Path, package: Path) -> None:
    """A bundle is made of released files only."""
    install(
        site,
        version=bundle.PINS["redis"],
        files={"redis/__init__.py": "import os\n"},
        record=["redis/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0"],
    )
    with pytest.raises(BundleError, match="modified after it was installed"):
        bundle.contents(package)


def test_a_file_without_a_hash_is_refused(site: Path, package: Path) -> None:
    """Nothing can be said about it."""
    install(
        site,
        version=bundle.PINS["redis"],
        files={"redis/__init__.py": ""},
        record=["redis/__init__.py,,"],
    )
    with pytest.raises(BundleError, match="without a hash"):
        bundle.contents(package)


def test_compiled_code_is_refused(site: Path, package: Path) -> None:
    """It would be of this machine's kind, and fail on arm64 at the first import."""
    library = "redis/_speed.cpython-313-x86_64-linux-gnu.so"
    # Laid out, not just named: once keyring has brought importlib_metadata in, files that are
    # missing are not listed.
    install(site, version=bundle.PINS["redis"], files={library: ""}, record=[f"{library},,"])
    with pytest.raises(BundleError, match="compiled code"):
        bundle.contents(package)


def test_a_missing_dependency_says_what_to_install(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra that brings it."""
    monkeypatch.setattr(bundle, "PINS", {"surely-not-installed": "1.0"})
    with pytest.raises(BundleError, match=r"quizkit\[deploy\]"):
        bundle.contents(package)
