# Every command of the platform. `make` alone explains itself.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

PORT ?= 18080
DATA ?= .data
KEEP ?= 1
INVOICES ?= 1000000
MINUTES ?= 60
FACTOR ?= 20
# Looked for once, and only when it is needed.
PYTHON ?= $(eval PYTHON := $$(shell deploy/tools/python))$(PYTHON)

PY := .venv/bin/python
# Absolute, and quoted wherever it is used: a folder's name may have spaces, which make's own functions cannot keep.
FOLDER := $(if $(filter /%,$(firstword $(DATA))),$(DATA),$(CURDIR)/$(DATA))
RUN := DATA='$(FOLDER)' $(PY) manage.py
TEST_ENV := DATA='$(CURDIR)/.data/test' DJANGO_SETTINGS_MODULE=billing_project.settings
PYTEST := $(TEST_ENV) $(PY) -m pytest
# Read by every Python that starts, so that the tests' own processes are measured too; each writes a file of its own.
COVERAGE_FILE := COVERAGE_FILE='$(CURDIR)/.data/coverage/data'
MEASURED := $(COVERAGE_FILE) COVERAGE_PROCESS_START='$(CURDIR)/pyproject.toml'
# Addresses nobody answers at: a test that should not need a service then fails instead of starting one.
NO_SERVICES := DATABASE_URL=postgresql://nobody@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0 \
  STRIPE_API_BASE=http://127.0.0.1:1 STRIPE_SECRET_KEY=sk_test_000000000000000000000000
# With a database of your own the stamp in DATA says nothing about its tables: look every time.
STAMP := $(FOLDER)/.migrated
IS_MIGRATED := [ -z '$(DATABASE_URL)' ] && [ -e '$(STAMP)' ] && \
  [ -z "$$(find apps/*/migrations requirements/base.txt -name '*.pyc' -prune -o -type f -newer '$(STAMP)' -print -quit)" ]
# What pip says, as one line for every twenty packages; what it complains about goes past this.
COUNT := awk -v all="$$(grep -c '^[a-z].*==' requirements/dev.txt)" \
  '/^Collecting/ && ++n % 20 == 0 {print "  " n " of about " all " packages found"; fflush()} \
  /^Installing/ {print "  installing them"; fflush()}'
# The list is whole, so nothing is resolved: pip would look for `coverage[toml]` anew beside `coverage`, and refuse a newer
# release for want of a hash. uv is four times as fast; where it is not, or cannot reach what pip can, pip does it.
UV_INSTALL := command -v uv >/dev/null && { \
  uv pip install --compile-bytecode --python $(PY) --no-deps --require-hashes -r requirements/dev.txt 2>&1 | awk '!/^ [-+~] /'; }
PIP_INSTALL := install --disable-pip-version-check --no-deps --require-hashes --progress-bar off -r requirements/dev.txt

.PHONY: help setup serve demo stop clean test test-fast test-long test-mutation coverage bench-renew bench-billing bench-clock bench-usage bench-payments bench-webhooks soak bench-api bench-admin bench-pdf lint format openapi trace tools prepare observability drill load bench-observability

help: ## Show this list
	@echo 'make <target> [PORT=18080] [DATA=.data]'
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14 | sed 's/^/  /'
	@echo 'Services that no variable names (see .env.example) are started from DATA. More: docs/operate.md'

setup: .venv/.installed ## Everything a fresh machine needs, then nothing is left to do
	@$(IS_MIGRATED) || $(MAKE) prepare
	@echo 'set up: run `make demo` or `make serve`'

# --without-pip needs no ensurepip, which a bare Debian lacks; pip then comes from uv, the system's pip or its wheel.
.venv/bin/python:
	@test -n '$(PYTHON)' || { echo 'no Python 3.11 or newer found' >&2; echo '  hint: install one, or say PYTHON=/path' >&2; exit 2; }
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo '$(PYTHON) is too old' >&2; echo '  hint: 3.11 or newer: make setup PYTHON=/path/to/python3.11' >&2; exit 2; }
	@echo 'making .venv with $(PYTHON)'
	@'$(PYTHON)' -m venv .venv 2>/dev/null || { rm -rf .venv; '$(PYTHON)' -m venv --without-pip .venv; }

.venv/.installed: requirements/dev.txt | .venv/bin/python
	@echo 'installing requirements/dev.txt (about a minute)'
	@if $(UV_INSTALL); then :; \
	elif $(PY) -m pip --version >/dev/null 2>&1; then \
	  $(PY) -m pip $(PIP_INSTALL) | $(COUNT); \
	elif '$(PYTHON)' -m pip --version >/dev/null 2>&1; then \
	  '$(PYTHON)' -m pip --python $(PY) $(PIP_INSTALL) | $(COUNT); \
	elif wheel=$$(ls /usr/share/python-wheels/pip-*.whl 2>/dev/null | tail -1) && test -n "$$wheel"; then \
	  $(PY) "$$wheel/pip" $(PIP_INSTALL) | $(COUNT); \
	else \
	  echo 'no pip to install with' >&2; \
	  echo '  hint: apt-get install python3-venv (or python3-pip, or uv), then make setup' >&2; exit 2; \
	fi
	@touch $@

prepare: .venv/.installed
	@$(RUN) services prepare
	@touch '$(STAMP)'

serve: .venv/.installed ## API, worker and beat in the foreground until Ctrl-C
	@exec env $(RUN) services serve --port '$(PORT)'

demo: .venv/.installed ## The whole platform at work on a small company; KEEP=0 stops it at the end
	@$(RUN) services fresh
	@$(RUN) services serve --detach --port '$(PORT)' --any-port
	@status=0; KEEP='$(KEEP)' $(RUN) demo || status=$$?; \
	if [ '$(KEEP)' = 0 ]; then $(RUN) services stop; \
	else echo "it keeps running; stop it with: make stop DATA=\"$(DATA)\""; fi; exit $$status

stop: ## End whatever runs on DATA
	@if [ -x $(PY) ]; then $(RUN) services stop; else echo 'nothing was ever set up here'; fi

# Three at once on two cores: many of them wait for servers.
test: .venv/.installed tools ## Set up and run every test of up to 20 seconds
	@$(PYTEST) -n 3 -m 'not long'

test-fast: .venv/.installed ## Rules and kernel alone, without any service
	@$(NO_SERVICES) $(PYTEST) -q -n 0 -p no:randomly -m 'not django_db' --ignore tests/kernel/test_doorbell.py $$(ls -d tests/kernel tests/*/rules tests/*/test_rules.py 2>/dev/null)

test-long: .venv/.installed tools ## Every test, the long ones too
	@$(PYTEST) -n 2

test-mutation: .venv/.installed ## Each operator and constant of the rules changed, one at a time: do their tests notice? (long)
	@$(NO_SERVICES) $(PY) -m tests.mutation

coverage: .venv/.installed tools ## The tests of `make test`; fails when money is covered below 95 %
	@rm -rf .data/coverage && mkdir -p .data/coverage
	@$(MEASURED) $(PYTEST) -n 2 -m 'not long'
	@$(COVERAGE_FILE) $(PY) -m coverage combine --quiet
	@$(COVERAGE_FILE) $(PY) -m coverage report --skip-covered --fail-under=95 \
	  --include 'apps/kernel/*,apps/*/rules.py,apps/*/rules/*,apps/*/actions.py,apps/*/actions/*'

bench-renew: .venv/.installed ## Renewals a second, on durable services of its own; the last line is JSON
	@DATA='$(CURDIR)/.data/bench' $(PY) -m tests.performance.bench_renew

bench-billing: .venv/.installed ## Invoices a second of whole runs, against the same rows written by hand; the last line is JSON
	@DATA='$(CURDIR)/.data/bench' $(PY) -m tests.performance.bench_billing

bench-clock: .venv/.installed ## Ten years of a thousand subscriptions on a test clock; the last line is JSON
	@DATA='$(CURDIR)/.data/bench' $(PY) -m tests.performance.bench_clock

bench-usage: .venv/.installed ## Usage events a second over HTTP, and what they are measured against; the last line is JSON
	@DATA='$(CURDIR)/.data/bench' $(PY) -m tests.performance.bench_usage

bench-payments: .venv/.installed ## Payments a second through the workers, and how soon the messages are out; the last line is JSON
	@DATA='$(CURDIR)/.data/bench' $(PY) -m tests.performance.bench_payments

bench-webhooks: .venv/.installed ## From commit to webhook received, deliveries a second, memory of idle streams; the last line is JSON
	@DATA='$(CURDIR)/.data/bench' $(PY) -m tests.performance.bench_webhooks

soak: .venv/.installed ## Eight workers doing everything at once (MINUTES=60): no deadlock, no error; the last line is JSON
	@DATA='$(CURDIR)/.data/bench' $(PY) -m tests.performance.soak --seconds $$(( $(MINUTES) * 60 ))

bench-admin: .venv/.installed ## Milliseconds a staff page at a million invoices (INVOICES=1000000); the last line is JSON
	@DATA='$(CURDIR)/.data/bench-admin' $(PY) -m tests.performance.bench_admin --invoices $(INVOICES)

load: .venv/.installed ## The service levels under load, with a verdict for each; the last line is JSON
	@$(TEST_ENV) $(PY) -m tests.performance.load

bench-observability: .venv/.installed ## What metrics and logs cost a request, at most 5 %; the last line is JSON
	@DATA='$(CURDIR)/.data/bench' $(PY) -m tests.performance.bench_observability

bench-api: .venv/.installed ## Milliseconds of the API at a million invoices, sixteen connections; the last line is JSON
	@$(PY) -m tests.performance.bench_api --invoices $(INVOICES)

bench-pdf: .venv/.installed ## Milliseconds a document, against an empty one; the last line is JSON
	@$(PY) -m tests.performance.bench_pdf

lint: .venv/.installed ## Style, types, import rules, dependencies, migrations, API document
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@SECRET_KEY=only-for-the-type-checker $(PY) -m mypy
	@.venv/bin/lint-imports
	@.venv/bin/deptry .
	@$(PY) manage.py makemigrations --check --dry-run
	@$(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null

format: .venv/.installed ## Put the code into the house's style
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .

openapi: .venv/.installed ## Write docs/openapi.json anew from the code
	@$(PY) manage.py spectacular --format openapi-json --file docs/openapi.json

observability: .venv/.installed ## Write rules, dashboards and configuration below observability/ anew (RUNBOOKS=https://...)
	@$(PY) -m observability.source $(if $(RUNBOOKS),--runbooks '$(RUNBOOKS)')

drill: .venv/.installed tools ## Break each part of a real stack; does every alert come, arrive and resolve? (long; FACTOR=20)
	@$(TEST_ENV) $(PY) -m tests.observability.drill --factor $(FACTOR)

trace: .venv/.installed ## Which requirement is proved by which test
	@$(PY) -m tests.trace

tools: ## Programs from outside that tests need (Chromium, Prometheus, Alertmanager): found, installed or downloaded
	@deploy/tools/install
	@deploy/tools/monitoring

clean: stop ## Delete DATA and the caches, keep .venv
	@if [ -x $(PY) ]; then $(RUN) services clean; else rm -rf .data; fi
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache static/collected
	@find apps billing_project tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
