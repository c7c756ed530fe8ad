"""Quiz file formats: native YAML, JSON and Markdown, and the files of other tools.

    load(path_or_bytes) -> LoadedQuiz
    write(document, "gift") -> Written

Every problem of a file is reported at once, each with its line and column; what a format
holds and another does not is said in warnings.
"""

from quizkit.sdk.formats.catalogue import FORMATS
from quizkit.sdk.formats.load import LoadedQuiz, load, open_source
from quizkit.sdk.formats.schema import schema
from quizkit.sdk.formats.write import Written, write

__all__ = ["FORMATS", "LoadedQuiz", "Written", "load", "open_source", "schema", "write"]
