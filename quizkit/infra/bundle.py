"""The functions' code as one deterministic zip: lambdas, core, and their pinned dependencies.

Dependencies are copied from the distributions installed here, so synthesis needs no network,
no pip and no Docker. What makes that trustworthy: the version must equal the pin, every file
is checked against the hash in the distribution's RECORD, and anything compiled is refused,
since the functions run on arm64 and this machine need not. Kept are sources, type markers,
licences and METADATA (redis asks its own metadata for its version).

Entries are stored, not compressed: compressed bytes differ between zlib builds, and the
archive's SHA-256 is its name, by which a deployment sees whether anything changed. The cost is
an upload of about 3 MB instead of 0.7.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePosixPath

import quizkit
from quizkit.infra.errors import BundleError

# Exactly what runs in AWS. redis needs nothing beyond the standard library from Python 3.11.3
# on; boto3 and urllib3 come with the Lambda runtime.
PINS: Mapping[str, str] = {"redis": "8.1.0"}
OWN_PACKAGES = ("core", "lambdas")

_CODE = {".py", ".pyi"}
_COMPILED = {".so", ".pyd", ".dylib", ".dll"}
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_MODE = 0o100644


@dataclass(frozen=True, slots=True)
class Bundle:
    """A finished archive: its path, and the SHA-256 of its bytes, which is also its name."""

    path: Path
    sha256: str


def build(out: Path, *, source: Path | None = None) -> Bundle:
    """Write the bundle into `out` as `<sha256>.zip`; raises BundleError.

    source: the directory of the quizkit package, by default the one that runs.
    """
    out.mkdir(parents=True, exist_ok=True)
    draft = out / "bundle.zip.part"
    write_zip(contents(source), draft)
    digest = hashlib.sha256(draft.read_bytes()).hexdigest()
    return Bundle(path=draft.replace(out / f"{digest}.zip"), sha256=digest)


def contents(source: Path | None = None) -> dict[str, bytes]:
    """Every file of the bundle by its path inside the archive."""
    files = dict(_own(source or Path(quizkit.__file__).parent))
    for name, version in PINS.items():
        files.update(_dependency(name, version))
    return files


def write_zip(files: Mapping[str, bytes], path: Path) -> None:
    """The same `files` give the same bytes: sorted, stored, fixed times and permissions."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = _MODE << 16
            archive.writestr(entry, files[name])


def _own(package: Path) -> Iterator[tuple[str, bytes]]:
    """quizkit's own part: the package marker, core and lambdas, with their data files."""
    yield "quizkit/__init__.py", (package / "__init__.py").read_bytes()
    for part in OWN_PACKAGES:
        for path in sorted((package / part).rglob("*")):
            inside = path.relative_to(package)
            hidden = any(name.startswith((".", "__pycache__")) for name in inside.parts)
            if path.is_file() and not hidden and path.suffix != ".pyc":
                yield f"quizkit/{inside.as_posix()}", path.read_bytes()


def _dependency(name: str, version: str) -> Iterator[tuple[str, bytes]]:
    """A pinned distribution's files, each checked against its RECORD."""
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError as exc:
        raise BundleError(
            f"{name} is not installed, and the functions' bundle needs it; "
            'run: pip install "quizkit[deploy]"'
        ) from exc
    if distribution.version != version:
        raise BundleError(
            f"{name} {distribution.version} is installed, but the functions' bundle is tested "
            f"with {version}; run: pip install {name}=={version}"
        )
    for file in distribution.files or ():
        path = PurePosixPath(file)
        if path.suffix in _COMPILED:
            raise BundleError(
                f"{name} holds compiled code ({path}), which cannot run on every platform; "
                f"reinstall the pure-Python wheel: pip install --force-reinstall {name}=={version}"
            )
        if _wanted(path):
            yield path.as_posix(), _verified(name, file)


def _wanted(path: PurePosixPath) -> bool:
    if ".." in path.parts or path.is_absolute() or "__pycache__" in path.parts:
        return False
    if path.parts[0].endswith(".dist-info"):
        return path.name == "METADATA" or "licenses" in path.parts or path.name == "LICENSE"
    return path.suffix in _CODE or path.name == "py.typed"


def _verified(name: str, file: metadata.PackagePath) -> bytes:
    content = file.read_binary()
    if file.hash is None:
        raise BundleError(f"{name} was installed without a hash for {file}; reinstall it")
    digest = hashlib.new(file.hash.mode, content).digest()
    if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != file.hash.value:
        raise BundleError(f"{name} was modified after it was installed ({file}); reinstall it")
    return content
