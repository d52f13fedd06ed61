# Everything runs in an environment of its own, made from files locked with hashes.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
DEV    := $(VENV)/.installed-dev
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check bench soak screenshots lock clean

demo: $(STAMP)
	@$(BIN)/msktop demo

test: $(DEV)
	@$(BIN)/python -m pytest -m "not soak" -n 2 --dist loadgroup --durations 12

check: $(DEV)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

bench: $(DEV)
	@$(BIN)/python -m benchmarks

soak: $(DEV)
	@$(BIN)/python -m pytest -m soak

screenshots: $(DEV)
	@$(BIN)/python -m screenshots

$(STAMP): pyproject.toml requirements/local.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "msktop needs Python 3.11 or newer; set PYTHON=")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing msktop into $(VENV) …"
	@$(PIP) install --require-hashes -r requirements/local.txt
	@$(PIP) install --no-build-isolation --no-deps -e .
	@touch $@

$(DEV): $(STAMP) requirements/dev.txt
	@echo "installing the tools for tests …"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

# Written anew only by hand: `make lock`. No registry address ends up in the files.
lock: $(DEV)
	@$(PIP) install uv
	@for what in "core" "local --extra local" "dev --extra local --group dev"; do \
	  set -- $$what; out=$$1; shift; \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	    $$@ pyproject.toml $$(test $$out = core || echo requirements/build.in) -o requirements/$$out.txt; done

clean:
	@rm -rf $(VENV)
