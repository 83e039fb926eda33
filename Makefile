# Needs Python 3.11 or newer and make. `make compare PYTHON=python3.13` chooses another Python.

PYTHON ?= python3
COMPARE_ARGS ?= casey_2022 --replications 3
LOCK_ARGS ?=

export PIP_DISABLE_PIP_VERSION_CHECK = 1
unexport PYTHONDONTWRITEBYTECODE  # slow imports otherwise, in every worker

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

compare: .venv/installed ## run the model and compare; COMPARE_ARGS says what
	.venv/bin/misconduct compare $(COMPARE_ARGS)

reference: .venv/installed ## play the reference study again (about a minute) and keep its main figures in results/reference
	rm -rf build/reference
	.venv/bin/misconduct compare casey_2022 --replications 3 --out build/reference
	rm -rf $(KEPT) && mkdir -p $(KEPT)/figures
	cp build/reference/casey_2022/*/run.json build/reference/casey_2022/*/headline.csv $(KEPT)/
	for table in summary differences; do \
		{ sed '/^[^#]/q' build/reference/casey_2022/*/$$table.csv; grep -h '/.*computing\|\(relative_rate\|regulation_13\).*,2021-22,.*computing' build/reference/casey_2022/*/$$table.csv \
		| grep -v 'share_finalised_within\|days_in_'; } > $(KEPT)/$$table.csv; done
	cp build/reference/casey_2022/*/figures/*.png build/reference/casey_2022/*/figures/*.csv $(KEPT)/figures/

surge: .venv/installed ## play the surge on old cases again (a minute or two) and keep its figure in results/surge
	rm -rf build/surge
	.venv/bin/misconduct compare today backlog_surge --world psu_saturated --world dps_saturated --replications 12 --out build/surge
	mkdir -p results/surge && cp build/surge/today/*/figures/clearance.png build/surge/today/*/figures/clearance.csv results/surge/

test: .venv-test/installed ## every check: lint, format, types, import arrows, tests
	.venv-test/bin/ruff check
	.venv-test/bin/ruff format --check
	.venv-test/bin/mypy
	.venv-test/bin/lint-imports
	.venv-test/bin/pytest -n 2

benchmark: .venv-benchmark/installed ## time both engines beside peers and a C program (needs a C compiler; several minutes)
	.venv-benchmark/bin/python -m benchmarks

agreement: .venv-test/installed ## play every world, and each reform in one of them, on both engines, row by row (about half an hour)
	PYTHONPATH=tests .venv-test/bin/python tests/every_reform.py results/agreement/agreement.csv

calibrate: .venv-test/installed ## fit what nobody publishes to published figures (under an hour; goes on where it was stopped), keep ensemble, tables and page
	.venv-test/bin/misconduct calibrate casey_2022 --out build/calibration
	cp build/calibration/casey_2022.csv build/calibration/casey_2022.json scenarios/calibration/
	mkdir -p results/calibration
	cd build/calibration && cp record.json bank.parquet identifiability.csv combinations.csv pairs.csv emulators.csv fit.csv ../../results/calibration/
	.venv-test/bin/python -m sim.report.calibration results/calibration docs/calibration.md

recovery: .venv-test/installed ## calibrate to 200 known truths from the kept bank, and see how often they are found
	.venv-test/bin/python -m sim.calibration.made results/calibration/bank.parquet results/recovery
	.venv-test/bin/python -m sim.report.calibration results/calibration docs/calibration.md

backtest: .venv/installed ## play the year after September 2022 and the switch of chairs against what was kept back (minutes); write docs/backtest.md
	.venv/bin/python -m sim.report.backtest

structure: .venv/installed ## play conflicts of the literature both ways (minutes); write docs/structure.md
	.venv/bin/python -m sim.report.structure

docs: .venv-test/installed ## write the pages again that are made from evidence, pathway and committed results: law, capacity, assurance, validation
	.venv-test/bin/python -m sim.scenario.rule_book
	.venv-test/bin/python -m sim.scenario.capacity
	.venv-test/bin/python -m sim.report.assurance
	.venv-test/bin/python -m sim.report.validation

check: .venv-test/installed ## hold casey_2022 against everything published, and keep what that found and its page (some minutes)
	rm -rf $(CHECKED) && mkdir -p $(CHECKED)
	.venv-test/bin/python -m sim check casey_2022 --replications 3 --out build/check --keep scenarios || true
	cp -r build/check/casey_2022/check/*.csv build/check/casey_2022/check/check.json build/check/casey_2022/check/figures $(CHECKED)/
	.venv-test/bin/python -m sim.report.validation

ignorance: .venv-test/installed ## write docs/ignorance.md and results/ignorance again (about five minutes; goes on where it was stopped)
	.venv-test/bin/misconduct ignorance casey_2022 --members 36 --page docs/ignorance.md --tables results/ignorance

examples: .venv-test/installed ## play the notebooks again and write what their cells say (about two minutes)
	.venv-test/bin/python tests/notebook.py examples/*.ipynb

lock: ## rewrite the locks; LOCK_ARGS=--upgrade takes the newest of everything
	@$(RECENT)
	$(PYTHON) -m venv --clear .venv-lock
	.venv-lock/bin/python -m pip install --quiet uv
	$(COMPILE) --group build --output-file requirements/run.txt
	$(COMPILE) --group build --group dev --extra calibrate --constraints requirements/run.txt --output-file requirements/test.txt
	$(COMPILE) --group build --group benchmark --constraints requirements/run.txt --output-file requirements/benchmark.txt

clean: ## remove environments and caches; results stay
	rm -rf .venv .venv-test .venv-benchmark .venv-lock .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	find sim tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

KEPT = results/reference
CHECKED = results/check

RECENT = $(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit( \
	"Python 3.11 or newer is needed; $(PYTHON) is %d.%d. Try: make PYTHON=python3.13" % v[:2])'

# One lock serves every platform and Python; hashes say what may be installed, not where it comes from.
COMPILE = .venv-lock/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --extra fast \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links $(LOCK_ARGS) pyproject.toml

# Wheels only: whatever is built on the spot would fetch its tools without a hash.
.venv/locked: requirements/run.txt
.venv-test/locked: requirements/test.txt
.venv-benchmark/locked: requirements/benchmark.txt
.venv/locked .venv-test/locked .venv-benchmark/locked:
	@$(RECENT)
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/python -m pip install --quiet --compile --require-hashes --only-binary :all: --requirement $<
	@touch $@

.venv/installed .venv-test/installed .venv-benchmark/installed: %/installed: %/locked pyproject.toml
	$(@D)/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.DEFAULT_GOAL := help
.PHONY: help compare reference surge test benchmark agreement calibrate recovery backtest structure check ignorance docs examples lock clean
