# Agent Desk. Bare `make` prints this help; `make run` and `make test` set up all they need.
.DEFAULT_GOAL := help
.PHONY: help run test check desk gateway practice-carrier migrate bench soak diagram reset setup

SHELL := /bin/sh
PYTHON_IN_VENV := .venv/bin/python

help: ## print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## set up, migrate, seed the demo, start everything (Ctrl-C stops it)
	@tools/setup.sh run
	@exec tools/with-parent.sh $(PYTHON_IN_VENV) -m agent_desk up

test: ## set up what tests need and run them all (ARGS="tests/house -x" for some)
	@tools/setup.sh test
	@tools/test.sh $(ARGS)

check: ## lint, format, types, import arrows and JavaScript tests
	@tools/setup.sh dev
	@tools/check.sh

desk: ## start the desk alone
	@tools/setup.sh run
	@exec tools/with-parent.sh $(PYTHON_IN_VENV) -m agent_desk

gateway: ## start the gateway alone
	@tools/setup.sh run
	@exec tools/with-parent.sh $(PYTHON_IN_VENV) -m softphone

practice-carrier: ## start the practice carrier alone
	@tools/setup.sh run
	@exec tools/with-parent.sh $(PYTHON_IN_VENV) -m softphone.practice_carrier \
		--host 127.0.0.1 --port $${PRACTICE_CARRIER_PORT:-5070}

migrate: ## bring the database to the newest schema
	@tools/setup.sh run
	@$(PYTHON_IN_VENV) -m agent_desk migrate

bench: ## measure (benchmarks/README.md says what)
	@tools/setup.sh test
	@$(PYTHON_IN_VENV) -m benchmarks $(ARGS)

soak: ## kill parts under load (N=100), or a long shift of 50 seats (HOURS=8), hostile messages (FUZZ=1000000), faults (FAULTS=1), crashes, edges and races (CRASHES=1), weeks of greedy calling (RULES=300), or odd requests to the API (API=200)
	@tools/setup.sh test
	@$(if $(RULES),RULES_EXAMPLES=$(RULES)) $(if $(API),API_EXAMPLES=$(API)) $(PYTHON_IN_VENV) -m $(if $(API),pytest -q --timeout=0 tests/agent_desk/routes/test_openapi.py,$(if $(RULES),pytest -q --timeout=0 tests/agent_desk/dialer/rules tests/agent_desk/dialer/test_best_hour.py tests/agent_desk/services/dialing/test_next_try.py,$(if $(FUZZ),benchmarks.fuzz --mutations $(FUZZ),$(if $(FAULTS),benchmarks.faults --full,$(if $(CRASHES),benchmarks.crashes,$(if $(HOURS),benchmarks.long_shift --hours $(HOURS),benchmarks.soak --rounds $(or $(N),12))))))) $(ARGS)

diagram: ## draw docs/seats.svg and docs/calls.svg from the tables of the core
	@tools/setup.sh run
	@$(PYTHON_IN_VENV) -m tools.diagram

reset: ## begin the demo anew (refused while it runs, and for any data but the demo's)
	@tools/setup.sh run
	@$(PYTHON_IN_VENV) -m agent_desk reset-demo

setup: ## only set up what `make run` needs
	@tools/setup.sh run
