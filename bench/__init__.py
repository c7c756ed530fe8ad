"""What a game costs and how fast it runs: counted exactly, and measured as ratios.

`make bench` runs it (`python -m bench`): on a platform of its own it counts every request
that the functions make, plays games with many players, and writes `docs/bench.md`. The
counts are the same on every machine, so tests (`tests/bench`) keep them from growing; times
are not, so they are only shown, as ratios to a baseline measured in the same run.
"""
