# Each target works on a fresh machine with Python 3.11 or newer and make.
.DEFAULT_GOAL := help
.PHONY: help setup demo test check lint format types coverage bench fuzz docs lock clean

BIN := .venv/bin
# More options for pytest or for the benchmarks: make test ARGS="-k journal"
ARGS ?=

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

setup: ## make .venv with the command tocsin in it
	@PYTHON="$(PYTHON)" .ci/setup

demo: setup ## start a node with demonstration evidence; RESET=1 starts over
	@exec $(BIN)/tocsin demo $(if $(RESET),--reset)

test: setup ## run the tests
	$(BIN)/pytest -n 2 --dist worksteal $(ARGS)

check: setup lint ## everything a change must pass; the same as .ci/run
	@$(MAKE) --no-print-directory -j 2 types coverage
	@$(MAKE) --no-print-directory test

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: setup
	$(BIN)/mypy

coverage: setup
	NUMBA_DISABLE_JIT=1 $(BIN)/pytest -q tests/science src/tocsin/science \
		--cov=tocsin.science --cov-branch --cov-fail-under=100 --cov-report=term:skip-covered

format: setup ## put the code in the house's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## measure speed and memory
	$(BIN)/python -m benchmarks $(ARGS)

fuzz: setup ## look for inputs that break a reader, the API or a form; ARGS="--seconds=600 fhir"
	@$(BIN)/python -c "import atheris" 2>/dev/null \
		|| $(BIN)/uv pip install --quiet --python $(BIN)/python "atheris>=3.0"
	PYTHONPATH=src:. $(BIN)/python -m tests.fuzz $(ARGS)

docs: setup ## check every link between the documents
	$(BIN)/pytest -q tests/architecture/test_documents.py
	@echo "Begin with README.md, ARCHITECTURE.md and docs/."

lock: setup ## pin the dependencies of pyproject.toml anew
	@sed -n 1p requirements.lock > .lock.unfinished
	@$(BIN)/uv pip compile pyproject.toml --quiet --no-config --extra dev --universal \
		--python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url \
		--upgrade >> .lock.unfinished
	@mv .lock.unfinished requirements.lock

clean: ## remove what tools left behind; environments and data stay
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	rm -f .coverage .lock.unfinished
	find src tests -name __pycache__ -prune -exec rm -rf {} +
