# Two commands do everything: `make demo` and `make test`. Each sets up what it needs in .venv, once.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test set-up lint bench clean

demo: .venv/.set-up
	@$(BIN)/decisionlayer demo

test: .venv/.set-up
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto --dist loadgroup
	$(BIN)/python -m pytest --nbmake notebooks -p no:cacheprovider

bench: .venv/.set-up
	$(BIN)/python -m benchmarks

set-up: .venv/.set-up

.venv/.set-up: pyproject.toml constraints.txt
	@echo "Setting up .venv (once; a minute with an empty package cache) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "decisionlayer needs Python 3.11 or newer; say make PYTHON=python3.12")'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

clean:
	rm -rf .venv .demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
