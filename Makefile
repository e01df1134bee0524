# The commands a newcomer needs. Everything lands in .venv and, by default, in ./var.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# Most tests keep one core busy, and some wait for a process. A file stays in one process, so that what its tests share
# is built once (tests/conftest.py says which files go together).
PARALLEL := --numprocesses 3 --dist loadfile --no-loadscope-reorder

.PHONY: setup demo test lint types unit system ui lock clean

setup: $(INSTALLED)

$(INSTALLED): requirements.lock requirements-bootstrap.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --compile-bytecode --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .
	touch $(INSTALLED)

demo: setup
	$(BIN)/harken demo

ui: setup
	$(BIN)/harken ui

test: setup lint types
	$(BIN)/python -m pytest -q $(PARALLEL)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

unit: setup
	$(BIN)/python -m pytest -q $(PARALLEL) tests --ignore=tests/system

system: setup
	$(BIN)/python -m pytest -q $(PARALLEL) tests/system

# Writes the lock files anew from pyproject.toml; hashes only, no registry address.
lock: setup
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--extra dev --output-file requirements.lock pyproject.toml
	awk '/^[a-z]/ {keep = /^uv==/} keep' requirements.lock > requirements-bootstrap.lock

clean:
	rm -rf $(VENV) build *.egg-info
