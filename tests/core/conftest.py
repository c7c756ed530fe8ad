"""Settings of the property tests: the same examples every time, no files left behind."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("quizkit", database=None, deadline=None, derandomize=True)
settings.load_profile("quizkit")
