# Two commands are enough: `make serve` and `make test`. Each sets up what it needs.
PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8025

CLIENTS := contract_tests/clients

.PHONY: serve test contract lint bench docs clean clients

# Rebuilt only when the project's own declaration changes.
$(VENV)/.installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

serve: $(VENV)/.installed  ## start the sandbox
	$(BIN)/sparkbox serve --port $(PORT)

# Mail clients for Node. Where there is no npm, or no registry, the tests that want them are skipped and say so.
$(CLIENTS)/node_modules/.package-lock.json: $(CLIENTS)/package-lock.json
	-command -v npm >/dev/null && npm ci --prefix $(CLIENTS) --silent --no-audit --no-fund && touch $@

clients: $(CLIENTS)/node_modules/.package-lock.json  ## what the contract tests send mail with

test: $(VENV)/.installed clients  ## unit tests, then the contract tests on both targets
	$(BIN)/python -m pytest tests -n 2
	$(BIN)/python -m pytest contract_tests -n 2
	$(BIN)/python -m contract_tests.loopback

contract: $(VENV)/.installed clients  ## only the contract tests, against the mock
	$(BIN)/python -m pytest contract_tests

lint: $(VENV)/.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.installed  ## ratios against a bare Starlette app, measured in one run
	$(BIN)/python -m benchmarks

docs: $(VENV)/.installed  ## regenerate docs/
	$(BIN)/python -m docs.generate

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
