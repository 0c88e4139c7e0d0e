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

# Containers often forbid Python to keep what it compiled; then each of the hundred processes that the
# tests start compiles transformers anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON_MISSING = command -v $(PYTHON) > /dev/null || { echo 'Python 3.11 or newer is needed, and there is no \
	`$(PYTHON)`: install one from https://www.python.org/downloads, or name it, as in `make run PYTHON=python3.12`.'; exit 1; }

ifneq (3.81,$(firstword $(sort $(MAKE_VERSION) 3.81)))
$(error GNU make 3.81 or newer is needed, and this is $(MAKE_VERSION): without it, `python3 make.py run` does the same)
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run dev test test-python test-frontend test-e2e browser postgresql test-long test-long-python test-long-e2e test-install wheel lint types format bench openapi requirements clean \
	train-bundled evaluate-bundled circuits notebooks docs pictures

help: ## list the targets
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 20

setup: $(VENV)/.installed frontend/node_modules/.installed ## install all dependencies

# make.py says in a sentence what the machine lacks, and repairs an install that was interrupted.
$(VENV)/.installed: requirements.txt pyproject.toml
	@$(PYTHON_MISSING)
	@PIP_ARGS="$(PIP_ARGS)" $(PYTHON) make.py python

frontend/node_modules/.installed: frontend/package-lock.json
	@$(PYTHON_MISSING)
	@$(PYTHON) make.py node

frontend/dist/index.html: frontend/node_modules/.installed $(shell find frontend/src frontend/public frontend/index.html frontend/reference.html -type f 2>/dev/null)
	@$(PYTHON) make.py page

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

test-long: browser test-long-python test-long-e2e ## a class of thirty for a minute, 500 requests a route made up, all other stories

test-long-python: postgresql browser frontend/dist/index.html
	$(PYTEST) -m "long and not cluster" --timeout 900 --jaxtyping-packages=$(SHAPES)
	$(BIN)/python -m pytest -m cluster --timeout 900

test-long-e2e: browser frontend/dist/index.html
	cd frontend && npm run --silent e2e:long

test-install: setup frontend/dist/index.html ## each way in, from an empty folder
	$(BIN)/python -m pytest tests/install -m install

wheel: setup frontend/dist/index.html ## the package with the page inside, in dist/
	$(BIN)/python -m hatchling build -d dist

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

bench: setup browser frontend/dist/index.html ## side-by-side measurements, written to benchmarks/RESULTS.md
	$(BIN)/python -m pip install --quiet $(PIP_ARGS) -r benchmarks/requirements.txt
	$(BIN)/python -m benchmarks

train-bundled: setup ## train the bundled model on CORPUS=books (two to three hours on two cores; resumes)
	$(BIN)/python -m training --corpus $(CORPUS)

evaluate-bundled: setup ## print every figure of the bundled model's card; CORPUS=books for English
	$(BIN)/python -m training.evaluate --corpus $(CORPUS)

notebooks: setup frontend/dist/index.html ## run docs/notebooks anew, and keep them with their pictures
	$(BIN)/python -m tests.notebook.gallery

docs: $(VENV)/.installed ## the user manual, in build/manual
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo 'The manual: build/manual/index.html'

pictures: setup browser frontend/dist/index.html ## take the pictures of README and manual anew
	cd frontend && npm run --silent screenshots
	$(BIN)/python -m manual.pictures

circuits: setup ## find the bundled model's circuits, rewrite docs/bundled-model.md
	$(BIN)/python -m pip install --quiet $(PIP_ARGS) -r training/requirements.txt
	$(BIN)/python -m training.circuits

clean: ## remove everything that was installed or built
	rm -rf $(VENV) $(VENV).installing frontend/node_modules frontend/dist build dist
