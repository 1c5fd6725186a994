# make quickstart   set up and run the main job        make lint    ruff and mypy
# make test         set up and run the tests           make bench   how fast the harness itself is
# make generated    write problems/facts.json and problems/DIFFERENCES.md anew
#
# PYTHON chooses the interpreter. The environment lives in .venv and is set up again only when a requirement changes.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
REQUIREMENTS := pyproject.toml constraints.txt

.PHONY: quickstart test lint bench generated clean
.DELETE_ON_ERROR:

quickstart: .venv/.run-stamp
	$(BIN)/harness run quickstart

test: .venv/.dev-stamp
	$(BIN)/python -m pytest $(TEST_ARGS)

lint: .venv/.dev-stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/.dev-stamp
	$(BIN)/python -m tests.bench

generated: .venv/.dev-stamp
	$(BIN)/python -m harness.audit
	$(BIN)/python -m harness.suite.differences

clean:
	rm -rf .venv

.venv/.run-stamp: .venv/.venv-stamp $(REQUIREMENTS)
	$(PIP) install --quiet -c constraints.txt -e .
	@touch $@

.venv/.dev-stamp: .venv/.venv-stamp $(REQUIREMENTS)
	$(PIP) install --quiet -c constraints.txt -e '.[dev]'
	@touch $@ .venv/.run-stamp

# Debian splits ensurepip off its python3. Where it is missing, a pip outside the environment can fill it as well.
.venv/.venv-stamp:
	@command -v $(PYTHON) >/dev/null || { echo "make: no $(PYTHON); install Python 3.11 or later, or set PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: $(PYTHON) is older than 3.11; set PYTHON=... to a newer one" >&2; exit 1; }
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then \
	  $(PYTHON) -m venv .venv; \
	elif $(PYTHON) -m pip --version >/dev/null 2>&1; then \
	  $(PYTHON) -m venv --without-pip .venv && $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; \
	else \
	  echo "make: $(PYTHON) has neither ensurepip nor pip; install them (Debian: apt-get install python3-venv)" >&2; exit 1; \
	fi
	@touch $@
