# Every command of the project. `make` alone lists them; what they do at length is in make/*.sh.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
NATIVE := build/native
JOBS := $(shell nproc 2>/dev/null || echo 2)
# How long `make fuzz` runs each target, in seconds.
FUZZ_SECONDS ?= 60
export VENV BIN NATIVE JOBS

-include tests/cluster/cluster.mk

##@ Using it

.PHONY: setup
setup: packages venv stubs native ## install what is missing; leaves excamera and xc in .venv/bin

.PHONY: demo
demo: setup ## encode the example clip with ExCamera[6,16] into demo-output.webm
	@make/demo.sh

##@ Working on it

.PHONY: test
test: setup packages-test native-tests emulator ## every test tier whose parts are here; names those left out
	@make/test.sh

.PHONY: check
check: setup packages-check ## formatting, lint, types, import arrows, generated files, hygiene
	@make/check.sh

.PHONY: format
format: venv packages-check ## rewrite all sources in the house format
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .
	@git ls-files -co --exclude-standard 'native/*.cpp' 'native/*.hpp' | xargs -r clang-format -i

.PHONY: bench
bench: setup packages-test ## compare with vpxenc, vpxdec and ffmpeg; of all SECTIONS, or of SECTIONS="codec memory"
	@$(BIN)/python -m bench $(SECTIONS)

.PHONY: chaos
chaos: setup packages-test ## disturb real jobs in every way that there is; prints the table of docs/reliability.md
	@$(BIN)/python -m tests.chaos $(CASES)

.PHONY: sanitize
sanitize: packages ## the native tests under AddressSanitizer, UBSan and ThreadSanitizer
	@make/sanitize.sh

.PHONY: arm
arm: packages packages-arm ## the codec compiled for aarch64, its tests under emulation
	@make/arm.sh

.PHONY: fuzz
fuzz: packages packages-check venv stubs ## run each fuzz target, native and Python, for FUZZ_SECONDS
	@native/fuzz/run.sh $(FUZZ_SECONDS)
	@tests/fuzz/run.sh $(FUZZ_SECONDS)

.PHONY: soak
soak: setup packages-test ## 50 jobs in a row with random faults; prints what is left of them
	@$(BIN)/python -m tests.soak

.PHONY: audit
audit: venv ## look the locked Python packages up among known vulnerabilities
	@make/audit.sh

.PHONY: sbom
sbom: venv ## what the lock file brings, as a CycloneDX bill of materials in build/
	@mkdir -p build
	@$(BIN)/python make/sbom.py --lock requirements.lock -o build/sbom.cdx.json
	@echo "build/sbom.cdx.json"

.PHONY: lock
lock: venv ## renew requirements*.lock from pyproject.toml
	@make/lock.sh

.PHONY: clean
clean: ## remove everything that the other targets have made, but what make cluster built
	@rm -rf $(VENV) $(NATIVE) build/sanitize build/sanitize-threads build/arm build/fuzz build/demo demo-output* bench-output build/bench
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@git clean -fdXq -- operator proto rendezvous worker tests

.PHONY: help
help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The parts of setup. Each costs a fraction of a second when there is nothing to do.

.PHONY: packages packages-test packages-check packages-arm
packages:
	@make/packages.sh build
packages-test:
	@make/packages.sh test
packages-check:
	@make/packages.sh check
packages-arm:
	@make/packages.sh arm

.PHONY: venv
venv: $(VENV)/.project

$(VENV)/.created: | packages
	@make/venv.sh $(VENV)

$(VENV)/.dependencies: requirements-dev.lock $(VENV)/.created
	@echo "Installing the Python packages of requirements-dev.lock into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

# The folders that the import packages lie in are linked, so that edits need no new installation.
$(VENV)/.project: pyproject.toml make/build_hook.py $(VENV)/.dependencies
	@echo "Installing excamera into $(VENV) (editable)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# For the tests only; seconds, and once.
.PHONY: emulator
emulator: venv
	@make/emulator.sh

.PHONY: stubs
stubs: venv
	@$(BIN)/python proto/generate.py

$(NATIVE)/build.ninja: native/CMakeLists.txt | packages
	@echo "Configuring $(NATIVE)"
	@cmake -S native -B $(NATIVE) -G Ninja -DCMAKE_BUILD_TYPE=Release -DXC_TESTS=ON >/dev/null

.PHONY: native native-tests
native: $(NATIVE)/build.ninja venv
	@ninja -C $(NATIVE) -j $(JOBS) --quiet xc | sed "/no work to do/d"
	@ln -sf ../../$(NATIVE)/xc $(BIN)/xc
native-tests: native
	@ninja -C $(NATIVE) -j $(JOBS) --quiet xc_tests | sed "/no work to do/d"
