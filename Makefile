# One environment in .venv, filled from the locks; a stamp in it says what is in step, so a second run takes seconds.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
ASSETS := static/built/manifest.json
UV := uv==0.13.8

# One line of names instead of pip's many; errors come whole.
pip_install = echo "Installing from $(1):"; $(PY) -m pip install --disable-pip-version-check --require-hashes -r $(1) \
	| awk '/^Collecting/ {printf " %s", $$2; fflush(); n++} END {if (n) print ""}'

assets_from = $(shell find static translations templates participation -type f -not -path 'static/built*' \
	-not -name '*.mo' -not -path '*/__pycache__/*' 2>/dev/null)

.PHONY: help run test lint audit tools bench screenshots catalogues lock wheel clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

run: export SITE_NAME := $(or $(SITE_NAME),Torstrand)
run: $(VENV)/app ## install, migrate, load the demo into an empty database, and serve (HOST, PORT, DATABASE_URL)
	@exec $(VENV)/bin/participation up

test: $(VENV)/app $(VENV)/test.lock tools lint audit ## lint, types and every test; CI=true lets nothing be skipped
	@$(PY) -m pytest -n 2 --dist worksteal

lint: $(VENV)/app $(VENV)/test.lock ## style, types, templates, and habits of older htmx
	@$(VENV)/bin/ruff check --quiet .
	$(VENV)/bin/ruff format --check --quiet . || { echo "Not formatted: run $(VENV)/bin/ruff format"; exit 1; }
	$(VENV)/bin/mypy
	$(VENV)/bin/djlint templates --lint --quiet
	$(PY) node_modules/htmx.org/dist/scripts/upgrade-check.py templates

audit: $(VENV)/test.lock ## known vulnerabilities in the locked versions
	@$(PY) requirements/audit.py

tools: # what the tests drive; installed where apt may, else named
	@missing=""
	command -v chromium chromium-browser google-chrome >/dev/null || missing="chromium fonts-noto-core"
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing="$$missing postgresql"
	command -v pdftoppm >/dev/null || missing="$$missing poppler-utils"
	command -v openssl >/dev/null || missing="$$missing openssl"
	[ -n "$$missing" ] || exit 0
	as_root=""; [ "$$(id -u)" = 0 ] || as_root="sudo -n"
	if command -v apt-get >/dev/null && $$as_root true 2>/dev/null; then
		echo "Installing with apt: $$missing"
		$$as_root apt-get update -qq
		$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null
	elif [ "$${CI:-}" = true ]; then
		echo "Missing, and CI may skip nothing: $$missing"; exit 1
	else
		echo "Skipping the tests that need what is not installed: $$missing"
	fi

bench: $(VENV)/app $(VENV)/test.lock tools ## measure what the figures claim, as JSON and a table
	@$(PY) -m bench

screenshots: $(VENV)/app $(VENV)/test.lock tools ## the pictures in the README
	@$(PY) -m tests.screenshots

catalogues: $(VENV)/test.lock ## bring translations/ in step with the words in the code
	@$(PY) -m translations.update

lock: $(VENV)/pip ## renew every lock within the bounds of pyproject.toml and package.json
	@$(PY) -m pip install --quiet $(UV)
	compile="$(PY) -m uv pip compile --quiet --no-config --upgrade --universal --python-version 3.11 --generate-hashes"
	compile="$$compile --no-header --no-annotate"
	unset PIP_FIND_LINKS PIP_EXTRA_INDEX_URL UV_FIND_LINKS UV_EXTRA_INDEX_URL UV_INDEX
	$$compile pyproject.toml -o requirements/run.txt
	for group in build node test; do
		$$compile --group $$group -c requirements/run.txt -o requirements/$$group.txt
	done
	npm update --package-lock-only --ignore-scripts
	node -e 'const fs = require("fs"), file = "package-lock.json", lock = JSON.parse(fs.readFileSync(file));
	for (const entry of Object.values(lock.packages)) { delete entry.funding; delete entry.resolved; }
	fs.writeFileSync(file, JSON.stringify(lock, null, 2) + "\n");'

wheel: $(ASSETS) ## a wheel in dist/ that carries templates, catalogues and assets
	@$(PY) -m pip wheel --quiet --no-build-isolation --no-deps --wheel-dir dist .
	ls dist/*.whl

clean: ## remove what was installed and built
	rm -rf $(VENV) node_modules static/built static/built.new dist
	find translations -name '*.mo' -delete

# Debian keeps ensurepip in a package of its own; the machine's pip can fill the environment instead.
$(VENV)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=python3.11"; exit 1; }
	echo "Making $(VENV) with $$($(PYTHON) --version)"
	if ! $(PYTHON) -c 'import ensurepip' 2>/dev/null; then
		$(PYTHON) -m venv --without-pip $(VENV)
		$(PYTHON) -m pip --python $(PY) install --quiet pip \
			|| { echo "No pip here: apt install python3-venv (or python3-pip), then make again"; rm -rf $(VENV); exit 1; }
	else
		$(PYTHON) -m venv $(VENV)
	fi
	touch $@

$(VENV)/%.lock: requirements/%.txt $(VENV)/pip
	@$(call pip_install,$<)
	touch $@

# Node from the package index, only where the machine has none young enough.
$(VENV)/node: $(VENV)/build.lock requirements/node.txt
	@if ! $(PY) -c 'import hatch_build, sys; sys.exit(not hatch_build.machine_has_node())'; then
		$(call pip_install,requirements/node.txt)
	fi
	touch $@

$(ASSETS): $(VENV)/node hatch_build.py package-lock.json $(assets_from)
	@$(PY) hatch_build.py
	touch $@

$(VENV)/app: $(VENV)/run.lock $(ASSETS) pyproject.toml
	@[ $@ -nt pyproject.toml ] || $(PY) -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@
