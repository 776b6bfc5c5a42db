# Everything a developer does, by name. `make demo` and `make test` need nothing but Python 3.11+.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
NOTES  := datasets/notes
TASKS  := medications conditions allergies measurements acronyms coreference pico trial-results vaccine-events

.DEFAULT_GOAL := help
.PHONY: help demo test test-system proof lint format model bench bench-accuracy clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Clinie needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.clinie: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(VENV)/.clinie $@

$(VENV)/.bench: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

$(VENV)/.train: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[llm]' torch==2.13.0
	@touch $@

demo: $(VENV)/.clinie ## run every task on the bundled notes
	$(BIN)/clinie extract $(NOTES) $(TASKS:%=--task %) \
	  -o demo/facts.jsonl --view demo/facts.html --overwrite
	@echo "Open demo/facts.html in a browser; the records are in demo/facts.jsonl."

test: $(VENV)/.dev ## all fast tests, with coverage (under 10 minutes)
	$(BIN)/python -m pytest -m "not system and not proof" --cov --cov-report=term

test-system: $(VENV)/.dev ## tests with real installations and a real browser (under 20 minutes)
	$(BIN)/python -m pytest -m system

lint: $(VENV)/.dev ## ruff, mypy and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

model: $(VENV)/.train ## train the weights that ship, from the corpora (about an hour on two cores)
	$(BIN)/python -m clinie.training.tagger

bench-accuracy: $(VENV)/.train ## rules, tagger and cascade on the corpora, in one run
	$(BIN)/python -m benchmarks accuracy

bench: $(VENV)/.bench ## speed against the named peers, accuracy on the corpora
	$(BIN)/python -m benchmarks

proof: $(VENV)/.bench ## long runs over the corpora; results go to docs/figures.md
	$(BIN)/python -m pytest -m proof
	$(BIN)/python -m benchmarks --long --write docs/figures.md

clean: ## remove what the other targets made
	rm -rf $(VENV) demo build dist .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
