"""`python -m bench`: measure everything, print the table, write `docs/bench.md`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from bench import ratios
from bench.counts import closing, count
from bench.games import Played, play
from bench.lobby import Lobby, fill
from bench.platform import Platform, own_platform
from bench.report import Measured, report
from bench.stage import Stage
from quizkit.core.costs import Game

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "bench.md"
_SMALL: Final = 100
_LARGE: Final = 1_000
_LARGEST: Final = 10_000
_GAMES: Final = (200, 1_000)
_CROWD: Final = 200


def main(arguments: list[str] | None = None) -> None:
    """Run the bench; takes some minutes."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=main.__doc__)
    parser.add_argument("--out", type=Path, default=PAGE, help="the page to write")
    options = parser.parse_args(arguments)
    begun = time.monotonic()

    def tell(what: str) -> None:
        print(f"{time.monotonic() - begun:5.0f} s  {what}", file=sys.stderr, flush=True)

    try:
        tell("starting a platform, deploying the stack")
        with own_platform() as platform:
            text = report(_measure(platform, tell))
    except KeyboardInterrupt:
        tell("interrupted; the platform is stopped")
        sys.exit(130)
    print(text, end="")
    options.out.write_text(text, encoding="utf-8")
    tell(f"written to {options.out.name}")


def _measure(platform: Platform, tell: ratios.Teller) -> Measured:
    games, crowd = _games(platform, tell)
    counted = Stage(platform.port, platform.redis_port)
    plain = Stage(platform.port, platform.redis_port, counted=False)
    try:
        tell("counting the steps of a game")
        small = count(counted, players=20, size=_SMALL)
        large = count(counted, players=50, size=_LARGE, questions=10)
        tell("counting closings")
        closings = {
            size: closing(counted, size, connected=size < _LARGEST)
            for size in (_SMALL, _LARGE, _LARGEST)
        }
        tell("measuring ratios")
        answer, post = ratios.answer(plain), ratios.post()
        fold = ratios.closing(plain, _LARGEST)
    finally:
        counted.close()
        plain.close()
    with tempfile.TemporaryDirectory() as scratch:
        imports = ratios.imports(Path(scratch))
    return Measured(
        small=small,
        large=large,
        closings=closings,
        lobby=_lobby(),
        answer=answer,
        post=post,
        closing=fold,
        imports=imports,
        games=games,
        crowd=crowd,
        cores=os.cpu_count() or 1,
    )


def _lobby() -> Lobby:
    return fill(_LARGE, Game().lobby_seconds)


def _games(platform: Platform, tell: ratios.Teller) -> tuple[list[Played], Played]:
    games = []
    for players in _GAMES:
        tell(f"playing with {players:,} players")
        games.append(play(platform, players, tell))
    tell(f"playing with a crowd of {_CROWD:,}")
    return games, play(platform, _CROWD, tell, crowd=True)


if __name__ == "__main__":
    main()
