# Two commands do everything: `make demo` and `make test`. Each sets up what it needs in .venv, once.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test bench clean

demo: .venv/.ready-for-demo
	@$(BIN)/decisionlayer demo

test: .venv/.ready-for-test
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto
	$(BIN)/python -m pytest --nbmake notebooks -p no:cacheprovider

bench: .venv/.ready-for-test
	$(BIN)/python -m benchmarks

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "decisionlayer needs Python 3.11 or newer: make PYTHON=python3.12")'
	@$(PYTHON) -m venv .venv

.venv/.ready-for-demo: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Setting up .venv (once; up to a minute) …"
	@$(INSTALL) -e '.[data]'
	@touch $@

.venv/.ready-for-test: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Setting up .venv with what the tests need (once; up to two minutes) …"
	@$(INSTALL) -e '.[dev]'
	@touch $@ .venv/.ready-for-demo

clean:
	rm -rf .venv .demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
