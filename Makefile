# `make run` and `make test` are all a newcomer needs: Python 3.11 and make are enough, the rest is installed here.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
DEMO ?= true

.PHONY: run test check install browser-test lint clean

run: install  ## the portal on http://127.0.0.1:8000 with its worker, the five documents and the demo people
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py load_plans
	@if [ "$(DEMO)" = true ]; then $(BIN)/python manage.py load_demo; fi
	@# server and worker live and die together: both in the background, so that a signal reaches the trap at once
	@$(BIN)/python manage.py db_worker --no-reload & worker=$$!; \
	$(BIN)/python manage.py runserver --noreload 127.0.0.1:$(PORT) & server=$$!; \
	trap 'kill $$worker $$server 2>/dev/null; wait' EXIT; trap 'exit 130' INT TERM HUP; \
	wait $$server

test: install  ## everything that can run here, on all cores: first the tests without a browser, then those that drive one
	$(BIN)/python -m pytest -n auto -m "not browser"
	$(BIN)/python -m pytest -n auto -m browser

check: lint  ## format, lint, strict types, and the tests without a browser
	$(BIN)/python -m pytest -n auto -m "not browser"

lint: install  ## format, lint and strict types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .

browser-test: install  ## only the tests that drive a browser
	$(BIN)/python -m pytest -n auto -m browser

install: .venv/installed static/vendor/versions.json  ## the virtual environment and the front-end libraries

.venv/installed: requirements-dev.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

# npm of the machine, or else the one that requirements-node.txt brings into the virtual environment
static/vendor/versions.json: package-lock.json tools/vendor.py .venv/installed
	@if command -v npm >/dev/null 2>&1; then npm=npm; else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.txt && npm=$(CURDIR)/$(BIN)/npm; fi; \
	PATH="$(CURDIR)/$(BIN):$$PATH" $$npm ci --ignore-scripts --silent
	$(BIN)/python tools/vendor.py

clean:  ## back to a fresh clone; the database in var/ stays
	rm -rf .venv node_modules static/vendor staticfiles .mypy_cache .ruff_cache .pytest_cache
