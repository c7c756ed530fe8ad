"""Bearing with a platform that does not answer."""

from __future__ import annotations

import pytest

from quizkit.cli.patience import LOOKS, Patience
from quizkit.cli.render import Output
from quizkit.sdk.errors import Unreachable

GONE = Unreachable("gone")


def test_silence_is_told_once_and_ends_it_at_last(capsys: pytest.CaptureFixture[str]) -> None:
    """One note, however many looks are missed; one too many raises what was wrong."""
    patience = Patience(Output())
    for _ in range(LOOKS):
        patience.missed(GONE)
    assert capsys.readouterr().err.count("no answer") == 1
    with pytest.raises(Unreachable) as caught:
        patience.missed(GONE)
    assert caught.value is GONE


def test_an_answer_makes_it_whole_again(capsys: pytest.CaptureFixture[str]) -> None:
    """Silences are not added up, and each is told."""
    patience = Patience(Output())
    for _ in range(3):
        for _ in range(LOOKS):
            patience.missed(GONE)
        patience.answered()
    assert capsys.readouterr().err.count("no answer") == 3
