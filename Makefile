# siyu: two commands matter to a new user, `make demo` and `make test`. Each target does what it needs first.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
export SIYU_CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

.PHONY: setup demo quick test test-long test-external check bench console format lint types contracts sql docs clean

setup: $(READY) console ## make .venv and the console

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("siyu needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@echo "installing the pinned requirements …"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(PY) scripts/link_source.py
	@touch $@

console: $(READY) ## build web/ when it has changed
	@$(PY) scripts/web_build.py

demo: setup ## a living demo brand; prints its address and log-in
	@$(PY) -m siyu.app.cli demo $(ARGS)

quick: $(READY) ## before each commit: format, lint, types, contracts, touched tests
	@$(MAKE) --no-print-directory format-check lint types contracts
	@$(PY) scripts/touched_tests.py

test: setup ## the suite
	@$(PY) -m pytest -n 2 --dist loadscope -m "not long" $(ARGS)

test-long: setup ## what takes longest: promised sizes, kills by the dozen, fuzz of everything
	@$(PY) -m pytest -n 2 --dist loadscope -m long $(ARGS)

test-external: setup ## the suite against Debian's PostgreSQL, when installed
	@$(PY) scripts/external_server.py $(PY) -m pytest -n 2 --dist loadscope -m "not long" $(ARGS)

check: setup format-check lint types contracts sql docs ## everything CI asks
	@$(PY) scripts/web_build.py --check
	@$(MAKE) --no-print-directory test
	@$(MAKE) --no-print-directory test-long

format: $(READY)
	@$(PY) -m ruff format src tests migrations scripts bench
	@$(PY) -m ruff check --fix src tests migrations scripts bench

format-check: $(READY)
	@$(PY) -m ruff format --check --quiet src tests migrations scripts bench

lint: $(READY)
	@$(PY) -m ruff check --quiet src tests migrations scripts bench

types: $(READY)
	@$(PY) -m mypy

contracts: $(READY)
	@PYTHONPATH=src $(VENV)/bin/lint-imports --no-logo --cache-dir .import_linter_cache

sql: $(READY)
	@$(PY) scripts/check_sql.py

docs: $(READY)
	@$(PY) scripts/reference_docs.py --check

bench: setup ## make bench NAME=rfm
	@$(PY) -m siyu.app.cli bench $(NAME) $(ARGS)

clean:
	rm -rf $(VENV) web/node_modules src/siyu/app/static .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
