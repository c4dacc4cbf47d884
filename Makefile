# Two commands are enough: `make serve` and `make test`. Each sets up what it needs.
# Any Python from 3.11 on will do; name one with `make PYTHON=/path/to/python`.
# Some systems ship Python without ensurepip, which makes no environment with pip.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8025

CLIENTS := contract_tests/clients

.PHONY: help serve test contract lint bench bench-peers docs clean clients
.DEFAULT_GOAL := help

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or later with the module venv was found." \
	"Install one (Debian, Ubuntu: apt install python3-venv), or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Rebuilt only when the project's own declaration changes. The sandbox alone is a small part of what the tests need.
$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.tools: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.installed

serve: $(VENV)/.installed  ## start the sandbox; PORT=8025
	$(BIN)/sparkbox serve --port $(PORT)

# Mail clients for Node. Where there is no npm, or no registry, the tests that want them are skipped and say so.
$(CLIENTS)/node_modules/.package-lock.json: $(CLIENTS)/package-lock.json
	-command -v npm >/dev/null && npm ci --prefix $(CLIENTS) --silent --no-audit --no-fund && touch $@

clients: $(CLIENTS)/node_modules/.package-lock.json  ## install the mail clients that the contract tests use

test: $(VENV)/.tools clients  ## run the unit tests, then the contract tests on both targets
	$(BIN)/python -m pytest tests -n 2
	$(BIN)/python -m pytest contract_tests -n 2
	$(BIN)/python -m contract_tests.loopback

contract: $(VENV)/.tools clients  ## run the contract tests alone, against the sandbox
	$(BIN)/python -m pytest contract_tests

lint: $(VENV)/.tools  ## check format, style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.tools  ## measure ratios to bare servers in one run, in ten minutes
	$(BIN)/python -m benchmarks

bench-peers: $(VENV)/.tools  ## measure other mock servers beside it; installs them into a cache
	$(BIN)/python -m benchmarks peers

docs: $(VENV)/.tools  ## generate the reference pages in docs/ and the README's table
	$(BIN)/python -m docs.generate
	$(BIN)/python -m docs.coverage

clean:  ## remove the environment and all caches
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
