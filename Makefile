# Two commands matter: `make run` and `make test`. `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-9s %s\n", $$1, $$2}'

run: install ## the product with a demo organ, on http://127.0.0.1:8080
	@$(BIN)/huiyin demo

install: .venv/installed .venv/words ## .venv with the locked dependencies and the huiyin command

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Huiyin needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 …")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/tested: requirements-test.lock .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-test.lock
	@touch $@

.venv/words: $(wildcard locales/*/LC_MESSAGES/*.po) .venv/installed
	@$(BIN)/pybabel -q compile -D bot -d locales --statistics 2>/dev/null
	@touch $@

test: install .venv/tested ## every check: lint, types, contracts, catalogues, tests on SQLite and PostgreSQL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto --maxschedchunk 1

test-long: install .venv/tested ## the stories that take minutes: kill -9 again and again
	$(BIN)/python -m pytest --no-cov -m long

bench: install .venv/tested ## the benchmarks, each beside a peer in the same run
	$(BIN)/python -m bench

fix: install .venv/tested ## put the code in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

words: install .venv/tested ## gather the texts into the catalogues
	$(BIN)/python -m tests.words

lock: install ## renew the lock files from pyproject.toml
	$(BIN)/python -m venv .venv/lock && .venv/lock/bin/pip install --quiet uv
	.venv/lock/bin/uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -o requirements.lock
	.venv/lock/bin/uv pip compile -q pyproject.toml --extra test --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -o requirements-test.lock

.PHONY: help run install test test-long bench fix words lock
