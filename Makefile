# One verb each; CI runs exactly these. `make setup` comes by itself where it is needed.
PY := .venv/bin/python

.PHONY: setup setup-dev run test quick system lint bench docs campaign firmware prompts requirements clean

setup:          ## .venv with what the box needs
	@packaging/setup.sh run

setup-dev:      ## .venv and Debian packages with what the tests need
	@packaging/setup.sh dev

run: setup      ## the whole box on emulated hardware; prints the web address (ARGS="--lines 4 --web-port 0")
	@packaging/run-sim.sh $(ARGS)

test: setup-dev lint quick system  ## everything

quick: setup-dev
	@$(PY) -m pytest -n auto --dist worksteal -m "not system and not campaign"

system: setup-dev
	@$(PY) -m pytest --durations 20 --durations-min 10 -m "system and not campaign"

lint: setup-dev
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@$(PY) -m tests.support.documents --check

bench: setup-dev    ## figures as JSON on stdout
	@$(PY) -m tests.bench

docs: setup-dev     ## regenerate what is generated
	@$(PY) -m tests.support.documents

campaign: setup-dev ## the long proofs: all seeds, resumable; writes docs/figures.md and docs/mutants.md
	@$(PY) -m tests.campaign

firmware: setup-dev ## the signed release of the supervisor's firmware, in build/firmware
	@$(PY) packaging/firmware/build.py

prompts: setup-dev  ## speak the prompts anew (needs espeak-ng)
	@$(PY) -m edge.media.make_prompts

requirements:   ## pin anew (needs uv)
	@packaging/pin.sh

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
