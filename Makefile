PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-long check audit format bench serve clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

.venv/.core: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --editable .
	touch $@

.venv/.everything: .venv/.core
	$(PIP) --editable '.[train,postgres,milvus,cluster,dev]'
	touch $@

setup: .venv/.everything  ## make .venv with everything; .venv/bin/retrace is in it

demo: .venv/.core  ## make a city, ingest it, ask two questions, open the page
	$(BIN)/retrace demo

test: .venv/.everything  ## the whole test suite
	$(BIN)/python -m pytest -n 2 --dist worksteal -m 'not long'

test-long: .venv/.everything  ## hours: many kills, long videos, and the random tests with fresh seeds
	RETRACE_RANDOM=fresh $(BIN)/python -m pytest -m 'long or random'

check: .venv/.everything  ## format, lint, types and the fast tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m 'not slow and not long'

audit: constraints.txt  ## with a network: ask which pinned packages have known vulnerabilities
	test -x .venv-audit/bin/pip-audit || { $(PYTHON) -m venv .venv-audit && .venv-audit/bin/python -m pip install --quiet pip-audit; }
	.venv-audit/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip

format: .venv/.everything  ## let ruff format and mend what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.everything  ## print the measured claims, one JSON object a line
	@for name in catalogue vectors roads render ingest embed protocols plates search; do $(BIN)/python -m benchmarks.$$name || exit 1; done

serve: .venv/.core  ## open the page on the archive in ./archive
	$(BIN)/retrace serve

clean:  ## remove what was made here, but no archive
	rm -rf .venv .venv-audit .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
