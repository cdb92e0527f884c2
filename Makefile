# Melicon: `make run` starts it, `make test` tests it. Everything is installed into .venv, once.

PYTHON ?= python3
# Which build of PyTorch is installed: auto (CUDA only where there is a GPU), cpu, cu128, …
TORCH_BACKEND ?= auto

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
WITH := -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help run try bot test busy check format bench chromium postgresql clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

run: $(VENV)/.installed ## Start the bot: on Discord with DISCORD_TOKEN in .env, else in your browser
	@$(BIN)/melicon run

try: $(VENV)/.installed ## Start try-it mode, with or without a token
	@$(BIN)/melicon try

bot: $(VENV)/.installed ## Start the bot on Discord
	@$(BIN)/melicon bot

test: $(VENV)/.installed-dev chromium postgresql ## Run every test, one process for each CPU and two more (ARGS="-n 0 -x tests/gan": some, in one)
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

busy: $(VENV)/.installed-dev ## Run every test as on a busy machine: at the lowest priority, beside four busy loops
	@loops=; for n in 1 2 3 4; do (while :; do :; done) & loops="$$loops $$!"; done; \
	trap 'kill $$loops' EXIT; trap 'exit 130' INT TERM; nice -n 19 $(MAKE) test

check: $(VENV)/.installed-dev ## Lint, formatting, types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.installed-dev ## Format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/.installed-dev ## Measure for hours (ARGS=--quick: a look); prints tables, writes JSON to benchmarks/results/
	@$(BIN)/python -m benchmarks $(ARGS)

# The browser tests want Chromium and its driver; where they cannot be had, the tests say that they were skipped and why.
chromium:
	@command -v chromedriver >/dev/null && { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null \
	|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	     && echo "installing chromium and chromium-driver for the browser tests" \
	     && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium chromium-driver >/dev/null; } \
	|| echo "no Chromium here and it cannot be installed: the browser tests will be skipped"

# Some tests want a PostgreSQL server: they start one of their own, in a temporary folder, without a TCP port.
postgresql:
	@{ command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1 \
	|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	     && echo "installing postgresql for the database tests" \
	     && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null; } \
	|| echo "no PostgreSQL here and it cannot be installed: its tests will be skipped"

clean: ## Remove what make installed
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache *.egg-info

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Melicon needs Python 3.11 or newer; this is $$($(PYTHON) -V). Try make PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "cannot make a virtual environment: on Debian and Ubuntu, apt install python3-venv" >&2; exit 2; }
	@touch $@

$(VENV)/.installed: $(VENV)/.python pyproject.toml constraints.txt
	@echo "installing into $(VENV): a few minutes, this once"
	@$(PIP) install -q $(WITH) uv && UV_HTTP_TIMEOUT=15 UV_HTTP_RETRIES=1 \
	 $(BIN)/uv pip install -q --python $(BIN)/python --torch-backend=$(TORCH_BACKEND) $(WITH) torch 2>/dev/null \
	|| { echo "PyTorch's own index cannot be reached, so torch comes from pip's; on Linux that may bring CUDA along"; \
	     $(PIP) install $(WITH) torch; }
	@$(PIP) install -q $(WITH) -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(PIP) install -q $(WITH) -e '.[dev]'
	@touch $@
