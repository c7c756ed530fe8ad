"""Quiz file formats: native YAML and JSON, and Open Trivia DB responses.

    load(path_or_bytes) -> LoadedQuiz

Every problem of a file is reported at once, each with its line and column.
"""

from quizkit.sdk.formats.load import LoadedQuiz, load

__all__ = ["LoadedQuiz", "load"]
