.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
POSTGRES ?= postgres://postgres@127.0.0.1:5432/postgres
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Python keeps what it compiled: to compile everything anew takes each run, and each process that a test starts, seconds.
unexport PYTHONDONTWRITEBYTECODE

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

run: .venv/.runs static ## Serve http://127.0.0.1:8000 (SQLite, this machine only)
	@$(BIN)/bield migrate
	@$(BIN)/bield demo --if-empty
	@$(BIN)/bield serve

test: .venv/.develops static ## Run every test (browser and Spark tests need Chromium and Java)
	$(BIN)/pytest -m "not browser and not spark and not production" --numprocesses 2 --dist worksteal
	$(BIN)/pytest -m "browser or spark"

test-fast: .venv/.develops ## Run the tests that need neither browser nor Spark nor much time, with few examples of each property
	$(BIN)/pytest --hypothesis-profile=few -m "not browser and not spark and not production and not slow" --numprocesses 2 --dist worksteal

test-postgres: .venv/.develops static ## Run the tests of the database and of production on PostgreSQL (POSTGRES=its address)
	DATABASE_URL=$(POSTGRES) $(BIN)/pytest -m "database or production" --numprocesses 2 --dist worksteal

check: .venv/.develops ## Check style, types, layers, settings, locks and pages; changes no file
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	find src -name '*.html' ! -name textarea.html -exec $(BIN)/djhtml --check --tabwidth 2 {} +
	$(BIN)/mypy src tests tools
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	BIELD_ENV=production SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_hex(32))') ALLOWED_HOSTS=bield.example HSTS_SECONDS=31536000 IDENTITY_KEYS=$$($(BIN)/bield keys new) INDEX_KEYS=$$($(BIN)/python -c 'import secrets; print(secrets.token_hex(32))') DATABASE_URL=postgres://nowhere/nothing $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python tools/data.py
	$(BIN)/python tools/stair.py
	$(BIN)/python tools/locks.py
	$(BIN)/python tools/messages.py --check
	$(MAKE) --no-print-directory docs

docs: .venv/.develops ## Build the documentation into var/docs; a broken link stops it (`make run` shows it under /docs/)
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going -d var/docs-work docs var/docs

messages: .venv/.develops ## Collect every message for translators; INTO=gd makes or renews its catalogue (needs gettext)
	$(BIN)/python tools/messages.py $(if $(INTO),--language $(INTO))

mutants: .venv/.develops static ## Change protecting lines one at a time and list what no test notices (SUBJECTS="suppression gates")
	$(BIN)/python tools/mutants.py $(SUBJECTS)

fix: .venv/.develops ## Mend what can be mended by machine
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	find src -name '*.html' ! -name textarea.html -exec $(BIN)/djhtml --tabwidth 2 {} +

lock: .venv/.develops ## Make the lock files anew
	$(BIN)/python tools/locks.py --write

bench: .venv/.develops ## Measure speed beside rivals, and write docs/reference/performance.md
	$(BIN)/python -m tests.bench.run --write docs/reference/performance.md
	$(BIN)/python -m tests.bench.records --write docs/reference/performance.md
	$(BIN)/python -m tests.bench.notifications --write docs/reference/performance.md
	$(BIN)/python -m tests.bench.support --write docs/reference/performance.md
	$(BIN)/python -m tests.bench.crash

screenshots: .venv/.develops static ## Remake the pictures in the README
	$(BIN)/python tools/screenshots.py

clean: ## Remove everything that was made here
	rm -rf .venv node_modules var src/bield/service/static/vendor .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Bield needs Python 3.11 or later, not " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv

.venv/.runs: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --editable .
	@touch $@

.venv/.develops: requirements-dev.lock pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --no-deps --editable .
	@touch $@ .venv/.runs

static: src/bield/service/static/vendor/.made

src/bield/service/static/vendor/.made: package.json package-lock.json requirements-node.lock tools/design_system.py | .venv/bin/python
	$(BIN)/python tools/design_system.py
	@touch $@

.PHONY: help run test test-fast test-postgres check docs messages mutants fix lock bench screenshots clean static
