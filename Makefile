# One door for developers. `make` says what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
bin := .venv/bin
servers := python3 -m deploy.local.servers
platform := python3 -m deploy.local.platform
sources := services tests benchmarks deploy

.PHONY: help
help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Bring what the platform needs: packages of the distribution and .venv
	@deploy/local/prepare

.PHONY: setup-check setup-test setup-bench
setup-check setup-test setup-bench: setup-%:
	@deploy/local/prepare $*

.PHONY: up
up: setup ## Start the platform in the background
	@$(platform) up
	@$(bin)/countersign migrate
	@$(bin)/countersign up $(if $(APART),--apart)

.PHONY: demo
demo: up ## Start the platform and play one co-design round on it
	@$(bin)/countersign demo

.PHONY: down
down: ## Stop the platform and its servers
	@if [ -x $(bin)/countersign ]; then $(bin)/countersign down; fi
	@$(platform) down

.PHONY: status
status: ## Show what runs
	@$(platform) status
	@if [ -x $(bin)/countersign ]; then $(bin)/countersign status || [ $$? = 3 ]; else echo 'Not set up yet: make demo'; fi

.PHONY: logs
logs: ## Show what the processes said last (F=1 goes on)
	@$(bin)/countersign logs $(if $(F),--follow)

.PHONY: test
test: setup-test ## Run the tests on private servers of their own, two files at a time (AT_ONCE=0: one)
	@status=0; $(bin)/pytest -n $(or $(AT_ONCE),2) --dist loadfile --no-loadscope-reorder $(ARGS) || status=$$?; $(servers) stop .local/test >/dev/null; exit $$status

.PHONY: test-tamper
test-tamper: setup-test ## Change every byte of a record, one at a time, and see each change found (five minutes)
	@status=0; COUNTERSIGN_TAMPERING=whole $(bin)/pytest -s tests/tampering || status=$$?; $(servers) stop .local/test >/dev/null; exit $$status

.PHONY: check
check: setup-check ## Style, types, contracts and the walls between the rooms
	@$(bin)/ruff check $(sources)
	@$(bin)/ruff format --check $(sources)
	@$(bin)/mypy
	@$(bin)/pytest tests/contract tests/unit/test_walls.py

.PHONY: bench
bench: setup-bench ## Measure, beside peers and the bare floor (ten minutes)
	@$(bin)/python -m benchmarks

.PHONY: chaos
chaos: setup-test ## Play rounds while each process is killed ten times, and the broker is away for half a minute
	@COUNTERSIGN_KILLS=10 COUNTERSIGN_BROKER_AWAY=30 $(bin)/pytest -s tests/chaos/test_round.py

.PHONY: load
load: setup-test ## Sixteen clients edit one draft five thousand times (seven minutes)
	@COUNTERSIGN_EDITS=5000 $(bin)/pytest -s tests/integration/test_one_draft.py

.PHONY: mutants
mutants: setup-check ## Break the code in known ways and see its tests go red
	@$(bin)/python -m tests.mutants

lock_options := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate -q
.PHONY: lock
lock: setup-check ## Pin the newest libraries that pyproject.toml allows
	@$(bin)/uv pip compile pyproject.toml --upgrade --extra build $(lock_options) --custom-compile-command 'make lock' -o requirements.lock >/dev/null
	@$(bin)/uv pip compile pyproject.toml --extra build --extra dev -c requirements.lock $(lock_options) --custom-compile-command 'make lock' -o requirements-dev.lock >/dev/null
	@$(bin)/uv pip compile pyproject.toml --extra build --extra dev --extra bench -c requirements-dev.lock $(lock_options) --custom-compile-command 'make lock' -o requirements-bench.lock >/dev/null

.PHONY: languages
languages: setup-check ## Bring the catalogues of the interface up to date
	@$(bin)/python -m deploy.languages

.PHONY: contracts-lock
contracts-lock: setup ## Freeze the contracts that a release publishes
	@$(bin)/countersign contracts lock

.PHONY: erase
erase: down ## Delete the local platform with all its data
	@$(platform) erase
	@$(servers) erase .local/test
	@rm -rf .local
