# make setup | run | demo | test | check | lock | bench | chaos | fuzz
# Needs only Python >= 3.11 with pip. PYTHON=python3.12 picks another interpreter.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(PYTHON) -m pip --python $(BIN)/python --quiet --disable-pip-version-check
CHECKED := monitor tests seeds alembic docs/evaluation

.PHONY: setup venv boot-test run demo test check format bench chaos fuzz lock clean

venv: .venv/runtime.stamp

setup: venv
	@mkdir -p var
	@$(BIN)/monitor db upgrade

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	@$(PYTHON) -m venv --without-pip .venv

.venv/runtime.stamp: requirements.txt pyproject.toml | .venv/bin/python
	@echo "Installing the locked dependencies into .venv …"
	@$(PIP) install --require-hashes --only-binary :all: -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/runtime.stamp
	@echo "Installing the locked development tools into .venv …"
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.txt
	@touch $@

run: setup
	@exec $(BIN)/monitor run

demo: setup
	@exec $(BIN)/monitor demo

test: setup .venv/dev.stamp
	@$(BIN)/python -m pytest -n auto $(ARGS)

check: setup .venv/dev.stamp
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/mypy
	$(BIN)/monitor rules test
	$(BIN)/python -m pytest tests/test_architecture.py

format: .venv/dev.stamp
	$(BIN)/ruff format $(CHECKED)
	$(BIN)/ruff check --fix $(CHECKED)

# As root, with systemd-nspawn: the service under a real systemd in a container.
boot-test:
	@$(PYTHON) -m tests.boot

bench: setup .venv/dev.stamp
	$(BIN)/python -m tests.bench $(ARGS)

# The daemon killed at random while a misbehaving Slack takes ALERTS alerts; SEED repeats a run.
chaos: setup .venv/dev.stamp
	$(BIN)/python -m tests.chaos --alerts $(or $(ALERTS),1000) --seed $(or $(SEED),1) $(ARGS)

# SECONDS of CPU time for each parser, ONLY some of them (names with commas); findings go to var/fuzz.
fuzz: setup .venv/dev.stamp
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),60) --only "$(ONLY)" $(ARGS)

# Renews both lock files for every Python and platform we support. They hold hashes and no index.
lock: .venv/dev.stamp
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --extra build pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --extra build --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
