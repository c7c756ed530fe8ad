"""Output of invocations that run at once."""

from __future__ import annotations

import io
import threading

from quizkit.local.hosting.capture import InvocationOutput, ThreadWriter, lines_of


def test_each_thread_writes_for_its_own_invocation() -> None:
    """Two invocations at once get their own lines; other text passes through."""
    output, rest = InvocationOutput(), io.StringIO()
    writer = ThreadWriter(output, rest)
    both = threading.Barrier(2)
    found: dict[str, list[str]] = {}

    def invocation(name: str) -> None:
        with output.collect() as pieces:
            print(f"{name} begins", file=writer)
            both.wait()
            print(f"{name} ends", file=writer)
        found[name] = lines_of(pieces)

    threads = [threading.Thread(target=invocation, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("aside", file=writer)
    writer.flush()
    assert found == {"a": ["a begins", "a ends"], "b": ["b begins", "b ends"]}
    assert rest.getvalue() == "aside\n"


def test_lines_are_made_of_pieces() -> None:
    """Text written in parts is one line; empty lines are none."""
    assert lines_of(["a", "b\n", "\n", "c"]) == ["ab", "c"]


def test_writer_stands_for_a_text_stream() -> None:
    """Loggers and libraries may ask what they ask of standard output."""
    under = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    writer = ThreadWriter(InvocationOutput(), under)
    assert writer.writable()
    assert writer.encoding == "utf-8"
