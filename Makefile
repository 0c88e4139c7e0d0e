# `make run` and `make test` set up everything they need; `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
# Books as plain text, a file or a folder: what the bundled model is trained and tested on.
CORPUS ?= corpus
# Extra arguments for pip, e.g. the index of CPU-only torch builds (see README).
PIP_ARGS ?=
# A worker a core (tests/conftest.py): torch's threads wait for each other where they share cores.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 8 --dist worksteal
# Whose annotations of tensors are enforced at length, and always with ENFORCE=1, which doubles the
# time of the engine's tests.
SHAPES := attention_surgery.engine,training.measures,training.transformer,training.muon,beartype.beartype

.DEFAULT_GOAL := help
.PHONY: help setup run dev test test-python test-frontend test-e2e browser postgresql test-long lint types format bench openapi requirements clean \
	train-bundled evaluate-bundled circuits notebooks

help: ## list the targets
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 20

setup: $(VENV)/.installed frontend/node_modules/.installed ## install all dependencies

# Python compiles a module when it is first imported, and most of these never are.
$(VENV)/.installed: requirements.txt pyproject.toml
	@echo 'Installing the Python packages into $(VENV); torch is large, so this takes some minutes.'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-compile $(PIP_ARGS) -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $@

frontend/node_modules/.installed: frontend/package-lock.json
	cd frontend && npm ci --no-audit --no-fund --loglevel=error
	touch $@

frontend/dist/index.html: frontend/node_modules/.installed $(shell find frontend/src frontend/public frontend/index.html frontend/reference.html -type f 2>/dev/null)
	cd frontend && npm run --silent build
	touch $@

run: setup frontend/dist/index.html ## API and web app on http://localhost:8000
	$(BIN)/attention-surgery serve --port $(PORT)

dev: setup ## API with reload on :8000, Vite on http://localhost:5173
	@trap 'kill 0' EXIT INT TERM; \
	$(BIN)/python -m uvicorn attention_surgery.api:app --port 8000 --reload --reload-dir attention_surgery & \
	(cd frontend && npm run --silent dev) & wait

test: browser test-python test-frontend test-e2e ## every test: Python, TypeScript, real browser

test-python: postgresql frontend/dist/index.html
	$(PYTEST) $(if $(ENFORCE),--jaxtyping-packages=$(SHAPES))

test-frontend: setup
	cd frontend && npm run --silent check:api && npm test --silent

test-e2e: browser frontend/dist/index.html
	cd frontend && npm run --silent check:size && npm run --silent e2e

browser: setup ## the browser that the stories run in; sets one up where there is none
	cd frontend && node scripts/browser.mjs

postgresql: setup ## the database that the store is tested on; sets one up where there is none
	$(BIN)/python -m tests.postgresql

test-long: postgresql browser frontend/dist/index.html ## a class of thirty for a minute, 500 requests a route made up, and the like
	$(PYTEST) -m long --timeout 900 --jaxtyping-packages=$(SHAPES)

lint: setup ## ruff, eslint, prettier
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	cd frontend && npm run --silent lint && npm run --silent format:check

types: setup ## mypy, tsc
	$(BIN)/mypy
	cd frontend && npm run --silent typecheck

format: setup ## rewrite all code in its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	cd frontend && npm run --silent format

openapi: setup ## regenerate docs/openapi.json and the TypeScript types
	$(BIN)/python -m attention_surgery.api.openapi
	cd frontend && npm run --silent generate:api

requirements: setup ## pin what is installed now in requirements.txt
	@{ echo '# Pinned from pyproject.toml (and its group dev) by `make requirements`; plain pip installs it as it stands.'; \
	$(BIN)/python -m pip freeze --exclude-editable --exclude pip --exclude setuptools \
	| sed -e 's/^\(torch==[0-9.]*\)+.*/\1/' -e 's/^\(uvloop==.*\)/\1 ; sys_platform != "win32"/'; } > $@.tmp
	@mv $@.tmp requirements.txt

bench: setup ## side-by-side measurements, written to benchmarks/RESULTS.md
	$(BIN)/python -m pip install --quiet $(PIP_ARGS) -r benchmarks/requirements.txt
	$(BIN)/python -m benchmarks

train-bundled: setup ## train the bundled model on CORPUS=books (two to three hours on two cores; resumes)
	$(BIN)/python -m training --corpus $(CORPUS)

evaluate-bundled: setup ## print every figure of the bundled model's card; CORPUS=books for English
	$(BIN)/python -m training.evaluate --corpus $(CORPUS)

notebooks: setup frontend/dist/index.html ## run docs/notebooks anew, and keep them with their pictures
	$(BIN)/python -m tests.notebook.gallery

circuits: setup ## find the bundled model's circuits, rewrite docs/bundled-model.md
	$(BIN)/python -m pip install --quiet $(PIP_ARGS) -r training/requirements.txt
	$(BIN)/python -m training.circuits

clean: ## remove everything that was installed or built
	rm -rf $(VENV) frontend/node_modules frontend/dist
