"""Measurements do the work that they time; how long it takes is nobody's business here."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import ratios
from bench.ratios import Ratio
from bench.stage import Stage
from tests.fakes.cloud import cloud, redis_server


def test_a_ratio_is_ours_by_the_baseline() -> None:
    """Below 1 is better."""
    assert Ratio(1.0, 4.0).times == 0.25


def test_answers_and_closings_are_really_stored() -> None:
    """The answers of all rounds are rows; the closing leaves its pages."""
    stage = Stage(cloud().port, redis_server().port, counted=False)
    table = stage.made["ANSWERS_TABLE"]
    measured = ratios.answer(stage)
    rows = cloud().client("dynamodb").scan(TableName=table, Select="COUNT")["Count"]
    # On each side a first one to warm up, then five rounds of 200.
    assert rows == 2 * (1 + 5 * 200)
    closed = ratios.closing(stage, 50)
    stage.close()
    pages = cloud().client("dynamodb").scan(TableName=stage.made["SESSIONS_TABLE"])["Items"]
    assert sum(item["sk"]["S"].startswith("standings#") for item in pages) == 8
    assert min(measured.ours, measured.baseline, closed.ours, closed.baseline) > 0


def test_posts_are_sent_by_both_sides() -> None:
    """Sent to a server that counts nothing; both sides take some time."""
    measured = ratios.post()
    assert min(measured.ours, measured.baseline) > 0


@pytest.mark.slow
def test_every_function_s_import_is_measured(tmp_path: Path) -> None:
    """From the bundle as it is deployed."""
    measured = ratios.imports(tmp_path, rounds=1)
    assert {"answer", "admin", "broadcast"} <= set(measured)
    assert (tmp_path / "task" / "quizkit" / "lambdas").is_dir()
    assert not list((tmp_path / "task").rglob("*.pyc"))
    assert all(each.ours > 0 for each in measured.values())
