# Everything runs from here; `make` alone says what there is.
# Needs Python >= 3.11, make and git. PYTHON=/path/to/python3 chooses the interpreter.

.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
export HYPOTHESIS_STORAGE_DIRECTORY := .cache/hypothesis
# Whatever the machine says: each of the many processes that start here would compile all there is.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.cache/pycache
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup bench browser screens season season-facts demo image trial up test test-fast properties chaos check docs check-docs check-contracts contracts format lock packs clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

setup: $(READY) ## the environment in .venv, pinned with hashes

$(BIN)/uv: requirements/uv.lock
	@# A copy of a read-only checkout is read-only too, and its owner's all the same.
	@[ -w . ] || chmod -R u+w . 2>/dev/null || { echo "Không ghi được vào $(CURDIR) · cannot write to $(CURDIR)" >&2; exit 1; }
	@python="$$(sh .ci/find-python)" && "$$python" -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

$(READY): $(BIN)/uv requirements/dev.lock pyproject.toml
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements/dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --offline --no-deps --no-build-isolation --editable .
	@# Where it lies is said from there: Python 3.11 reads no Vietnamese letter of a path in the C locale.
	@for path in $(VENV)/lib/python*/site-packages/_vongtay.pth; do printf '../../../..\n' >"$$path"; done
	@touch $@

demo: $(if $(filter compose,$(TARGET)),image,setup) ## one season of the programme, from nothing to the report (FRESH=1 forgets the last run; TARGET=compose: in containers)
	@$(if $(filter compose,$(TARGET)),sh deploy/compose/demo,$(BIN)/python -m console demo) $(if $(filter-out 0,$(FRESH)),--fresh)

image: ## the operators' image, which docker-compose.yml runs
	@docker build --quiet --tag $(or $(VONGTAY_IMAGE),vongtay:latest) .

trial: setup image ## the season in containers while each of them is killed, then upgraded (FACTS=what make demo ended with)
	@$(BIN)/python -m tests.deploy.compose_trial $(if $(FACTS),--facts $(FACTS))

up: setup ## all services on the embedded PostgreSQL and Kafka, until Ctrl-C
	@$(BIN)/python -m console up $(if $(filter-out 0,$(FRESH)),--fresh)

test: $(VENV)/bench-ready $(VENV)/contract-ready ## every test, on the embedded PostgreSQL and Kafka (STACK=containers, STACK=external: on others; WORKERS=0: one after another)
	@$(BIN)/python -m pytest -n $(or $(WORKERS),logical --maxprocesses 4) --dist loadfile --no-loadscope-reorder

test-fast: setup ## what is fast: no server, no browser, no search, a few examples of each property
	@$(BIN)/python -m pytest -m "not stack and not alone and not long" --hypothesis-profile=few -n $(or $(WORKERS),logical --maxprocesses 4)

properties: setup ## properties over new examples each time, a thousand of each; what it finds becomes an @example
	@$(BIN)/python -m pytest -m "hypothesis and not stack" -n $(or $(WORKERS),logical --maxprocesses 4) --hypothesis-profile=new

browser: ## Debian's Chromium, for the tests that look at pages (as root)
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get install --quiet --yes --no-install-recommends chromium >/dev/null 2>&1; } || echo "Không cài được Chromium: bỏ qua các phép thử trình duyệt · no Chromium can be installed: browser tests are skipped"

screens: setup ## the pictures of the desks in docs/screens, taken anew (needs Chromium)
	@$(BIN)/python -m tests.browser.screens

chaos: setup ## seasons under fault, and what the checker finds afterwards (RUNS=1 SEED=now)
	@$(BIN)/python -m tests.chaos.run --runs $(or $(RUNS),1) $(if $(SEED),--seed $(SEED))

$(VENV)/bench-ready: $(READY) requirements/bench.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements/bench.lock
	@touch $@

bench: $(VENV)/bench-ready ## measure it beside its peers (some 20 minutes; QUICK=1 only sees that it runs; PARTS=abc)
	@$(BIN)/python -m bench $(if $(filter-out 0,$(QUICK)),--quick) $(if $(PARTS),--parts $(PARTS))

season: setup ## play the season of SCALE=100 programmes at once; throughput, lag and memory over time (FRESH=1)
	@$(BIN)/python -m bench.season $(if $(SCALE),--scale $(SCALE)) $(if $(filter-out 0,$(FRESH)),--fresh)

season-facts: setup ## play the season and keep its facts anew, against which make test holds each run
	@$(BIN)/python -m tests.system.kept_facts

check: setup ## format, lint, types, import rules, contracts, commands in the docs
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports --cache-dir .cache/import-linter
	@$(MAKE) --no-print-directory check-contracts check-docs

# Node is for two things: the official parser reads the AsyncAPI document, and kafkajs a topic.
$(VENV)/contract-ready: $(READY) requirements/contract.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements/contract.lock
	@touch $@

check-contracts: $(VENV)/contract-ready ## published events stay readable, and their schemas as they were
	@$(BIN)/python -m console.contracts
	@$(BIN)/python -m console.packs >/dev/null

contracts: setup ## write schemas, AsyncAPI and changelog again, and what new events need (RELOCK=1, until 1.0: published ones may change)
	@$(BIN)/python -m console.contracts $(if $(filter-out 0,$(RELOCK)),relock,generate)

packs: setup ## check the programme packs, and lock what is new in them
	@$(BIN)/python -m console.packs lock

docs: setup ## write the tables in docs/ again
	@$(BIN)/python -m console.settings_table
	@$(BIN)/python -m console.permissions_table

check-docs: setup ## every command that the docs show exists, and who may what is what the doors ask
	@[ ! -f tests/docs_commands.py ] || $(BIN)/python -m tests.docs_commands
	@$(BIN)/python -m console.permissions_table check

format: setup ## put the code in order
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

lock: $(BIN)/uv ## resolve requirements/*.in again
	@for name in uv run image dev contract bench; do \
		[ $$name != image ] || within="--constraint requirements/run.lock --constraint requirements/uv.lock"; \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --no-header --no-annotate $${within:-} \
			requirements/$$name.in --output-file requirements/$$name.lock || exit 1; \
	done

clean: ## forget the environment, the downloads and the data
	@rm -rf $(VENV) .cache .run
