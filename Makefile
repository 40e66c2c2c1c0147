# Everything needs Python 3.11 or newer and make, and makes the rest itself, in .venv.
.DEFAULT_GOAL := help
.NOTPARALLEL:
# Bytecode is kept, whoever says it should not be: else each worker and each server that the tests
# start compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE
bin := .venv/bin
suits := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$python -c '$(suits)' 2>/dev/null && echo $$python && break; done)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

serve: export SEKISHO_MODE ?= development
serve: .venv/serves ## the server with the demo world; PORT, HOST and SEKISHO_* are honoured
	@$(bin)/sekisho seed
	@$(bin)/sekisho serve --host "$${HOST:-127.0.0.1}" --port "$${PORT:-8000}"

test: export SEKISHO_MODE ?= development
test: .venv/tests ## the suite but for its longest tests, on SQLite and PostgreSQL
	@$(bin)/pytest --numprocesses auto --dist worksteal -m 'not exhaustive and not long and not browser'

test-long: export SEKISHO_MODE ?= development
test-long: .venv/tests ## what the suite does, ten times as much of it
	@$(bin)/pytest --numprocesses auto --dist worksteal -m long

check: lint types sdl-fresh web-fresh coverage exhaustive test-clients test-browser ## what has to pass before a change lands; CI runs it

lint: .venv/tests ## the formatter's and the linter's findings
	@$(bin)/ruff format --check
	@$(bin)/ruff check

fix: .venv/tests ## format, and mend what the linter can mend
	@$(bin)/ruff check --fix-only
	@$(bin)/ruff format

types: .venv/tests ## the type checker's findings
	@$(bin)/mypy

sdl: .venv/serves ## write schema/schema.graphql from the code
	@sdl=$$($(bin)/sekisho schema) && printf '%s\n' "$$sdl" > schema/schema.graphql

sdl-fresh: .venv/serves ## whether schema/schema.graphql is what the code says
	@$(bin)/sekisho schema | diff -u schema/schema.graphql - || { echo 'Run make sdl.'; exit 1; }

coverage: export SEKISHO_MODE ?= development
coverage: .venv/tests ## the same under coverage; no line or branch of the rule is left out
	@$(bin)/pytest --numprocesses auto --dist worksteal -m 'not exhaustive and not long and not browser' --cov

exhaustive: export SEKISHO_MODE ?= development
exhaustive: .venv/tests ## its longest tests: two worlds, agreement, every byte, servers that are killed
	@$(bin)/pytest --numprocesses auto --dist worksteal -m 'exhaustive and not long'

test-fuzz: .venv/tests ## schemathesis against a live server, for ten minutes; FUZZ="--seconds 60 --first 7"
	@$(bin)/python -m tests.fuzz.run $(FUZZ)

test-clients: .venv/tests ## code generators, a normalising store and both examples against a live server; needs Node
	@$(bin)/python -m tests.clients.run

test-browser: export SEKISHO_MODE ?= development
test-browser: .venv/tests ## the pages in a real browser; needs Chromium, and installs it where apt-get can
	@$(bin)/python -m tests.browser.run

screenshots: export SEKISHO_MODE ?= development
screenshots: .venv/tests ## take the pictures in docs/img anew; needs Chromium
	@$(bin)/python -m tests.browser.screenshots

web: web/node_modules/.package-lock.json ## build the workbench into server/static/workbench; needs Node
	@cd web && npm run --silent build

web-fresh: ## whether server/static/workbench is what web/ says; needs Node
	@if command -v npm >/dev/null; then $(MAKE) --silent web && \
	  test -z "$$(git status --porcelain -- server/static/workbench | tee /dev/stderr)" || \
	  { echo 'Run make web, and commit what it writes.'; exit 1; }; \
	else echo 'web-fresh: skipped. There is no Node on this machine.'; fi

bench: .venv/tests ## what requests cost, and the ledger; written to docs/benchmarks.md; BENCH="--members 1000000"
	@$(bin)/python -m benchmarks $(BENCH)

sbom: .venv/sbom/bin/cyclonedx-py ## a CycloneDX bill of materials of all that constraints.txt locks: sbom.cdx.json
	@$< requirements --pyproject pyproject.toml --output-reproducible --output-file sbom.cdx.json constraints.txt

mutants: .venv/tests ## the enforcement broken on purpose, one way after the other, and which test notices
	@$(bin)/python -m tests.mutants

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	@cd web && npm ci --silent
	@touch $@

.venv/sbom/bin/cyclonedx-py: | .venv/bin/python
	@$(bin)/python -m venv .venv/sbom
	@.venv/sbom/bin/pip install --quiet --disable-pip-version-check 'cyclonedx-bom==7.*'

.venv/serves: pyproject.toml constraints.txt | .venv/bin/python
	@$(bin)/pip install --quiet --disable-pip-version-check -e . -c constraints.txt
	@touch $@

.venv/tests: pyproject.toml constraints.txt | .venv/bin/python
	@$(bin)/pip install --quiet --disable-pip-version-check -e '.[dev]' -c constraints.txt
	@touch $@ .venv/serves

.venv/bin/python:
	@test -n '$(PYTHON)' || { echo 'Sekisho needs Python 3.11 or newer, with venv and pip.'; exit 1; }
	@$(PYTHON) -m venv .venv

.PHONY: help sbom serve test test-long test-fuzz test-clients test-browser screenshots web web-fresh mutants bench check lint fix types sdl sdl-fresh coverage exhaustive
