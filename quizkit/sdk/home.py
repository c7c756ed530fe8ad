"""Where quizkit keeps things on this machine.

Four directories, one a purpose, in the places that the operating system has for them; all four
below QUIZKIT_HOME where that is set, so that two copies can run beside each other. The variable
is read at every call, and nothing is created here: who writes first makes the directory.

On some systems two of the four are the same directory. Give what you store a name of its own.
"""

from __future__ import annotations

import os
from pathlib import Path

_APP = "quizkit"


def config_dir() -> Path:
    """Settings that a person wrote."""
    return _home("config")


def data_dir() -> Path:
    """What must not be lost: the local platform's data."""
    return _home("data")


def cache_dir() -> Path:
    """What can be made again, such as synthesised templates."""
    return _home("cache")


def state_dir() -> Path:
    """What runs and what happened: process ids, logs, tokens."""
    return _home("state")


def _home(kind: str) -> Path:
    """The directory of `kind`, absolute; not created."""
    override = os.environ.get("QUIZKIT_HOME")
    if override:
        return Path(override).expanduser().absolute() / kind
    from platformdirs import PlatformDirs

    directories = PlatformDirs(_APP, appauthor=False)
    return {
        "config": directories.user_config_path,
        "data": directories.user_data_path,
        "cache": directories.user_cache_path,
        "state": directories.user_state_path,
    }[kind]
