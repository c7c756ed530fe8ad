"""The public names of `quizkit.sdk`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import quizkit.sdk

SOURCE = Path(quizkit.sdk.__file__).read_text()


def test_every_public_name_can_be_imported() -> None:
    """What `dir` lists is there, and lives below quizkit.sdk."""
    for name in dir(quizkit.sdk):
        assert getattr(quizkit.sdk, name).__module__.startswith("quizkit.")


def test_type_checkers_see_the_same_names() -> None:
    """The imports for type checkers and the table for programs agree."""
    typed = re.findall(r"    from quizkit\.sdk\.(\w+) import (\w+) as (\w+)", SOURCE)
    assert {(module, name) for module, name, _ in typed} == {
        (module, name) for name, module in quizkit.sdk._WHERE.items()
    }
    assert all(name == alias for _, name, alias in typed)


def test_another_name_is_no_attribute() -> None:
    """A misspelt name fails as in any module."""
    with pytest.raises(AttributeError, match="Admn"):
        _ = quizkit.sdk.Admn


def test_a_player_pays_for_no_aws() -> None:
    """A player's client loads neither boto3 nor the CDK."""
    program = (
        "import sys; from quizkit.sdk import LiveSession, NewQuestion; "
        "print([name for name in ('boto3', 'botocore', 'aws_cdk') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
