# Each target sets itself up in .venv; nothing is needed but Python 3.11 or newer, and make.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
DEMO := runs/demo

.PHONY: demo test lint bench mutants fuzz clean
DEMO_FILES := $(wildcard data/demo/*/* data/presets/demo.toml data/presets/common.toml)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[all,dev]'
	touch $@

# Builds the data set, has it audited (by recorded sheets), builds it again without the rows
# that were judged wrong, and trains a small encoder on it.
demo: $(READY) $(DEMO)/run.toml
	$(BIN)/viconwsd run -c $(DEMO)/run.toml
	test -e $(DEMO)/audits/audit/key.json || $(BIN)/viconwsd audit sample -c $(DEMO)/run.toml
	$(BIN)/viconwsd audit import -c $(DEMO)/run.toml $(DEMO)/demo/audit/Lan.csv $(DEMO)/demo/audit/Minh.csv
	$(BIN)/viconwsd audit report -c $(DEMO)/run.toml
	$(BIN)/viconwsd run -c $(DEMO)/run.toml
	$(BIN)/viconwsd train -c $(DEMO)/run.toml
	$(BIN)/viconwsd evaluate -c $(DEMO)/run.toml

# Written again when the demo has changed: what was paid for, and what has not changed, stays.
$(DEMO)/run.toml: $(DEMO_FILES) | $(READY)
	$(BIN)/viconwsd init $(DEMO) --preset demo --force

# Three workers for two cores: many tests wait, for a server, a process, a browser.
test: $(READY)
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -q

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m benchmarks

# Makes 150 faults and more, one at a time, and asks whether a test notices: half an hour and more.
mutants: $(READY)
	$(BIN)/python -m tests.mutation

# Damages input in 2,000 seeded ways: each must be worked on, or refused in words.
fuzz: $(READY)
	$(BIN)/python -m tests.fuzz

clean:
	rm -rf $(DEMO)
